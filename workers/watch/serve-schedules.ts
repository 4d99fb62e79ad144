import { setTimeout as pause } from 'node:timers/promises';
import { slotOf } from '../../pipeline/arrival/firing.ts';
import { type Timing, missedSlot, monthDayIn } from '../../pipeline/arrival/schedule.ts';
import { asAppError, describeError, errorTable } from '../../pipeline/errors.ts';
import { isWithin } from '../../pipeline/rule/region.ts';
import { type Stroke, type Timer, nextSlot } from '../queue/timer.ts';
import type { Registry } from '../registry/registry.ts';
import type { Arrivals } from './arrivals.ts';
import type { Firing, Schedule, StoredSchedule } from './schedule.ts';
import { type WatchTools, isIncomplete, watchScenes } from './watch.ts';
import type { WatchRequest } from './watch-request.ts';

export interface ServeOptions {
  readonly timer: Timer;
  readonly registry: Pick<Registry, 'schedules' | 'claimFiring' | 'endFiring' | 'watched' | 'claimPair' | 'remember'>;
  readonly openArrivals: (request: WatchRequest) => Promise<Arrivals>;
  readonly run: WatchTools['run'];
  readonly bring?: WatchTools['bring'];
  /** at once in one firing, ≥ 1 */
  readonly runs: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly onFiring: (firing: Firing, outcome: string | null) => void;
  readonly print: Pick<WatchTools, 'onLook' | 'onRun'>;
  /** a server was away: it is asked again at the next look */
  readonly onTrouble?: (line: string) => void;
  /** between two looks whether schedules were added or removed */
  readonly refreshMs?: number;
}

/** When a schedule fires, by its pattern, zone and season. */
export function timingOf({ pattern, zone, season }: Pick<Schedule, 'pattern' | 'zone' | 'season'>): Timing {
  return {
    next: (afterMs) => nextSlot({ pattern, zone }, afterMs),
    isInSeason: (atMs) => season === null || isWithin(monthDayIn(zone, atMs), season),
  };
}

/**
 * Serve the schedules of a home until the signal fires: each slot once, missed ones caught up once. Any number of
 * processes may serve the same ones.
 *
 * @returns when the signal has fired and what was begun is given back
 */
export async function serveSchedules(options: ServeOptions): Promise<void> {
  const { timer, signal, refreshMs = 20_000, onTrouble = () => undefined } = options;
  timer.listen((stroke) => serveStroke(stroke, options), signal);
  const struck = new Set<string>();
  try {
    while (!signal.aborted) {
      await keepTime(options, struck).catch((error: unknown) => {
        if (errorTable[asAppError(error).code].retry === 'never') throw error;
        onTrouble(describeError(error));
      });
      await pause(refreshMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await timer.close();
  }
}

/** The clock strikes for the schedules as they are now, and for what was missed. */
async function keepTime({ timer, registry, now }: ServeOptions, struck: Set<string>): Promise<void> {
  const schedules = await registry.schedules();
  await timer.keep(schedules.map(({ area, pattern, zone }) => ({ id: area, pattern, zone })));
  // a clock that was set up anew knows nothing of what it did not strike
  for (const schedule of schedules) {
    const missed = missedSlot(timingOf(schedule), sinceOf(schedule), now().getTime() - 60_000);
    const key = `${schedule.area} ${missed}`;
    if (missed === null || struck.has(key)) continue;
    await timer.strike(schedule.area, missed);
    struck.add(key);
  }
}

const sinceOf = ({ addedMs, lastSlotMs }: StoredSchedule): number => Math.max(addedMs, lastSlotMs ?? 0);

async function serveStroke({ id, slotMs, isAgain }: Stroke, options: ServeOptions): Promise<void> {
  const { registry, now, onFiring, signal } = options;
  const schedule = (await registry.schedules()).find(({ area }) => area === id);
  if (schedule === undefined) return;
  const { addedMs, lastSlotMs, lastOutcome } = schedule;
  const last = lastSlotMs === null ? null : { slotMs: lastSlotMs, hasEnded: lastOutcome !== null };
  const served = slotOf({ slotMs, isAgain, addedMs, last }, timingOf(schedule), now().getTime());
  if (served === null) return;
  const firing: Firing = { area: id, ...served };
  const claim = await registry.claimFiring(firing);
  if (claim === 'ended' || (claim === 'begun' && !isAgain)) return;
  onFiring(firing, null);
  const outcome = await fire(schedule.request, options).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return asAppError(error).code === 'BUG' ? describeError(error) : asAppError(error).code;
  });
  await registry.endFiring({ area: id, slotMs: served.slotMs, outcome });
  onFiring(firing, outcome);
}

/** What one look of a watch does. */
async function fire(request: WatchRequest, options: ServeOptions): Promise<string> {
  const { registry, openArrivals, run, bring, runs, signal, now, print } = options;
  const outcome = await watchScenes(request, null, {
    arrivals: await openArrivals(request),
    signal,
    now,
    run,
    ...(bring && { bring }),
    runs,
    recall: registry.watched,
    claim: registry.claimPair,
    remember: registry.remember,
    ...print,
  });
  return `${isIncomplete(outcome) ? 'incomplete' : 'done'}, runs: ${outcome.ran.length}`;
}
