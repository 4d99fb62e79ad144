import { objectKind } from '../images/object-kind.ts';
import type { ObjectUse } from '../images/store.ts';
import type { SweepLimits } from './sweep-limits.ts';

const hourMs = 3_600_000;

/** What a sweep needs to know of a run. */
export interface SweptRun {
  readonly runId: string;
  readonly round: number;
  readonly state: string;
  readonly createdAt: string;
}

export interface Removal {
  readonly key: string;
  readonly bytes: number;
  readonly why: 'cache' | 'scratch' | 'result' | 'item';
}

interface SweepQuestion {
  readonly objects: readonly ObjectUse[];
  readonly runs: readonly SweptRun[];
  /** keys of Items that remembered pairs or runs that are going on refer to */
  readonly neededItems: ReadonlySet<string>;
  readonly limits: SweepLimits;
  readonly nowMs: number;
}

/** Whether `<run>` or `<run>.r<round>` names a round that is still going on. */
export function isGoingOn(name: string, runs: readonly SweptRun[]): boolean {
  const [, runId = name, round] = /^(.*?)(?:\.r(\d+))?$/.exec(name) ?? [];
  const run = runs.find((candidate) => candidate.runId === runId);
  return run?.state === 'running' && (round === undefined || Number(round) === run.round);
}

/**
 * What may go: the cache beyond its size, longest unused first, but nothing that a run that is going on may have found there;
 * what was on its way between stages of ended runs; Items that nothing refers to and no watch lists any more; results
 * beyond their days where a limit is set.
 *
 * @returns in the order of removal; `cacheBytes` is the size of the whole cache before it
 */
export function planSweep({ objects, runs, neededItems, limits, nowMs }: SweepQuestion): {
  readonly removals: readonly Removal[];
  readonly cacheBytes: number;
} {
  const leastUsedMs = nowMs - limits.leastAgeHours * hourMs;
  const begunMs = runs.filter(({ state }) => state === 'running').map(({ createdAt }) => Date.parse(createdAt));
  const safeMs = Math.min(leastUsedMs, ...begunMs);
  const cache = objects.filter(({ key }) => objectKind(key) === 'cache');
  const cacheBytes = cache.reduce((sum, { bytes }) => sum + bytes, 0);
  const removals: Removal[] = [];
  let left = cacheBytes;
  // of equal age by key, so that the same store gives the same plan
  for (const { key, bytes, usedAtMs } of cache.toSorted(
    (a, b) => a.usedAtMs - b.usedAtMs || (a.key < b.key ? -1 : 1),
  )) {
    if (left <= limits.cacheBytes || usedAtMs >= safeMs) break;
    left -= bytes;
    removals.push({ key, bytes, why: 'cache' });
  }
  const scratchMs = nowMs - limits.scratchDays * 24 * hourMs;
  const itemMs = nowMs - limits.itemDays * 24 * hourMs;
  for (const { key, bytes, usedAtMs } of objects) {
    if (objectKind(key) === 'item' && usedAtMs < itemMs && !neededItems.has(key))
      removals.push({ key, bytes, why: 'item' });
    if (objectKind(key) !== 'passing' || usedAtMs >= scratchMs) continue;
    const [kind, name = ''] = key.split('/');
    if (kind !== 'runs' || !isGoingOn(name, runs)) removals.push({ key, bytes, why: 'scratch' });
  }
  if (limits.resultDays !== null) removals.push(...oldResults(objects, nowMs - limits.resultDays * 24 * hourMs));
  return { removals, cacheBytes };
}

/** All files of results whose newest is older; the manifest first: a result without it is none. */
function oldResults(objects: readonly ObjectUse[], leastMs: number): readonly Removal[] {
  const results = objects.filter(({ key }) => key.startsWith('results/'));
  const nameOf = (key: string): string => key.split('/')[1] ?? '';
  const kept = new Set(results.filter(({ usedAtMs }) => usedAtMs >= leastMs).map(({ key }) => nameOf(key)));
  return results
    .filter(({ key }) => !kept.has(nameOf(key)))
    .toSorted((a, b) => Number(b.key.endsWith('/run.json')) - Number(a.key.endsWith('/run.json')))
    .map(({ key, bytes }) => ({ key, bytes, why: 'result' }) as const);
}
