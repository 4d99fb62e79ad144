import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError, describeError } from '../pipeline/errors.ts';
import { type ComposeOptions, compose } from './compose.ts';
import { type Role, roles } from './flow.ts';
import { isShared } from './home.ts';
import type { OperationPlace } from './operation/open-operation.ts';
import { openChannel } from './notify/open-channel.ts';
import { type WorkerSchedules, serveWorkerSchedules } from './watch/worker-schedules.ts';

/** What a worker may do: jobs by role, and telling people of alerts. */
export const workerRoles = [...roles, 'notify', 'all'] as const;
export type WorkerRole = (typeof workerRoles)[number];

export interface WorkerOptions extends Omit<ComposeOptions, 'threads'> {
  readonly roles: readonly WorkerRole[];
  /** chunks at once, each in a thread; ≥ 1 */
  readonly concurrency: number;
  /** fires when the process is to end */
  readonly signal: AbortSignal;
  /** where metrics, health and the board are told; absent: nowhere */
  readonly tellAt?: OperationPlace;
  /** told once jobs are taken */
  readonly onReady?: (what: {
    readonly host: string;
    readonly roles: readonly WorkerRole[];
    readonly url?: string;
  }) => void;
  readonly onTrouble?: (line: string) => void;
  /** what the role io does for the schedules of the home */
  readonly schedules?: Partial<Pick<WorkerSchedules, 'onFiring' | 'onNotReady' | 'refreshMs'>>;
}

/** Jobs under way get so long to end before they are put back. */
const drainMs = 9000;
const notifyEachMs = 10_000;

/**
 * Take jobs of a shared home until `signal` fires; those under way then get 9 s to end, and are put back.
 *
 * @throws AppError CONFIG_INVALID for an embedded home, whose commands do their own work; whatever broke the engine
 */
export async function work(options: WorkerOptions): Promise<void> {
  const { home, roles: wanted, concurrency, signal, tellAt, schedules, onReady, onTrouble = () => undefined } = options;
  if (!isShared(home))
    throw new AppError(
      'CONFIG_INVALID',
      'TIANWATCH_DATABASE is not set: the data folder is worked on by the commands themselves.',
      'Set it to a PostgreSQL server, as on the other machines.',
    );
  const does = (role: WorkerRole): boolean => wanted.includes('all') || wanted.includes(role);
  // what is wrong with the settings is said at once, not at the first alert
  const channel = does('notify') ? openChannel(() => new Date()) : null;
  if (channel === null && wanted.includes('notify'))
    throw new AppError(
      'CONFIG_INVALID',
      'TIANWATCH_NOTIFY is not set: nobody can be told.',
      'Set a folder or webhook.',
    );
  const composed = await compose({ ...options, threads: concurrency, isMeasured: tellAt !== undefined });
  const server = await (tellAt && composed.operation ? composed.operation.serve(tellAt) : null)?.catch(
    async (error: unknown) => {
      await composed.close('abort');
      throw error;
    },
  );
  const atOnce: Readonly<Record<Role, number>> = { io: 1, infer: concurrency, cpu: 1 };
  composed.engine.takeJobs(Object.fromEntries(roles.filter(does).map((role) => [role, atOnce[role]])));
  onReady?.({ host: hostname(), roles: wanted, ...(server && { url: server.url }) });
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const telling =
    channel === null
      ? Promise.resolve()
      : tellUntil(stopped, signal, () => composed.registry.sendMessages(signal), onTrouble);
  const ended = new AbortController();
  const serving = does('io')
    ? serveWorkerSchedules(composed, {
        onFiring: () => undefined,
        onNotReady: () => undefined,
        ...schedules,
        home,
        signal: AbortSignal.any([signal, ended.signal]),
        onTrouble,
      })
    : Promise.resolve();
  let trouble: unknown = null;
  const broken = Promise.race([composed.engine.broken, serving.then(() => stopped)]);
  await Promise.race([
    stopped,
    broken.then(
      (error) => (trouble = error ?? null),
      (error: unknown) => (trouble = error),
    ),
  ]);
  server?.drain();
  ended.abort();
  const timer = setTimeout(() => composed.engine.stopJobs(), drainMs);
  await serving.catch(() => undefined);
  await composed.close('drain').finally(() => clearTimeout(timer));
  await server?.close();
  await telling;
  if (trouble !== null) throw trouble;
}

/** A pass over what is due, again and again. */
async function tellUntil(
  stopped: Promise<void>,
  signal: AbortSignal,
  pass: () => Promise<{ readonly why: string | null }>,
  onTrouble: (line: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    const { why } = await pass().catch((error: unknown) => ({ why: describeError(error) }));
    if (why !== null) onTrouble(why);
    await Promise.race([stopped, pause(notifyEachMs, undefined, { ref: false })]);
  }
}
