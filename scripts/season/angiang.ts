import { join } from 'node:path';
import { indexOf } from '../../pipeline/season/field-index.ts';
import { decodeKernel, kernelClass } from './kernel.ts';
import type { Bar } from './bar.ts';
import { bridgeGaps } from './belgium.ts';
import { foldsOfGroups, intervalOverGroups, scoreBinary } from './figure.ts';
import { fitTables, type Fit } from './fit.ts';
import { readNpz } from './npz.ts';

/** Scene classes of Sentinel-2 that hide the ground: shadow, clouds, cirrus. */
const hidden = new Set([0, 1, 3, 8, 9, 10]);
const indices = ['ndvi', 'lswi', 'mndwi', 'logSwir16'] as const;

/** Middle 3 × 3 pixels of each window and date: means of those that were seen. */
function readWindows(path: string): {
  readonly rows: Float32Array[];
  readonly truth: boolean[];
  readonly cells: readonly string[];
} {
  const arrays = readNpz(path);
  const { numbers, shape } = arrays.get('X')!;
  const [count = 0, dates = 0, bands = 0, side = 0] = shape;
  const names = arrays.get('bands')!.texts!;
  const at = (name: string): number => names.indexOf(name);
  const rows = Array.from({ length: count }, (_, point) => {
    const valueOf = (date: number, name: string, k: number): number => {
      const [row, col] = [3 + Math.floor(k / 3), 3 + (k % 3)];
      return numbers![(((point * dates + date) * bands + at(name)) * side + row) * side + col]!;
    };
    const looks = Array.from({ length: dates }, (__, date) => {
      const seen = Array.from({ length: 9 }, (___, k) => k).filter((k) => !hidden.has(valueOf(date, 'SCL', k)));
      const mean = (name: string): number =>
        seen.length === 0
          ? Number.NaN
          : seen.reduce((sum, k) => sum + valueOf(date, name, k), 0) / seen.length / 10_000;
      return { green: mean('B03'), red: mean('B04'), nir: mean('B08'), swir16: mean('B11') };
    });
    return Float32Array.from(indices.flatMap((index) => bridgeGaps(looks.map((look) => indexOf(index, look)))));
  });
  return {
    rows,
    truth: arrays.get('label')!.texts!.map((label) => label === 'Rice'),
    cells: arrays.get('cell')!.texts!,
  };
}

/** Rice against the rest in the Mekong delta: the method is tried by cells on points that may not be learnt from. */
export async function angiangBars(data: string, work: string): Promise<readonly Bar[]> {
  const { rows, truth, cells } = readWindows(join(data, 'angiang_rice/angiang_9x9.npz'));
  const folds = foldsOfGroups(cells, 5, 1);
  const fits = [0, 1, 2, 3, 4].map((fold): Fit => {
    const train = rows.flatMap((_, i) => (folds[i] === fold ? [] : [i]));
    const labels = train.map((i) => (truth[i] ? 'rice' : 'other'));
    const settings = { gamma: 0.5, ridge: 0.5, landmarks: 5000 };
    return { name: `angiang-${fold}`, kind: 'kernel', dataset: 'angiang', rows: train, labels, settings };
  });
  const tables = await fitTables(work, { angiang: rows }, fits);
  const found = rows.map(() => false);
  for (const fold of [0, 1, 2, 3, 4]) {
    const machine = decodeKernel(tables.get(`angiang-${fold}`)!);
    rows.forEach((row, i) => {
      if (folds[i] === fold) found[i] = kernelClass(machine, row) === 'rice';
    });
  }
  const { f1, precision, recall } = scoreBinary(truth, found);
  return [
    {
      name: 'rice, An Giang by cells',
      value: f1,
      interval: intervalOverGroups(truth, found, cells),
      least: null,
      note: `F1; precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}; ${rows.length} points in ${new Set(cells).size} cells, 11 dates, 5 folds`,
    },
  ];
}
