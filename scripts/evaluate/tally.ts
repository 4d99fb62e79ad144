import { changeScale } from '../../pipeline/types.ts';
import type { ClassMap } from '../../pipeline/types.ts';
import type { JudgedChunk } from './judged-chunk.ts';
import { labelCode } from './label-value.ts';

/** The whole decision, and each of its voices alone. */
export const methods = ['product', 'network', 'irmad', 'vectors'] as const;
export type Method = (typeof methods)[number];
/** Scores are counted in the steps of `change.tif`. */
const bins = changeScale + 1;

/** Labelled and observed pixels of a place, counted so that every figure follows without the pixels. */
export interface Tally {
  readonly classCount: number;
  /** `[method][changed into what counts 0/1][truth unchanged 0, changed 1][cover before, the last unknown][score]` */
  readonly counts: Float64Array;
  /** as shipped: `[0 not flagged, 1 + k flagged as into class k][0 unchanged, 1 changed, 2 + k changed into class k]` */
  readonly confusion: Float64Array;
  /** px with a label, observed or not */
  labelled: number;
  /** px with a label that were not observed, so not scored */
  unobserved: number;
}

export function emptyTally(classCount: number): Tally {
  return {
    classCount,
    counts: new Float64Array(methods.length * 4 * (classCount + 1) * bins),
    confusion: new Float64Array((classCount + 1) * (classCount + 2)),
    labelled: 0,
    unobserved: 0,
  };
}

export interface TallyOptions {
  readonly classMap: ClassMap;
  /** names of the classes that count as change; null = all */
  readonly into: readonly string[] | null;
  /** 1..250 */
  readonly threshold: number;
}

/** What became of a labelled pixel. */
export const outcome = { ignored: 0, quiet: 1, found: 2, missed: 3, wrong: 4, unobserved: 5 } as const;

const rowOf = (tally: Tally, method: number, isInto: number, isChanged: number, cover: number): number =>
  (((method * 2 + isInto) * 2 + isChanged) * (tally.classCount + 1) + cover) * bins;

/**
 * Count a chunk.
 *
 * @param labels codes of `labelCode`, of the chunk's `keep`
 * @returns codes of `outcome` as shipped, of the chunk's `keep`
 */
export function countChunk(tally: Tally, chunk: JudgedChunk, labels: Uint8Array, options: TallyOptions): Uint8Array {
  const { classMap, into, threshold } = options;
  const positions = new Int16Array(256).fill(-1);
  classMap.classes.forEach(({ code }, at) => (positions[code] = at));
  const counts = classMap.classes.map(({ name }) => into === null || into.includes(name));
  const out = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    // a change into what does not count is no change and no quiet ground either
    if (label === labelCode.ignored || (label >= labelCode.intoFirst && !counts[label - labelCode.intoFirst])) continue;
    tally.labelled++;
    const score = chunk.change[i]!;
    if (score > changeScale) {
      tally.unobserved++;
      out[i] = outcome.unobserved;
      continue;
    }
    const isChanged = label === labelCode.unchanged ? 0 : 1;
    const at = positions[chunk.into[i]!]!;
    const isInto = at >= 0 && counts[at] ? 1 : 0;
    const before = positions[chunk.classesBefore[i]!]!;
    const cover = before < 0 ? tally.classCount : before;
    tally.counts[rowOf(tally, 0, isInto, isChanged, cover) + score]!++;
    tally.counts[rowOf(tally, 1, isInto, isChanged, cover) + binOf(chunk.voices.network[i]!)]!++;
    tally.counts[rowOf(tally, 2, isInto, isChanged, cover) + binOf(chunk.voices.irmad[i]!)]!++;
    tally.counts[rowOf(tally, 3, isInto, isChanged, cover) + binOf(chunk.voices.vectors[i]!)]!++;
    const isFlagged = score >= threshold;
    const said = isFlagged && at >= 0 ? at + 1 : 0;
    tally.confusion[said * (tally.classCount + 2) + label - labelCode.unchanged]!++;
    const isHit = isFlagged && isInto === 1;
    out[i] = isHit
      ? isChanged === 1
        ? outcome.found
        : outcome.wrong
      : isChanged === 1
        ? outcome.missed
        : outcome.quiet;
  }
  return out;
}

/** A score of at least k/250 has a bin of at least k; NaN counts as no sign of change. */
const binOf = (score: number): number =>
  score > 0 ? Math.min(changeScale, Math.floor(score * changeScale + 1e-4)) : 0;

/** Pixels at a threshold. */
export interface Hits {
  readonly hit: number;
  readonly flagged: number;
  readonly changed: number;
  readonly unchanged: number;
}

export interface Filter {
  readonly method: Method;
  /** only what changed into classes that count is flagged */
  readonly isFiltered: boolean;
}

/** Sum of the scores of at least `from`, by truth; all covers, or one. */
function above(tally: Tally, { method, isFiltered }: Filter, truth: 0 | 1, from: number, only?: number): number {
  const m = methods.indexOf(method);
  let sum = 0;
  for (const isInto of isFiltered ? [1] : [0, 1])
    for (let cover = only ?? 0; cover <= (only ?? tally.classCount); cover++) {
      const row = rowOf(tally, m, isInto, truth, cover);
      for (let bin = from; bin < bins; bin++) sum += tally.counts[row + bin]!;
    }
  return sum;
}

/** @param threshold 1..250: flagged where the score reaches it */
export function hitsAt(tally: Tally, filter: Filter, threshold: number): Hits {
  const all = { ...filter, isFiltered: false };
  const hit = above(tally, filter, 1, threshold);
  return {
    hit,
    flagged: hit + above(tally, filter, 0, threshold),
    changed: above(tally, all, 1, 0),
    unchanged: above(tally, all, 0, 0),
  };
}

/** Unchanged pixels of one cover, and those of them that are flagged. */
export function alarmsAt(
  tally: Tally,
  filter: Filter,
  threshold: number,
  cover: number,
): { readonly unchanged: number; readonly flagged: number } {
  return {
    unchanged: above(tally, { ...filter, isFiltered: false }, 0, 0, cover),
    flagged: above(tally, filter, 0, threshold, cover),
  };
}

/** Pixels by score, `[unchanged, changed][0..250]`. */
export function scoresOf(tally: Tally, { method, isFiltered }: Filter): readonly [Float64Array, Float64Array] {
  const m = methods.indexOf(method);
  const sums = [new Float64Array(bins), new Float64Array(bins)] as const;
  for (const isInto of isFiltered ? [1] : [0, 1])
    for (const truth of [0, 1] as const)
      for (let cover = 0; cover <= tally.classCount; cover++) {
        const row = rowOf(tally, m, isInto, truth, cover);
        for (let bin = 0; bin < bins; bin++) sums[truth][bin]! += tally.counts[row + bin]!;
      }
  return sums;
}

/** Pixels of all places together. */
export function pool(tallies: readonly Tally[]): Tally {
  const sum = emptyTally(tallies[0]?.classCount ?? 0);
  for (const tally of tallies) {
    tally.counts.forEach((count, i) => (sum.counts[i]! += count));
    tally.confusion.forEach((count, i) => (sum.confusion[i]! += count));
    sum.labelled += tally.labelled;
    sum.unobserved += tally.unobserved;
  }
  return sum;
}
