import { fieldMix } from './calendar.ts';
import { covers } from './cover.ts';
import { yearDay } from './day.ts';
import { endmembers, type EndmemberName, type Spectrum } from './endmember.ts';
import { fieldStateOn } from './field-state.ts';
import { hashFraction } from './random.ts';
import { rowMix, standingMix } from './standing.ts';

/** Bands of `simulatedBands`. */
export const bandCount = 6;

const spectrumOf = new Map<string, Spectrum>(
  Object.entries(endmembers).map(([name, { reflectance }]) => [name, reflectance]),
);

export interface PlotsToPaint {
  readonly seed: number;
  readonly coverOf: Uint8Array;
  readonly parcelOf: Int32Array;
}

/** Bell-shaped in about -2..2, standard deviation 1. */
const bell = (seed: number, a: number, b: number, c = 0): number =>
  (hashFraction(seed, a, b, c) + hashFraction(seed, a, b, c + 9001) + hashFraction(seed, a, b, c + 18_001) - 1.5) * 2;

/**
 * Surface reflectance of every plot on one day, before air and sensor.
 *
 * @param day day number (days since 1970-01-01)
 * @param part of what stands in rows: the rows alone, or what lies between them
 * @returns `[plot][band]`, `bandCount` values a plot
 */
export function plotSpectra(
  { seed, coverOf, parcelOf }: PlotsToPaint,
  day: number,
  part: 'whole' | 'on' | 'off' = 'whole',
): Float32Array {
  const { year, day: ofYear } = yearDay(day);
  const wetness = 0.25 + 0.6 * hashFraction(seed, 41, day);
  const out = new Float32Array(coverOf.length * bandCount);
  for (let plot = 0; plot < coverOf.length; plot++) {
    const { name, vary } = covers[coverOf[plot]!]!;
    const isField = name === 'paddy' || name === 'upland';
    const at = { seed, plot, year, day: ofYear, wetness };
    const mix = isField
      ? fieldMix(fieldStateOn({ seed, kind: name, plot, parcel: parcelOf[plot]! }, year, wetness), ofYear)
      : part === 'whole'
        ? standingMix(name, at)
        : rowMix(name, at)[part];
    const lasting = vary * bell(seed, plot, 51);
    const passing = (isField ? 0.7 : 0.25) * vary * bell(seed, plot, 52, day);
    const tilt = 0.05 * bell(seed, plot, 53, isField ? year : 0);
    const light = Math.max(0.4, 1 + lasting + passing);
    for (const surface in mix) {
      const share = mix[surface as EndmemberName]!;
      if (share === 0) continue;
      const spectrum = spectrumOf.get(surface)!;
      for (let band = 0; band < bandCount; band++)
        out[plot * bandCount + band]! += share * spectrum[band]! * light * (1 + tilt * (band - 2.5) * 0.4);
    }
  }
  return out;
}

/** Spectra of land and of changes, one after the other. */
export function joined(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
