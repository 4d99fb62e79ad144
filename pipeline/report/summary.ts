import type { ChangePatch, PatchCounts } from '../change/patches.ts';
import type { Reason } from '../change/observe.ts';
import { reasons } from '../change/observe.ts';
import { categories } from '../rule/reason.ts';
import type { Coverage, PatchProperties, Summary } from './formats.ts';

/** Areas of one chunk; `null` stands for a chunk that failed for good. */
export interface ChunkAreas {
  readonly observedM2: number;
  readonly reasonsM2: Readonly<Record<Reason, number>>;
}

const toCm2 = (areaM2: number): number => Math.round(areaM2 * 100) / 100;

/**
 * Areas seen and not seen, summed in the order of the chunks.
 *
 * @param failedM2 area of the chunks that failed for good
 */
export function sumCoverage(chunks: readonly ChunkAreas[], failedM2: number): Coverage {
  const observed = chunks.reduce((sum, { observedM2 }) => sum + observedM2, 0);
  const byReason = reasons.map(
    (reason) => [reason, toCm2(chunks.reduce((sum, { reasonsM2 }) => sum + reasonsM2[reason], 0))] as const,
  );
  const reasonsM2 = { ...(Object.fromEntries(byReason) as Record<Reason, number>), failed: toCm2(failedM2) };
  const observedM2 = toCm2(observed);
  // the whole is the sum of its printed parts, so that the table adds up
  const unobservedM2 = toCm2(Object.values(reasonsM2).reduce((sum, area) => sum + area, 0));
  const gridM2 = toCm2(observedM2 + unobservedM2);
  const unobservedFraction = gridM2 === 0 ? 1 : Math.round((unobservedM2 / gridM2) * 1e6) / 1e6;
  return { gridM2, observedM2, unobservedM2, unobservedFraction, reasonsM2 };
}

/** What the tables need of a patch. */
export interface PatchFacts extends Pick<ChangePatch, 'classBefore' | 'classAfter' | 'state' | 'areaM2'> {
  readonly category: PatchProperties['category'];
  readonly severity: PatchProperties['severity'];
  readonly isLawful: boolean;
  /** area outside permits */
  readonly unpermittedM2: number;
}

/** Patches by category, in the order of its codes; those without a patch are left out. */
export function tabulateCategories(patches: readonly PatchFacts[]): Summary['categories'] {
  return categories.flatMap((category) => {
    const own = patches.filter((patch) => patch.category === category);
    const suspected = own.filter(({ state }) => state === 'suspected');
    const watch = own.filter(({ state }) => state === 'watch');
    const sum = (list: readonly PatchFacts[], key: 'areaM2' | 'unpermittedM2'): number =>
      toCm2(list.reduce((total, patch) => total + patch[key], 0));
    if (own.length === 0) return [];
    return [
      {
        category,
        suspected: suspected.length,
        watch: watch.length,
        suspectedM2: sum(suspected, 'areaM2'),
        watchM2: sum(watch, 'areaM2'),
        unpermittedM2: sum(suspected, 'unpermittedM2'),
        lawful: suspected.filter(({ isLawful }) => isLawful).length,
        severe: suspected.filter(({ severity }) => severity !== 'normal').length,
      },
    ];
  });
}

type Changes = Summary['changes'];

/** Patches by class before and after, largest suspected area first, ties by name. */
export function tabulateChanges(patches: readonly PatchFacts[]): Changes {
  const rows = new Map<string, Changes[number]>();
  for (const { classBefore, classAfter, state, areaM2 } of patches) {
    const key = `${classBefore.name}>${classAfter.name}`;
    const row = rows.get(key) ?? {
      classBefore: classBefore.name,
      classAfter: classAfter.name,
      suspected: 0,
      watch: 0,
      suspectedM2: 0,
      watchM2: 0,
    };
    const areaKey = state === 'watch' ? 'watchM2' : 'suspectedM2';
    rows.set(key, { ...row, [state]: row[state] + 1, [areaKey]: row[areaKey] + areaM2 });
  }
  return [...rows.entries()]
    .sort(
      ([a, first], [b, second]) =>
        second.suspectedM2 - first.suspectedM2 || second.watchM2 - first.watchM2 || (a < b ? -1 : 1),
    )
    .map(([, row]) => ({ ...row, suspectedM2: toCm2(row.suspectedM2), watchM2: toCm2(row.watchM2) }));
}

/** Counts and areas of all patches. */
export function countPatches(
  patches: readonly PatchFacts[],
  counts: PatchCounts,
): Pick<Summary, 'patches' | 'changedM2'> {
  const areaOf = (state: PatchFacts['state']): number =>
    toCm2(patches.reduce((sum, patch) => (patch.state === state ? sum + patch.areaM2 : sum), 0));
  const [suspectedM2, watchM2] = [areaOf('suspected'), areaOf('watch')];
  const { slivers } = counts.dropped;
  const dropped = { slivers: { ...slivers, areaM2: toCm2(slivers.areaM2) } };
  return {
    patches: { suspected: counts.suspected, watch: counts.watch, suspectedM2, watchM2, dropped },
    changedM2: toCm2(suspectedM2 + watchM2 + dropped.slivers.areaM2),
  };
}
