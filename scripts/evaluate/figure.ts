import { changeScale } from '../../pipeline/types.ts';
import { alarmsAt, hitsAt, scoresOf, type Filter, type Hits, type Tally } from './tally.ts';

/** Fractions 0..1; null where nothing was there to be measured on. */
export interface Score {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly iou: number | null;
}

export function scoreOf({ hit, flagged, changed }: Pick<Hits, 'hit' | 'flagged' | 'changed'>): Score {
  return {
    precision: flagged === 0 ? null : hit / flagged,
    recall: changed === 0 ? null : hit / changed,
    f1: changed === 0 ? null : (2 * hit) / (flagged + changed),
    iou: changed === 0 ? null : hit / (flagged + changed - hit),
  };
}

export function sumHits(all: readonly Hits[]): Hits {
  const sum = { hit: 0, flagged: 0, changed: 0, unchanged: 0 };
  for (const { hit, flagged, changed, unchanged } of all) {
    sum.hit += hit;
    sum.flagged += flagged;
    sum.changed += changed;
    sum.unchanged += unchanged;
  }
  return sum;
}

/** Pixels flagged at every threshold 0..250, from the highest score down. */
function ladder(tally: Tally, filter: Filter): { readonly hit: Float64Array; readonly flagged: Float64Array } {
  const [quiet, changed] = scoresOf(tally, filter);
  const [hit, flagged] = [Float64Array.from(changed), changed.map((count, i) => count + quiet[i]!)];
  for (let bin = changeScale - 1; bin >= 0; bin--) {
    hit[bin]! += hit[bin + 1]!;
    flagged[bin]! += flagged[bin + 1]!;
  }
  return { hit, flagged };
}

/** The threshold (1..250) of the best F1 on these labels: what a method could reach if somebody told it the truth. */
export function bestThreshold(tally: Tally, filter: Filter): number {
  const { hit, flagged } = ladder(tally, filter);
  const { changed } = hitsAt(tally, filter, changeScale);
  let [best, bestF1] = [changeScale, -1];
  for (let threshold = 1; threshold <= changeScale; threshold++) {
    const f1 = (2 * hit[threshold]!) / (flagged[threshold]! + changed);
    if (f1 > bestF1) [best, bestF1] = [threshold, f1];
  }
  return best;
}

/** The highest threshold (1..250) that still finds this share of the true change; null where none does. */
export function thresholdOfRecall(tally: Tally, filter: Filter, recall: number): number | null {
  const { hit } = ladder(tally, filter);
  const { changed } = hitsAt(tally, filter, changeScale);
  if (changed === 0) return null;
  for (let threshold = changeScale; threshold >= 1; threshold--)
    if (hit[threshold]! >= recall * changed) return threshold;
  return null;
}

/** Ground (m²) that did not change, and what of it is flagged. */
export interface Alarms {
  readonly unchangedM2: number;
  readonly flaggedM2: number;
}

/**
 * @param covers positions in the class map, the count of classes = unknown
 * @param pixelM2 mean area of a pixel (m²)
 */
export function alarmsOf(
  tally: Tally,
  filter: Filter,
  {
    threshold,
    covers,
    pixelM2,
  }: { readonly threshold: number; readonly covers: readonly number[]; readonly pixelM2: number },
): Alarms {
  let [unchangedM2, flaggedM2] = [0, 0];
  for (const cover of covers) {
    const { unchanged, flagged } = alarmsAt(tally, filter, threshold, cover);
    unchangedM2 += unchanged * pixelM2;
    flaggedM2 += flagged * pixelM2;
  }
  return { unchangedM2, flaggedM2 };
}

/** Flagged km² in 1,000 km² of unchanged ground; null without such ground. */
export function per1000Km2(all: readonly Alarms[]): number | null {
  const unchanged = all.reduce((sum, { unchangedM2 }) => sum + unchangedM2, 0);
  return unchanged === 0 ? null : (1000 * all.reduce((sum, { flaggedM2 }) => sum + flaggedM2, 0)) / unchanged;
}

export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly pixels: number;
  readonly said: number;
  readonly found: number;
}

const reliabilityBins = 10;

/** Said probability against found change, in ten bins; and the expected calibration error (0..1), null without pixels. */
export function reliabilityOf(
  tallies: readonly Tally[],
  filter: Filter,
): { readonly ece: number | null; readonly bins: readonly ReliabilityBin[] } {
  const sums = Array.from({ length: reliabilityBins }, () => ({ pixels: 0, said: 0, found: 0 }));
  for (const tally of tallies) {
    const [quiet, changed] = scoresOf(tally, filter);
    for (let score = 0; score <= changeScale; score++) {
      const bin = sums[Math.min(reliabilityBins - 1, Math.floor((score * reliabilityBins) / changeScale))]!;
      const pixels = quiet[score]! + changed[score]!;
      bin.pixels += pixels;
      bin.said += (pixels * score) / changeScale;
      bin.found += changed[score]!;
    }
  }
  const total = sums.reduce((sum, { pixels }) => sum + pixels, 0);
  const bins = sums.flatMap(({ pixels, said, found }, i) =>
    pixels === 0
      ? []
      : [
          {
            from: i / reliabilityBins,
            to: (i + 1) / reliabilityBins,
            pixels,
            said: said / pixels,
            found: found / pixels,
          },
        ],
  );
  const ece = bins.reduce((sum, { pixels, said, found }) => sum + (pixels * Math.abs(said - found)) / total, 0);
  return { ece: total === 0 ? null : ece, bins };
}

const resamples = 1000;
/** Fewer places say nothing of other places. */
export const fewestPlaces = 3;

/**
 * 95 % interval of a figure by resampling places, not pixels; seeded.
 *
 * @param figureOf of as many places, some drawn more than once
 * @returns null of fewer than three places, or where a draw in ten has no figure
 */
export function bootstrap<T>(
  places: readonly T[],
  figureOf: (drawn: readonly T[]) => number | null,
): readonly [number, number] | null {
  if (places.length < fewestPlaces) return null;
  let state = 20261126;
  // the high bits alone: the low ones of such a generator alternate
  const draw = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * places.length);
  };
  const values = Array.from({ length: resamples }, () => figureOf(places.map(() => places[draw()]!)))
    .filter((value) => value !== null)
    .toSorted((a, b) => a - b);
  if (values.length < 0.9 * resamples) return null;
  return [values[Math.floor(0.025 * values.length)]!, values[Math.ceil(0.975 * values.length) - 1]!];
}
