import { coveredFraction, grown } from './shape.ts';
import {
  scoredCategories,
  sizeClasses,
  type FoundPatch,
  type Outcome,
  type PatchTally,
  type Score,
  type Tally,
  type TrueChange,
} from './score-type.ts';

/** What counts, fixed before any network was measured with it; README.md gives the words. */
export const scoreRules = {
  /** of a change that patches must cover for it to be found */
  foundFraction: 0.3,
  /** of a patch that must lie on changed ground for it to be right */
  rightFraction: 0.5,
  /** of a change that must have been visible for it to be missed */
  clearFraction: 0.5,
  /** of a patch under true cloud, or in shadow, above which it lies there */
  hiddenFraction: 0.5,
  /** reach of changed ground beyond its outline, for patches (px) */
  tolerancePx: 1,
} as const;

const suspicion: readonly (string | null)[] = ['non-farm', 'non-grain'];

/** Whether a patch says what is to be said of a change; a run without categories suspects with every patch. */
function saysSo({ category }: FoundPatch, change: TrueChange): boolean {
  if (category === null || category === change.category) return true;
  return suspicion.includes(change.category) && suspicion.includes(category);
}

/** Compare the patches of a run with what happened between its two looks. */
export function scoreRun(
  changes: readonly TrueChange[],
  patches: readonly FoundPatch[],
  { gsdM }: { readonly gsdM: number },
): Score {
  const suspected = patches.filter(({ state }) => state === 'suspected');
  const watched = patches.map(({ shape }) => shape);
  const outcomes = new Map(changes.map((change) => [change, outcomeOf(change, suspected, watched)]));
  const tally = (chosen: readonly TrueChange[]): Tally => tallyOf(chosen.map((change) => outcomes.get(change)!));
  const isVisible = (change: TrueChange): boolean => change.clearFraction >= scoreRules.clearFraction;
  const isLarge = (change: TrueChange): boolean => change.areaM2 >= change.minAreaM2;
  const visible = changes.filter(isVisible);
  const unlawful = visible.filter(({ isLawful, category }) => !isLawful || category === 'recovered');
  const wantedChanges = unlawful.filter((change) => isLarge(change) && suspicion.includes(change.category));
  const wanted = tally(wantedChanges);

  const ground = changes.map(({ shape }) => grown(shape, scoreRules.tolerancePx * gsdM));
  const judged = suspected.filter(({ category }) => category === null || suspicion.includes(category));
  const isOnChange = ({ shape }: FoundPatch): boolean => coveredFraction(shape, ground) >= scoreRules.rightFraction;
  const wrong = judged.filter((patch) => !isOnChange(patch));
  const wrongSet = new Set(wrong);
  const patchTally = (chosen: readonly FoundPatch[]): PatchTally => {
    const bad = chosen.filter((patch) => wrongSet.has(patch)).length;
    return { total: chosen.length, right: chosen.length - bad, wrong: bad };
  };
  const found = wantedChanges.filter((change) => outcomes.get(change) === 'found');
  const isJudged = patches.some(({ category }) => category !== null);
  return {
    recall: ratio(wanted.found, wanted.total),
    recallObserved: ratio(wanted.found, wanted.total - wanted.unobserved),
    precision: ratio(judged.length - wrong.length, judged.length),
    sameCategory: isJudged ? ratio(found.filter((change) => isNamed(change, suspected)).length, found.length) : null,
    wanted,
    suspected: patchTally(judged),
    byCategory: recordOf(scoredCategories, (category) =>
      tally(unlawful.filter((change) => isLarge(change) && change.category === category)),
    ),
    bySize: recordOf(sizeClasses, (size) =>
      tally(unlawful.filter(({ category, sizeClass }) => sizeClass === size && suspicion.includes(category))),
    ),
    byKind: recordOf([...new Set(wantedChanges.map(({ kind }) => kind))].sort(), (kind) =>
      tally(wantedChanges.filter((change) => change.kind === kind)),
    ),
    lawful: tally(visible.filter((change) => change.isLawful && change.category !== 'recovered' && isLarge(change))),
    patchesByCategory: Object.fromEntries(
      [...new Set(judged.map(({ category }) => category ?? 'suspected'))]
        .sort()
        .map((name) => [name, patchTally(judged.filter(({ category }) => (category ?? 'suspected') === name))]),
    ),
    patchesBySize: recordOf(['small', 'medium', 'large'] as const, (size) =>
      patchTally(judged.filter(({ areaM2 }) => patchSize(areaM2) === size)),
    ),
    onCloud: patches.filter(({ cloudFraction }) => cloudFraction > scoreRules.hiddenFraction).map(({ id }) => id),
    inShadow: patches
      .filter((patch) => patch.shadowFraction > scoreRules.hiddenFraction && !isOnChange(patch))
      .map(({ id }) => id),
    missed: wantedChanges
      .filter((change) => outcomes.get(change) !== 'found')
      .map((change) => ({ id: change.id, kind: change.kind, areaM2: change.areaM2, outcome: outcomes.get(change)! }))
      .sort((a, b) => b.areaM2 - a.areaM2),
    wrong: wrong
      .map(({ id, category, classBefore, classAfter, areaM2, shadowFraction }) => ({
        id,
        category,
        classBefore,
        classAfter,
        areaM2,
        shadowFraction,
      }))
      .sort((a, b) => b.areaM2 - a.areaM2),
  };
}

function outcomeOf(
  change: TrueChange,
  suspected: readonly FoundPatch[],
  everything: readonly FoundPatch['shape'][],
): Outcome {
  const isCovered = (shapes: readonly FoundPatch['shape'][]): boolean =>
    coveredFraction(change.shape, shapes) >= scoreRules.foundFraction;
  const right = suspected.filter((patch) => saysSo(patch, change));
  if (isCovered(right.map(({ shape }) => shape))) return 'found';
  if (isCovered(suspected.map(({ shape }) => shape))) return 'review';
  if (isCovered(everything)) return 'watch';
  return change.observedFraction < scoreRules.clearFraction ? 'unobserved' : 'missed';
}

/** Whether the patches of the change's own category cover it; works that still last are soil moved, which is non-farm. */
function isNamed(change: TrueChange, suspected: readonly FoundPatch[]): boolean {
  const names = change.classAfter === 'bare' ? [change.category, 'non-farm'] : [change.category];
  const named = suspected.filter(({ category }) => category !== null && names.includes(category));
  return (
    coveredFraction(
      change.shape,
      named.map(({ shape }) => shape),
    ) >= scoreRules.foundFraction
  );
}

function tallyOf(outcomes: readonly Outcome[]): Tally {
  const count = (name: Outcome): number => outcomes.filter((outcome) => outcome === name).length;
  return {
    total: outcomes.length,
    found: count('found'),
    review: count('review'),
    watch: count('watch'),
    missed: count('missed'),
    unobserved: count('unobserved'),
  };
}

const patchSize = (areaM2: number): 'small' | 'medium' | 'large' =>
  areaM2 < 2000 ? 'small' : areaM2 < 10_000 ? 'medium' : 'large';

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const recordOf = <K extends string, V>(keys: readonly K[], valueOf: (key: K) => V) =>
  Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<K, V>;
