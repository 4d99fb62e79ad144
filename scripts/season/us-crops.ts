import { join } from 'node:path';
import { fieldIndexNames, type FieldIndex } from '../../pipeline/season/field-index.ts';
import { decodeForest, forestShares } from './forest.ts';
import { decodeKernel, kernelValues } from './kernel.ts';
import { dayNumber } from '../../pipeline/season/parcel-series.ts';
import { alignedFeatures } from './phenology.ts';
import { seasonCurves, type SeasonCurves } from '../../pipeline/season/season-curve.ts';
import type { BandName } from '../../pipeline/types.ts';
import type { Bar } from './bar.ts';
import { foldsOfGroups, intervalOverGroups, otsu, scoreBinary } from './figure.ts';
import { fitTables, type Fit } from './fit.ts';
import { readNpz } from './npz.ts';

const bandOf: Readonly<Record<string, BandName>> = {
  B2: 'blue',
  B3: 'green',
  B4: 'red',
  B8: 'nir',
  B5: 'rededge071',
  B6: 'rededge075',
  B7: 'rededge078',
  B8A: 'nir08',
  B11: 'swir16',
  B12: 'swir22',
};
const indices = fieldIndexNames.filter((name) => name !== 'greenRed' && name !== 'ndyi');

export interface UsPixels {
  readonly curves: readonly SeasonCurves[];
  readonly labels: readonly string[];
  /** half-degree block of each pixel */
  readonly blocks: readonly string[];
}

/** Pixels of one state as smooth curves over 36 steps of ten days. */
export function readState(path: string): UsPixels {
  const arrays = readNpz(path);
  const [values, valid, label] = ['X', 'valid', 'label'].map((name) => arrays.get(name)!.numbers!) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [lon, lat] = [arrays.get('lon')!.numbers!, arrays.get('lat')!.numbers!];
  const [names, dates, bands] = ['label_names', 'dates', 'bands'].map((name) => arrays.get(name)!.texts!) as [
    readonly string[],
    readonly string[],
    readonly string[],
  ];
  const steps = { firstDay: dayNumber(dates[0]!), steps: dates.length, stepDays: 10, lambda: 2 };
  const curves = Array.from(label, (_, pixel) => {
    const series: Partial<Record<BandName, Float32Array>> = {};
    bands.forEach((band, b) => {
      series[bandOf[band]!] = Float32Array.from(dates, (__, step) => {
        const at = pixel * dates.length + step;
        return valid[at] === 1 ? values[at * bands.length + b]! / 10_000 : Number.NaN;
      });
    });
    return seasonCurves({ dates, bands: series }, steps, indices);
  });
  const block = (i: number): string => `${Math.floor(lat[i]! * 2)} ${Math.floor(lon[i]! * 2)}`;
  return { curves, labels: Array.from(label, (code) => names[code]!), blocks: Array.from(label, (_, i) => block(i)) };
}

const curveRow = ({ curves }: SeasonCurves, wanted: readonly FieldIndex[], every = 1): Float32Array =>
  Float32Array.from(wanted.flatMap((name) => [...curves[name]!].filter((_, step) => step % every === every - 1)));

const aligned = { indices, peakWithin: [12, 29], window: [-8, 14] } as const;

/** Each feature less its mean, over its deviation: of the state's own pixels, whose labels are not looked at. */
function standardise(rows: readonly Float32Array[]): Float32Array[] {
  const columns = rows[0]!.length;
  const [mean, square] = [new Float64Array(columns), new Float64Array(columns)];
  for (const row of rows) row.forEach((value, k) => (mean[k]! += value / rows.length));
  for (const row of rows) row.forEach((value, k) => (square[k]! += (value - mean[k]!) ** 2 / rows.length));
  return rows.map((row) => row.map((value, k) => (value - mean[k]!) / (Math.sqrt(square[k]!) || 1)));
}

/** Rice against the rest, learnt in one state and told in the other. */
export async function riceBars(
  states: Readonly<Record<'arkansas' | 'california', UsPixels>>,
  work: string,
): Promise<readonly Bar[]> {
  const names = ['arkansas', 'california'] as const;
  const datasets: Record<string, readonly Float32Array[]> = {};
  const fits: Fit[] = [];
  for (const name of names) {
    const { curves, labels } = states[name];
    datasets[`${name}-curves`] = curves.map((each) => curveRow(each, indices));
    datasets[`${name}-aligned`] = standardise(curves.map((each) => alignedFeatures(each, aligned)));
    for (const kind of ['curves', 'aligned'])
      fits.push({
        name: `${name}-${kind}`,
        kind: 'forest',
        dataset: `${name}-${kind}`,
        rows: labels.map((_, i) => i),
        labels: labels.map((label) => (label === 'Rice' ? 'rice' : 'other')),
        settings: { trees: 120, leaf: 3, weights: 'balanced' },
      });
  }
  const tables = await fitTables(work, datasets, fits);
  return names.map((from) => {
    const to = from === 'arkansas' ? 'california' : 'arkansas';
    const scores = states[to].labels.map(() => 0);
    for (const kind of ['curves', 'aligned']) {
      const forest = decodeForest(tables.get(`${from}-${kind}`)!);
      const rice = forest.classes.indexOf('rice');
      datasets[`${to}-${kind}`]!.forEach((row, i) => (scores[i]! += forestShares(forest, row)[rice]! / 2));
    }
    const threshold = otsu(scores);
    const truth = states[to].labels.map((label) => label === 'Rice');
    const found = scores.map((score) => score > threshold);
    const { f1, precision, recall } = scoreBinary(truth, found);
    const plain = scoreBinary(
      truth,
      scores.map((score) => score > 0.5),
    ).f1;
    return {
      name: `rice, ${from} to ${to}`,
      value: f1,
      interval: intervalOverGroups(truth, found, states[to].blocks),
      least: from === 'arkansas' ? 0.95 : 0.75,
      note: `F1; precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}; transductive: features standardised by the other state's unlabelled pixels, threshold ${threshold.toFixed(2)} by Otsu on its scores (at 0.5: ${plain.toFixed(3)}); random forest ${from === 'arkansas' ? '.94' : '.44'}`,
    };
  });
}

/** Orchards (almonds, pistachios) against the rest, Californian blocks of half a degree in five folds. */
export async function orchardBars({ curves, labels, blocks }: UsPixels, work: string): Promise<readonly Bar[]> {
  const rows = curves.map((each) => curveRow(each, indices, 2));
  const truth = labels.map((label) => label === 'Almonds' || label === 'Pistachios');
  const folds = foldsOfGroups(blocks, 5, 1);
  const fits = [0, 1, 2, 3, 4].flatMap((fold): readonly Fit[] => {
    const train = rows.flatMap((_, i) => (folds[i] === fold ? [] : [i]));
    const own = train.map((i) => (truth[i] ? 'orchard' : 'other'));
    const common = { dataset: 'orchard', rows: train, labels: own };
    const kernel = { gamma: 1, ridge: 0.3, landmarks: 1500, weights: { orchard: 3 } };
    const forest = { trees: 80, leaf: 2, features: 0.15, weights: 'balanced' };
    return [
      { ...common, name: `orchard-kernel-${fold}`, kind: 'kernel', settings: kernel },
      { ...common, name: `orchard-forest-${fold}`, kind: 'forest', settings: forest },
    ];
  });
  const tables = await fitTables(work, { orchard: rows }, fits);
  const found = rows.map(() => false);
  for (const fold of [0, 1, 2, 3, 4]) {
    const machine = decodeKernel(tables.get(`orchard-kernel-${fold}`)!);
    const forest = decodeForest(tables.get(`orchard-forest-${fold}`)!);
    const [k, f] = [machine.classes.indexOf('orchard'), forest.classes.indexOf('orchard')];
    rows.forEach((row, i) => {
      if (folds[i] !== fold) return;
      found[i] = (kernelValues(machine, row)[k]! + 1) / 4 + forestShares(forest, row)[f]! / 2 > 0.5;
    });
  }
  const { f1, precision, recall } = scoreBinary(truth, found);
  return [
    {
      name: 'orchard, California by blocks',
      value: f1,
      interval: intervalOverGroups(truth, found, blocks),
      least: 0.75,
      note: `F1; precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}; ${new Set(blocks).size} half-degree blocks, 5 folds; random forest .66`,
    },
  ];
}

export const usPaths = (data: string): Readonly<Record<'arkansas' | 'california', string>> => ({
  arkansas: join(data, 'crop_series_us/arkansas_2021_dekads.npz'),
  california: join(data, 'crop_series_us/california_2021_dekads.npz'),
});
