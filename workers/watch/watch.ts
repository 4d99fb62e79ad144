import { setTimeout as pause } from 'node:timers/promises';
import { isUnchanged, nextStep, supersededBy } from '../../pipeline/arrival/memory.ts';
import { type NotReady, isUnready } from '../../pipeline/arrival/reason.ts';
import type { FileHistories } from '../../pipeline/arrival/settle.ts';
import { asAppError } from '../../pipeline/errors.ts';
import type { StartOptions } from '../engine.ts';
import { interrupted } from '../reach.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import type { RunStatus } from '../run-status.ts';
import type { Arrivals } from './arrivals.ts';
import { openInspector } from './inspector.ts';
import { type ArrivalLook, lookForScenes } from './look.ts';
import { type PlannedPair, type WatchRequest, planRunOf } from './watch-request.ts';
import type { KnownPair, PairClaim, WatchedPair } from './watched-pair.ts';

export interface WatchTools {
  readonly arrivals: Arrivals;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** does a run and follows it to its end */
  readonly run: (request: RunRequest, start: StartOptions) => Promise<RunStatus>;
  /** at once, ≥ 1 */
  readonly runs: number;
  readonly recall: (folder: string) => Promise<readonly KnownPair[]>;
  /** whether a pair is to be run, for whoever asks first */
  readonly claim: (pair: WatchedPair) => Promise<PairClaim>;
  readonly remember: (pairs: readonly WatchedPair[]) => Promise<void>;
  /** brings the result of a run that ended while nobody looked to where it belongs */
  readonly bring?: (pair: Pick<WatchedPair, 'runId' | 'out'>) => Promise<void>;
  /** nothing is to be run now */
  readonly rest?: () => Promise<void>;
  readonly onLook: (report: WatchReport) => void;
  readonly onRun: (pair: WatchedPair, status: RunStatus | null) => void;
}

/** What a look showed. */
export interface WatchReport {
  /** pairs that are run now */
  readonly ready: readonly WatchedPair[];
  /** pairs that were run, now or before, superseded ones included */
  readonly known: readonly WatchedPair[];
  readonly notReady: readonly NotReady[];
}

export interface WatchOutcome {
  /** pairs that were run by this call, with how they ended */
  readonly ran: readonly WatchedPair[];
  readonly last: WatchReport;
}

/** How a run ended, as it is remembered. */
const outcomeOf = ({ state, error }: Pick<RunStatus, 'state' | 'error'>): string =>
  state === 'failed' ? (error?.code ?? state) : state;

/**
 * Look for scenes, and run each pair that is ready and was not run before.
 *
 * @param everyMs between two looks; null: until nothing more is ready, at least two looks
 * @throws AppError CANCELLED when the signal fired: the same command goes on; what `run` throws
 */
export async function watchScenes(
  request: WatchRequest,
  everyMs: number | null,
  tools: WatchTools,
): Promise<WatchOutcome> {
  const { signal, now } = tools;
  const inspector = openInspector(request, tools.arrivals);
  const options = { ...request, ...inspector, arrivals: tools.arrivals };
  const ran: WatchedPair[] = [];
  let histories: FileHistories = new Map();
  let past: { readonly look: ArrivalLook; readonly ready: number; readonly known: readonly KnownPair[] } | null = null;
  for (let looks = 1; ; looks++) {
    if (signal.aborted) throw interrupted();
    const look = await lookForScenes(histories, { now: now(), options }).catch((error: unknown) =>
      awayOf(error, everyMs),
    );
    if ('reason' in look) {
      tools.onLook({
        ready: [],
        known: past?.known.map(watchedOf) ?? [],
        notReady: [{ ...look, name: request.where }],
      });
      await pause(everyMs ?? 0, undefined, { signal }).catch(() => undefined);
      continue;
    }
    histories = look.histories;
    const known =
      past !== null && isSameLook(look, past.look) && past.ready === 0 ? past.known : await tools.recall(request.out);
    const step = await takeStep(look, request, tools, known);
    tools.onLook(step.report);
    ran.push(...(await runPairs(step.ready, tools)));
    const after = step.ready.length === 0 ? step.known : await tools.recall(request.out);
    await supersede(look, request, tools, after);
    past = { look, ready: step.ready.length, known: after };
    if (step.ready.length === 0) await tools.rest?.();
    const isSettling = look.notReady.some(({ reason }) => reason === 'SETTLING' || reason === 'GROWING');
    if (everyMs === null && step.ready.length === 0 && looks >= 2) return { ran, last: step.report };
    const restMs = everyMs === null || isSettling ? Math.min(request.settleMs, everyMs ?? Infinity) : everyMs;
    await pause(restMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A place that cannot be reached for now is waited for, unless this is the only look. */
function awayOf(error: unknown, everyMs: number | null): Pick<NotReady, 'reason' | 'detail'> {
  const { code, message } = asAppError(error);
  if (code !== 'UNAVAILABLE' || everyMs === null) throw error;
  return { reason: 'UNREACHABLE', detail: message };
}

/** Whether two looks show the same pairs, so that what is remembered of them is the same too. */
function isSameLook(a: ArrivalLook, b: ArrivalLook): boolean {
  const ids = ({ pairs }: ArrivalLook): string =>
    JSON.stringify(pairs.map(({ before, after }) => [before.id, after.id]));
  return ids(a) === ids(b);
}

interface Step {
  /** as remembered now */
  readonly known: readonly KnownPair[];
  readonly ready: readonly PlannedPair[];
  readonly report: WatchReport;
}

/** What is to be run now; runs that ended unseen are noted on the way. */
async function takeStep(
  look: ArrivalLook,
  request: WatchRequest,
  tools: WatchTools,
  remembered: readonly KnownPair[],
): Promise<Step> {
  const known = new Map(remembered.map((pair) => [pair.id, pair]));
  const ready: PlannedPair[] = [];
  for (const pair of look.pairs) {
    const planned = planRunOf(pair, request, look.versions);
    const before = known.get(planned.watched.id) ?? null;
    const step = nextStep(before, look.versions);
    if (step === 'run') ready.push(underWayOf(before, look.versions) ?? planned);
    else if (step === 'adopt' && before !== null) {
      await tools.bring?.(before);
      known.set(before.id, endedAs(before));
    }
  }
  const adopted = remembered.flatMap(({ id, state }) =>
    known.get(id)!.state === state ? [] : watchedOf(known.get(id)!),
  );
  if (adopted.length > 0) await tools.remember(adopted);
  return {
    ready,
    known: [...known.values()],
    report: {
      ready: ready.map(({ watched }) => ({ ...watched, state: 'begun', outcome: null })),
      known: [...known.values()].map(watchedOf),
      notReady: look.notReady,
    },
  };
}

/** A pair that was begun goes on as it was asked for, also where a copy of a scene has come under another name since. */
function underWayOf(known: KnownPair | null, versions: ReadonlyMap<string, string>): PlannedPair | null {
  if (known?.state !== 'begun' || known.runRequest === null || !isUnchanged(known, versions)) return null;
  return { request: known.runRequest, watched: watchedOf(known) };
}

function watchedOf({ runState: _state, runError: _error, runRequest: _request, ...pair }: KnownPair): WatchedPair {
  return pair;
}

function endedAs(pair: KnownPair): KnownPair {
  const { runState, runError } = pair;
  return { ...pair, state: 'ended', outcome: runState === 'failed' ? (runError ?? runState) : runState };
}

/** Run pairs, so many at once. @throws what the first failure threw, when those under way have ended too */
async function runPairs(ready: readonly PlannedPair[], tools: WatchTools): Promise<readonly WatchedPair[]> {
  const kept = ready.map(({ watched }) => watched.runId);
  const left = [...ready];
  const ran: WatchedPair[] = [];
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined && failures.length === 0; next = left.shift())
      await runPair(next, kept, tools).then(
        (good) => ran.push(...good),
        (error: unknown) => failures.push(error),
      );
  };
  await Promise.all(Array.from({ length: Math.min(tools.runs, ready.length) }, work));
  if (failures.length > 0) throw failures[0];
  return ran;
}

/**
 * @param kept ids of the runs that are ready with it
 * @returns the pair when its run is good; none when its files were replaced meanwhile, so that it is run again, or when another
 * watch has run it
 */
async function runPair(
  { request, watched }: PlannedPair,
  kept: readonly string[],
  tools: WatchTools,
): Promise<readonly WatchedPair[]> {
  const begun: WatchedPair = { ...watched, state: 'begun', outcome: null };
  const { step, since } = await tools.claim(begun);
  if (step !== 'run') return [];
  tools.onRun(begun, null);
  const status = await tools.run(request, { since, kept });
  for (const { path, version } of watched.files) if ((await tools.arrivals.version(path)) !== version) return [];
  const ended: WatchedPair = { ...watched, state: 'ended', outcome: outcomeOf(status) };
  await tools.remember([ended]);
  tools.onRun(ended, status);
  return [ended];
}

/** Pairs that others have taken the place of; only after those have ended, so that no alert comes and goes between. */
async function supersede(
  look: ArrivalLook,
  request: WatchRequest,
  tools: WatchTools,
  known: readonly KnownPair[],
): Promise<void> {
  const byId = new Map(known.map((pair) => [pair.id, pair]));
  const current = look.pairs
    .map((pair) => planRunOf(pair, request, look.versions).watched)
    .filter(({ id }) => byId.get(id)?.state === 'ended');
  const newerName = new Map(
    look.notReady.filter(({ reason }) => reason === 'OTHER_VERSION').map(({ name, detail }) => [name, detail]),
  );
  const live = known.filter(({ state }) => state !== 'superseded');
  const old = supersededBy(live, current, newerName).map((pair): WatchedPair => ({
    ...watchedOf(pair),
    state: 'superseded',
  }));
  if (old.length > 0) await tools.remember(old);
}

/** Whether anything that arrived could not be processed. */
export function isIncomplete({ ran, last }: WatchOutcome): boolean {
  return last.notReady.some(isUnready) || ran.some(({ outcome }) => outcome !== 'done' && outcome !== 'no-input');
}
