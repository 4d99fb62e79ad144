import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeKernel, kernelClass } from './kernel.ts';
import type { Bar } from './bar.ts';
import { foldsOfGroups, intervalOverGroups, scoreBinary } from './figure.ts';
import { fitTables, type Fit } from './fit.ts';

const optical = ['blue', 'green', 'red', 're1', 're2', 're3', 'nir', 'nira', 'swir1', 'swir2'];

interface Points {
  readonly rows: Float32Array[];
  readonly truth: boolean[];
  readonly lon: number[];
  readonly lat: number[];
}

/** Monthly values of points: logs of the optical bands, radar in dB and its difference. */
function readPoints(path: string): Points {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const at = new Map(head.split(',').map((name, i) => [name, i]));
  const points: Points = { rows: [], truth: [], lon: [], lat: [] };
  for (const line of lines) {
    const cells = line.split(',');
    const value = (name: string): number => Number(cells[at.get(name)!]);
    const monthly = (of: (month: string) => number): number[] =>
      Array.from({ length: 12 }, (_, month) => of(String(month + 1).padStart(2, '0')));
    points.rows.push(
      Float32Array.from([
        ...optical.flatMap((band) => monthly((month) => Math.log(Math.max(1, value(`${band}_${month}`))))),
        ...monthly((month) => value(`VH_${month}`)),
        ...monthly((month) => value(`VV_${month}`)),
        ...monthly((month) => value(`VV_${month}`) - value(`VH_${month}`)),
      ]),
    );
    points.truth.push(value('label') === 1);
    points.lon.push(value('lon'));
    points.lat.push(value('lat'));
  }
  return points;
}

/** Ponds against the rest: the method is tried by blocks on points that may not be learnt from; no table is kept. */
export async function aquacultureBars(data: string, work: string): Promise<readonly Bar[]> {
  const { rows, truth, lon, lat } = readPoints(join(data, 'aquaculture_series/series.csv'));
  const [degKm, seeds] = [111.2, [1, 2, 3]];
  const figures: number[] = [];
  let interval: readonly [number, number] | null = null;
  for (const blockKm of [10, 20])
    for (const seed of seeds) {
      const step = blockKm / degKm;
      const blocks = rows.map(
        (_, i) => `${Math.floor(lat[i]! / step)} ${Math.floor((lon[i]! * Math.cos((40 * Math.PI) / 180)) / step)}`,
      );
      const folds = foldsOfGroups(blocks, 5, seed);
      const fits = [0, 1, 2, 3, 4].map((fold): Fit => {
        const train = rows.flatMap((__, i) => (folds[i] === fold ? [] : [i]));
        const own = train.map((i) => (truth[i] ? 'pond' : 'other'));
        const settings = { gamma: 0.5, ridge: 0.1, landmarks: 5000 };
        return { name: `pond-${fold}`, kind: 'kernel', dataset: 'ponds', rows: train, labels: own, settings };
      });
      const tables = await fitTables(work, { ponds: rows }, fits);
      const found = rows.map(() => false);
      for (const fold of [0, 1, 2, 3, 4]) {
        const machine = decodeKernel(tables.get(`pond-${fold}`)!);
        rows.forEach((row, i) => {
          if (folds[i] === fold) found[i] = kernelClass(machine, row) === 'pond';
        });
      }
      figures.push(scoreBinary(truth, found).f1);
      interval ??= intervalOverGroups(truth, found, blocks);
    }
  return [
    {
      name: 'ponds, Kura lowland by blocks',
      value: figures.reduce((a, b) => a + b, 0) / figures.length,
      interval,
      least: 0.97,
      note: `F1, mean of blocks of 10 and 20 km, three draws of 5 folds each (${figures.map((f1) => f1.toFixed(3)).join(', ')}; interval of the first); optical and radar; random forest .976`,
    },
  ];
}
