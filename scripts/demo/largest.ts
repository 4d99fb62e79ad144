import { toMu } from '../../pipeline/parcel/mu.ts';
import { coveredFraction } from '../score/shape.ts';
import type { FoundPatch, TrueChange } from '../score/score-type.ts';
import { categoryNames } from '../score/text.ts';

export interface Case {
  readonly patch: FoundPatch;
  /** the change that most of the patch lies on, null where there is none */
  readonly change: TrueChange | null;
}

/** The largest suspected patches, and what really happened there. */
export function largestCases(
  patches: readonly FoundPatch[],
  changes: readonly TrueChange[],
  count: number,
): readonly Case[] {
  return patches
    .filter(({ state }) => state === 'suspected')
    .toSorted((a, b) => b.areaM2 - a.areaM2 || (a.id < b.id ? -1 : 1))
    .slice(0, count)
    .map((patch) => {
      const shares = changes.map((change) => coveredFraction(patch.shape, [change.shape]));
      const best = shares.indexOf(Math.max(0, ...shares));
      return { patch, change: (shares[best] ?? 0) > 0 ? changes[best]! : null };
    });
}

/** Rows for a terminal, the head first. */
export function caseRows(cases: readonly Case[]): readonly (readonly string[])[] {
  return [
    ['十大疑似图斑 ten largest cases', '亩 mu', '真实情况 what happened', '批准 permit'],
    ...cases.map(({ patch, change }, i) => {
      const { category, classBefore, classAfter, areaM2, id } = patch;
      const name = category === null || category === 'none' ? '疑似变化 suspected' : categoryNames[category];
      return [
        `${String(i + 1).padStart(2)} ${id.slice(0, 8)} ${name}: ${classBefore} → ${classAfter}`,
        toMu(areaM2).toFixed(1),
        change === null ? '无变化 nothing' : `${change.zh} ${change.kind}`,
        change?.isLawful ? '有 yes' : '',
      ];
    }),
  ];
}
