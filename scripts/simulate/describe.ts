import { coverByRule } from '../../pipeline/pair/cover-rule.ts';
import { irmadProbability } from '../../pipeline/pair/irmad.ts';
import { estimateShift, fitPairStatistics, type PairBlock } from '../../pipeline/pair/statistics.ts';
import { vectorProbability } from '../../pipeline/pair/vectors.ts';
import { sampleWindows } from '../../pipeline/tile/sample.ts';
import type { Raster, Window } from '../../pipeline/types.ts';
import { simulatedBands } from './endmember.ts';
import type { Look } from './look.ts';
import { openLook } from './render.ts';
import { openSky, skyCodes } from './sky.ts';
import { openTruth } from './truth.ts';
import type { World } from './world.ts';

export interface Score {
  readonly name: string;
  /** at the fixed threshold */
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** at the threshold that suits this very pair best, which nobody knows beforehand */
  readonly bestF1: number;
}

export interface Difficulty {
  /** px a side of the part that was scored */
  readonly sizePx: number;
  readonly changedFraction: number;
  readonly observedFraction: number;
  readonly scores: readonly Score[];
  /** whether IR-MAD stays at or below 0.6 and class differencing at or below 0.3 */
  readonly isHardEnough: boolean;
}

/** Targets that were fixed before any network was trained on the simulator. */
export const difficultyTargets = { irmad: 0.6, classes: 0.3 } as const;

const mostPx = 1024;

/** How far known methods get on the first and the last look, against the truth, cloud and shadow left out. */
export function describeDifficulty(world: World): Difficulty {
  const sizePx = Math.min(world.sizePx, mostPx);
  const [first, last] = [world.looks[0]!, world.looks.at(-1)!];
  const before = reflectance(world, first, sizePx);
  const unmoved = reflectance(world, last, sizePx);
  const { gsdM, subPx } = world.sensor;
  const truth = openTruth(world, { gsdM, subPx, sizePx: world.sizePx, days: [first.day, last.day] });
  const change = cropRows(truth({ fromRow: 0, count: sizePx }).change, world.sizePx, sizePx);
  const evidence = simulatedBands.slice(0, world.sensor.bands);
  const shift = estimateShift(blocksOf(before, unmoved), evidence);
  const after = shift.isApplied ? moved(unmoved, shift.colPx, shift.rowPx) : unmoved;
  const statistics = fitPairStatistics(blocksOf(before, after), { shift, evidence, before: evidence, after: evidence });
  const irmad = irmadProbability(before, after, statistics);
  const vectors = vectorProbability(before, after, statistics);
  const [from, into] = [coverByRule(before, statistics, 'before'), coverByRule(after, statistics, 'after')];
  const differs = Float32Array.from(from, (code, i) => (code === into[i] ? 0 : 1));
  const regrouped = Float32Array.from(from, (code, i) => (groupOf[code] === groupOf[into[i]!] ? 0 : 1));
  const isSeen = Uint8Array.from(irmad, (value) => (Number.isNaN(value) ? 0 : 1));
  const scores = [
    scoreOf('IR-MAD', irmad, change, isSeen),
    scoreOf('change vectors', vectors, change, isSeen),
    scoreOf('class differencing, six classes', differs, change, isSeen),
    scoreOf('class differencing, water / plants / artificial', regrouped, change, isSeen),
  ];
  const share = (count: (at: number) => boolean): number => isSeen.filter((_, i) => count(i)).length / isSeen.length;
  return {
    sizePx,
    changedFraction: share((i) => change[i]! > 0),
    observedFraction: share((i) => isSeen[i] === 1),
    scores,
    isHardEnough:
      scores[0]!.f1 <= difficultyTargets.irmad &&
      scores[2]!.f1 <= difficultyTargets.classes &&
      scores[3]!.f1 <= difficultyTargets.classes,
  };
}

/** Water, plants, artificial by code of `cover-6`. */
const groupOf = [0, 1, 1, 1, 2, 2, 3] as const;

function cropRows(rows: Uint8Array, width: number, sizePx: number): Uint8Array {
  const out = new Uint8Array(sizePx * sizePx);
  for (let row = 0; row < sizePx; row++) out.set(rows.subarray(row * width, row * width + sizePx), row * sizePx);
  return out;
}

/** The upper left part of a look as reflectance, NaN under cloud and in shadow. */
function reflectance(world: World, look: Look, sizePx: number): Raster<Float32Array> {
  const { sensor, sketch, sideM } = world;
  const sky = openSky(look, { seed: sketch.seed, sideM });
  const renderer = openLook(world, look, { sensor, sky, sizePx: world.sizePx });
  const data = new Float32Array(sensor.bands * sizePx * sizePx);
  const step = 64;
  for (let fromRow = 0; fromRow < sizePx; fromRow += step) {
    const count = Math.min(step, sizePx - fromRow);
    const rows = renderer.rows(fromRow, count);
    for (let band = 0; band < sensor.bands; band++)
      for (let row = 0; row < count; row++)
        for (let col = 0; col < sizePx; col++) {
          const dn = rows[(band * count + row) * world.sizePx + col]!;
          const code = sky.code((col + 0.5) * sensor.gsdM, sideM - (fromRow + row + 0.5) * sensor.gsdM);
          const at = (band * sizePx + fromRow + row) * sizePx + col;
          data[at] = code === skyCodes.clear ? dn / 10_000 : Number.NaN;
        }
  }
  return { data, width: sizePx, height: sizePx, bands: sensor.bands };
}

/** Bilinear, the shift added to the sampling position; NaN beyond the edge. */
function moved(
  { data, width, height, bands }: Raster<Float32Array>,
  colPx: number,
  rowPx: number,
): Raster<Float32Array> {
  const out = new Float32Array(data.length).fill(Number.NaN);
  for (let band = 0; band < bands; band++)
    for (let row = 0; row < height; row++)
      for (let col = 0; col < width; col++) {
        const [x, y] = [col + colPx, row + rowPx];
        const [left, top] = [Math.floor(x), Math.floor(y)];
        if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) continue;
        const at = (band * height + top) * width + left;
        const [s, t] = [x - left, y - top];
        const upper = data[at]! * (1 - s) + data[at + 1]! * s;
        const lower = data[at + width]! * (1 - s) + data[at + width + 1]! * s;
        out[(band * height + row) * width + col] = upper * (1 - t) + lower * t;
      }
  return { data: out, width, height, bands };
}

function blocksOf(before: Raster<Float32Array>, after: Raster<Float32Array>): PairBlock[] {
  return sampleWindows({ width: before.width, height: before.height }, 64).map((window) => {
    const [a, b] = [cut(before, window), cut(after, window)];
    const pixels = window.width * window.height;
    const observed = new Uint8Array(pixels).map((_, i) => (Number.isNaN(a.data[i]! + b.data[i]!) ? 0 : 1));
    return { before: a, after: b, observed };
  });
}

function cut(raster: Raster<Float32Array>, { col, row, width, height }: Window): Raster<Float32Array> {
  const data = new Float32Array(raster.bands * width * height);
  for (let band = 0; band < raster.bands; band++)
    for (let r = 0; r < height; r++) {
      const from = (band * raster.height + row + r) * raster.width + col;
      data.set(raster.data.subarray(from, from + width), (band * height + r) * width);
    }
  return { data, width, height, bands: raster.bands };
}

const threshold = 0.5;
const bins = 200;

function scoreOf(name: string, probability: Float32Array, change: Uint8Array, isSeen: Uint8Array): Score {
  const hits = new Float64Array(bins + 1);
  const alarms = new Float64Array(bins + 1);
  let truth = 0;
  for (let i = 0; i < probability.length; i++) {
    if (isSeen[i] === 0) continue;
    const bin = Math.floor(Math.min(1, Math.max(0, probability[i]!)) * bins);
    if (change[i]! > 0) {
      truth++;
      hits[bin]!++;
    } else alarms[bin]!++;
  }
  const at = (from: number): { readonly f1: number; readonly precision: number; readonly recall: number } => {
    let [hit, alarm] = [0, 0];
    for (let bin = from; bin <= bins; bin++) {
      hit += hits[bin]!;
      alarm += alarms[bin]!;
    }
    const [precision, recall] = [hit / Math.max(1, hit + alarm), hit / Math.max(1, truth)];
    return { precision, recall, f1: (2 * hit) / Math.max(1, hit + alarm + truth) };
  };
  const bestF1 = Math.max(...Array.from({ length: bins }, (_, i) => at(i + 1).f1));
  return { name, ...at(threshold * bins), bestF1 };
}
