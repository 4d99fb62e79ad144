import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../../pipeline/errors.ts';
import { diskError } from '../disk-error.ts';
import { writeFileAtomic } from '../images/file-sink.ts';
import { makeFolder } from '../make-folder.ts';
import { isLocked, type Lock, takeLock } from '../queue/lock.ts';
import { hasEnded, type RunState } from '../run-status.ts';
import type { SeriesEnd, SeriesHold, SeriesProgress, SeriesRuns } from './series-runs.ts';
import { endedBefore } from './series-runs.ts';
import { namesOf, type SeriesStatus, seriesRunIdOf, seriesStatusSchema } from './series-status.ts';

/** A holder in another container is told from a dead one by this file of its lock. */
const beatFile = 'beat';
const beatEachMs = 10_000;
const silentMs = 90_000;
const patienceMs = 60_000;

/** A name is a folder with a lock; that of a run also holds what is known of it. */
export function openFolderSeriesRuns(folder: string, now: () => Date = () => new Date()): SeriesRuns {
  const placeOf = (name: string): string => join(folder, name);
  const runPlace = (runId: string): string => placeOf(`run-${runId}`);
  const statusFile = (runId: string): string => join(runPlace(runId), 'status.json');
  const cancelFile = (runId: string): string => join(runPlace(runId), 'cancel');
  const isBeating = (name: string) => async (): Promise<boolean> => {
    const beat = await stat(join(placeOf(name), beatFile)).catch(() => null);
    return beat !== null && now().getTime() - beat.mtimeMs < silentMs;
  };

  async function read(runId: string): Promise<SeriesStatus | null> {
    const text = await readFile(statusFile(runId), 'utf8').catch(() => null);
    if (text === null) return null;
    const parsed = seriesStatusSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return null;
    if (parsed.data.state !== 'running') return parsed.data;
    const name = `run-${runId}`;
    const isDone = await isLocked(placeOf(name), isBeating(name)).catch(() => false);
    if (isDone) return parsed.data;
    // it may have ended between both looks
    const again = seriesStatusSchema.parse(JSON.parse(await readFile(statusFile(runId), 'utf8')));
    return again.state === 'running' ? { ...again, state: 'interrupted' } : again;
  }

  const write = (status: SeriesStatus): Promise<void> =>
    writeFileAtomic(statusFile(status.runId), new TextEncoder().encode(JSON.stringify(status)));

  async function beat(names: readonly string[]): Promise<void> {
    for (const name of names) await writeFile(join(placeOf(name), beatFile), '');
  }

  async function lockAll(names: readonly string[]): Promise<readonly Lock[] | null> {
    const locks: Lock[] = [];
    const letGo = async () => {
      for (const lock of locks) await lock.release();
    };
    try {
      for (const name of names) {
        const lock = await takeLock(placeOf(name), isBeating(name));
        if (lock === null) {
          await letGo();
          return null;
        }
        locks.push(lock);
      }
      return locks;
    } catch (error) {
      await letGo();
      throw error;
    }
  }

  function holdOf(
    names: readonly string[],
    locks: readonly Lock[],
    { begun, stateBefore }: { readonly begun: SeriesStatus; readonly stateBefore: RunState | null },
  ): SeriesHold {
    let status = begun;
    let beatMs = now().getTime();
    return {
      stateBefore,
      async tell({ stage, done, total }: SeriesProgress) {
        const isNews = stage !== status.stage || done !== status.parts.done || total !== status.parts.total;
        status = { ...status, stage, parts: { done, total } };
        if (isNews) await write({ ...status, changedAt: now().toISOString() });
        if (now().getTime() - beatMs > beatEachMs) {
          beatMs = now().getTime();
          await beat(names);
        }
        return (await stat(cancelFile(begun.runId)).catch(() => null)) === null ? 'goes-on' : 'cancelled';
      },
      async end({ state, summary, error }: SeriesEnd) {
        try {
          await write({
            ...status,
            state,
            summary: summary ?? null,
            error: error ?? null,
            changedAt: now().toISOString(),
          });
        } finally {
          for (const lock of locks) await lock.release();
        }
      },
    };
  }

  return {
    async take(request) {
      const names = namesOf(request);
      const runId = seriesRunIdOf(request);
      try {
        await makeFolder(folder);
        const locks = await lockAll(names);
        if (locks === null) return null;
        const before = await read(runId);
        await rm(cancelFile(runId), { force: true });
        await beat(names);
        const at = now().toISOString();
        const begun: SeriesStatus = {
          runId,
          state: 'running',
          stage: 'open',
          parts: { done: 0, total: 0 },
          request: { ...request },
          summary: null,
          error: null,
          createdAt: at,
          changedAt: at,
        };
        await write(begun);
        return holdOf(names, locks, { begun, stateBefore: before?.state ?? null });
      } catch (error) {
        throw diskError(error, folder);
      }
    },
    async list() {
      const names = await readdir(folder).catch(() => []);
      const runIds = names.flatMap((name) => /^run-([0-9a-f]{16})$/.exec(name)?.[1] ?? []);
      const found = (await Promise.all(runIds.map(read))).flatMap((status) => status ?? []);
      return found.toSorted((a, b) => (a.createdAt > b.createdAt ? -1 : a.createdAt < b.createdAt ? 1 : 0));
    },
    async cancel(runId) {
      for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 100) {
        const status = await read(runId);
        if (status === null) throw new AppError('NOT_FOUND', `There is no series ${runId}.`, 'See tianwatch status.');
        if (status.state === 'interrupted') {
          const lock = await takeLock(runPlace(runId), isBeating(`run-${runId}`));
          if (lock !== null) {
            const cancelled: SeriesStatus = { ...status, state: 'cancelled', changedAt: now().toISOString() };
            await write(cancelled).finally(() => lock.release());
            return cancelled;
          }
        } else if (hasEnded(status.state)) {
          if (waitedMs === 0) throw endedBefore(status);
          return status;
        } else await writeFile(cancelFile(runId), '');
        await pause(100);
      }
      throw new AppError(
        'UNAVAILABLE',
        `Series ${runId} was told to end, and has not within ${patienceMs / 1000} s.`,
        'Look whether its process is stopped (Ctrl-Z); it ends as soon as it goes on.',
      );
    },
    close: () => Promise.resolve(),
  };
}
