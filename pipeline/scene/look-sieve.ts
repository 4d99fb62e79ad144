/** Why a scene is no look of a series. */
export const lookProblems = {
  NO_IMAGE: { zh: '不是影像文件', en: 'not an image', isLoss: false },
  UNREADABLE: { zh: '影像无法读取或无法辨认', en: 'the image cannot be read or understood', isLoss: true },
  NO_DATE: { zh: '成像日期未知', en: 'no date of acquisition is known', isLoss: true },
  FUTURE: { zh: '成像日期在未来', en: 'the date of acquisition lies in the future', isLoss: true },
  OUT_OF_PERIOD: { zh: '不在所选时段内', en: 'outside the period that was asked for', isLoss: false },
  DUPLICATE: { zh: '与另一影像内容相同', en: 'the same content as another scene', isLoss: false },
  OTHER_VERSION: {
    zh: '同日同传感器另有版本',
    en: 'another version of the same day and sensor is used',
    isLoss: false,
  },
  NO_OVERLAP: { zh: '与监测格网没有重叠', en: 'it shares no ground with the grid', isLoss: false },
  NOT_COMPARABLE: { zh: '波段或分辨率与序列不符', en: 'bands or pixel size do not fit the series', isLoss: true },
  NO_EARLIER: {
    zh: '没有更早的同地精细影像可比',
    en: 'no earlier fine scene of this ground to compare it with',
    isLoss: false,
  },
  NOTHING_SEEN: { zh: '全被云遮或无有效像元', en: 'nothing of the ground was seen', isLoss: false },
  FAILED: { zh: '计算失败', en: 'the computation failed', isLoss: true },
} as const;
export type LookProblem = keyof typeof lookProblems;

/** A scene that may become a look. */
export interface LookCandidate {
  /** name of its files */
  readonly name: string;
  /** of its content */
  readonly id: string;
  /** ISO-8601, null = unknown */
  readonly acquired: string | null;
  readonly sensor: string | null;
}

export interface LeftOut {
  readonly problem: LookProblem;
  /** which value, which other scene; may be empty */
  readonly detail: string;
}

export interface SieveOptions<C extends LookCandidate> {
  /** first and last day wanted, ISO-8601; null = no limit */
  readonly from: string | null;
  readonly to: string | null;
  /** ISO-8601 */
  readonly today: string;
  /** whether two scenes show mostly the same ground */
  readonly isSameGround: (a: C, b: C) => boolean;
}

const day = (acquired: string): string => acquired.slice(0, 10);

/**
 * Which scenes are looks, and why the others are not.
 *
 * Of two of one content the first by name counts; of two versions of one day, sensor and ground the last by name, for
 * processing baselines and versions stand in names and grow. The outcome does not depend on the order given.
 *
 * @returns a reason for every candidate that is left out
 */
export function sieveLooks<C extends LookCandidate>(
  candidates: readonly C[],
  { from, to, today, isSameGround }: SieveOptions<C>,
): ReadonlyMap<C, LeftOut> {
  const out = new Map<C, LeftOut>();
  const byName = candidates.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
  const firstOf = new Map<string, C>();
  for (const candidate of byName) {
    const { id, acquired } = candidate;
    const twin = firstOf.get(id);
    const say = (problem: LookProblem, detail: string) => out.set(candidate, { problem, detail });
    if (acquired === null) say('NO_DATE', '');
    else if (day(acquired) > today) say('FUTURE', day(acquired));
    else if ((from !== null && day(acquired) < from) || (to !== null && day(acquired) > to))
      say('OUT_OF_PERIOD', day(acquired));
    else if (twin !== undefined) say('DUPLICATE', twin.name);
    else firstOf.set(id, candidate);
  }
  const kept = byName.filter((candidate) => !out.has(candidate)).toReversed();
  for (const [position, candidate] of kept.entries()) {
    const newer = kept
      .slice(0, position)
      .find(
        (other) =>
          !out.has(other) &&
          day(other.acquired ?? '') === day(candidate.acquired ?? '') &&
          other.sensor === candidate.sensor &&
          isSameGround(other, candidate),
      );
    if (newer !== undefined) out.set(candidate, { problem: 'OTHER_VERSION', detail: newer.name });
  }
  return out;
}

/** By date, then content: the order of a series, whatever the order of arrival. */
export function byDate(a: LookCandidate, b: LookCandidate): number {
  const [left, right] = [a.acquired ?? '', b.acquired ?? ''];
  if (day(left) !== day(right)) return day(left) < day(right) ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
