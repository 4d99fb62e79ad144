import type { FieldIndex } from '../../pipeline/season/field-index.ts';
import type { SeasonCurves } from '../../pipeline/season/season-curve.ts';

/** Steps of the main season: where it peaks, and where it is half-way up and down. */
export interface Phenology {
  readonly peak: number;
  /** last step before the peak that is below half of the rise */
  readonly greenUp: number;
  /** first step after the peak that is below half of the fall; the last one where there is none */
  readonly senescence: number;
  readonly peakValue: number;
  /** lowest value before and after the peak */
  readonly before: number;
  readonly after: number;
}

/**
 * The main season of a curve.
 *
 * @param curve NDVI or the like, a value a step
 * @param from first and last step that the peak may lie in; the rise begins at most `reach` steps before it
 */
export function phenologyOf(curve: Float64Array, [first, last]: readonly [number, number], reach: number): Phenology {
  let peak = first;
  for (let step = first; step <= last; step++) if (curve[step]! > curve[peak]!) peak = step;
  const start = Math.max(0, peak - reach);
  const before = curve.subarray(start, peak + 1).reduce((a, b) => Math.min(a, b));
  const after = curve.subarray(peak).reduce((a, b) => Math.min(a, b));
  const peakValue = curve[peak]!;
  let greenUp = peak;
  while (greenUp > start && curve[greenUp]! >= (before + peakValue) / 2) greenUp--;
  let senescence = peak;
  while (senescence + 1 < curve.length && curve[senescence]! >= (after + peakValue) / 2) senescence++;
  return { peak, greenUp, senescence, peakValue, before, after };
}

export interface AlignedInput {
  readonly indices: readonly FieldIndex[];
  /** steps that the peak may lie in */
  readonly peakWithin: readonly [number, number];
  /** steps before and after green-up that are features */
  readonly window: readonly [number, number];
}

/**
 * Features that do not move with the date of sowing: the season's shape, and each index in the steps about green-up.
 *
 * Wet ground about green-up (LSWI above NDVI, MNDWI, dark short-wave infrared) stands at the end.
 */
export function alignedFeatures({ curves }: SeasonCurves, { indices, peakWithin, window }: AlignedInput): Float32Array {
  const ndvi = curves.ndvi!;
  const { peak, greenUp, senescence, peakValue, before, after } = phenologyOf(ndvi, peakWithin, 12);
  const clamp = (step: number): number => Math.min(ndvi.length - 1, Math.max(0, step));
  const about = (curve: Float64Array, from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, k) => curve[clamp(greenUp + from + k)]!);
  const shape = [
    peak,
    peakValue,
    before,
    greenUp,
    senescence,
    senescence - greenUp,
    peakValue - before,
    peakValue - after,
  ];
  const windows = indices.flatMap((index) => about(curves[index]!, ...window));
  const wet = curves.lswi!.map((value, step) => value - ndvi[step]!);
  const [low, high] = [
    (values: readonly number[]) => Math.min(...values),
    (values: readonly number[]) => Math.max(...values),
  ];
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const flood = about(wet, -6, 3);
  const water = about(curves.mndwi!, -6, 3);
  const dark = about(curves.logSwir16!, -6, 3);
  const inSeason = (curve: Float64Array): number[] => [...curve.subarray(peakWithin[0], peakWithin[1])];
  return Float32Array.from([
    ...shape,
    ...windows,
    high(flood),
    mean(flood),
    high(water),
    mean(water),
    low(dark),
    mean(dark),
    low(inSeason(curves.logSwir16!)),
    high(inSeason(curves.mndwi!)),
    high(inSeason(wet)),
  ]);
}
