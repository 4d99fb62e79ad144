import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRequest } from '../../pipeline/request.ts';
import { createFarmWork } from '../../workers/compute/farm-work.ts';
import { currentHome, homeAt, isShared } from '../../workers/home.ts';
import { submitAndFollow } from '../../workers/submit.ts';
import { work } from '../../workers/worker.ts';
import type { Work } from '../../workers/work.ts';
import { writeMadeScenes } from '../support/made-scenes.ts';

const sizePx = 2048;
/** of wall time, at most */
export const overheadBar = 0.03;

export interface QueueFigures {
  /** where the queue is */
  readonly home: 'embedded' | 'shared';
  readonly px: number;
  readonly jobs: number;
  /** from the begin of the first job to the end of the last one, s */
  readonly wallSeconds: number;
  /** share of it in which no job was under way */
  readonly overheadFraction: number;
}

type Span = readonly [beginMs: number, endMs: number];

function timed(inner: Work, spans: Span[]): Work {
  const time =
    <A extends readonly unknown[], R>(part: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const begin = performance.now();
      try {
        return await part(...args);
      } finally {
        spans.push([begin, performance.now()]);
      }
    };
  return {
    ...inner,
    openRun: time(inner.openRun),
    computeChunk: time(inner.computeChunk),
    stitch: time(inner.stitch),
    detect: time(inner.detect),
    raise: time(inner.raise),
    report: time(inner.report),
  };
}

/** Share of the time from the first begin to the last end that no span covers. */
function uncovered(spans: readonly Span[]): { readonly wallMs: number; readonly fraction: number } {
  const sorted = spans.toSorted(([a], [b]) => a - b);
  const firstMs = sorted[0]?.[0] ?? 0;
  let [coveredMs, reachedMs] = [0, firstMs];
  for (const [begin, end] of sorted) {
    coveredMs += Math.max(0, end - Math.max(begin, reachedMs));
    reachedMs = Math.max(reachedMs, end);
  }
  const wallMs = reachedMs - firstMs;
  return { wallMs, fraction: 1 - coveredMs / wallMs };
}

/** A run with the network that ships, in the home of the environment: embedded unless TIANWATCH_DATABASE is set. */
export async function benchQueue(): Promise<QueueFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-bench-queue-'));
  try {
    const { before, after } = await writeMadeScenes(folder, sizePx);
    const request: RunRequest = {
      before: { files: [before] },
      after: { files: [after] },
      model: 'auto',
      grid: 'before',
      out: join(folder, 'out'),
      force: false,
    };
    const given = currentHome();
    const shared = isShared(given);
    const home = shared ? { ...given, folder: join(folder, 'data') } : homeAt(join(folder, 'data'));
    const spans: Span[] = [];
    const threads = availableParallelism();
    const common = {
      home,
      createWork: (parts: Parameters<typeof createFarmWork>[0]) => timed(createFarmWork(parts), spans),
    };
    const stop = new AbortController();
    const working = shared ? work({ ...common, roles: ['all'], concurrency: threads, signal: stop.signal }) : null;
    const status = await submitAndFollow(request, { ...common, threads });
    stop.abort();
    await working;
    if (status.state !== 'done') throw new Error(`the run ended ${status.state}: ${status.error?.message ?? ''}`);
    const { wallMs, fraction } = uncovered(spans);
    return {
      home: shared ? 'shared' : 'embedded',
      px: sizePx * sizePx,
      jobs: spans.length,
      wallSeconds: wallMs / 1000,
      overheadFraction: fraction,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
