import { type LookCandidate, byDate } from '../scene/look-sieve.ts';
import type { NotReady } from './reason.ts';

export const pairRules = ['previous', 'first', 'same-season'] as const;
/** What a scene is compared with: the latest earlier scene of its ground, the earliest, or the latest whose plants look alike. */
export type PairRule = (typeof pairRules)[number];

/** A scene that has arrived whole. */
export interface ArrivedScene extends LookCandidate {
  /** 0..1; null: clouds cannot be told in it */
  readonly cloudFraction: number | null;
}

export interface ReadyPair<S extends ArrivedScene> {
  readonly before: S;
  readonly after: S;
}

export interface PairOptions<S extends ArrivedScene> {
  readonly rule: PairRule;
  /** 0..1: scenes with more cloud take no part */
  readonly cloudFraction: number;
  readonly isSameGround: (a: S, b: S) => boolean;
  /** whether plants of two dates can be compared */
  readonly areComparable: (before: S, after: S) => boolean;
}

/** That a scene is too cloudy, with both figures. */
export function cloudy(name: string, cloudFraction: number, limitFraction: number): NotReady {
  const [said, limit] = [cloudFraction, limitFraction].map((fraction) => `${(fraction * 100).toFixed(0)} %`);
  return { name, reason: 'CLOUDY', detail: `${said} > ${limit}` };
}

const day = ({ acquired }: ArrivedScene): string => (acquired ?? '').slice(0, 10);

/**
 * Which scenes are compared with which. It follows from the scenes that are there, whatever order they came in: one
 * that arrives late between two others makes two pairs of theirs.
 *
 * @param scenes each with a date, no two of one content
 * @returns pairs by date of the later scene; a reason for each scene that is the later of none
 */
export function planPairs<S extends ArrivedScene>(
  scenes: readonly S[],
  { rule, cloudFraction, isSameGround, areComparable }: PairOptions<S>,
): { readonly pairs: readonly ReadyPair<S>[]; readonly notReady: readonly NotReady[] } {
  const pairs: ReadyPair<S>[] = [];
  const notReady: NotReady[] = [];
  const isClear = (scene: S): boolean => (scene.cloudFraction ?? 0) <= cloudFraction;
  const clear = scenes.filter(isClear).toSorted(byDate);
  for (const scene of scenes) {
    if (isClear(scene)) continue;
    notReady.push(cloudy(scene.name, scene.cloudFraction ?? 0, cloudFraction));
  }
  for (const after of clear) {
    const earlier = clear.filter((other) => day(other) < day(after) && isSameGround(other, after));
    const fitting = rule === 'same-season' ? earlier.filter((other) => areComparable(other, after)) : earlier;
    const before = rule === 'first' ? fitting[0] : fitting.at(-1);
    if (before !== undefined) pairs.push({ before, after });
    else
      notReady.push({
        name: after.name,
        reason: 'NO_EARLIER',
        detail: earlier.length > 0 ? `${earlier.length} of other seasons` : '',
      });
  }
  return { pairs, notReady };
}
