import type { Runs } from '../database/runs.ts';
import { anyPayload } from '../jobs/payload.ts';
import type { TakenJob } from '../queue/port.ts';

/**
 * A job whose plan does not say it, and stages of a whole run: 30,000² px take 1.4 GB of the process tree with two threads,
 * in chunks as in detection and report (`test/README.md`).
 */
export const usualNeedBytes = 550e6;

/** Runs whose need is remembered. */
const remembered = 200;

/** What a job takes at its most (bytes), by the plan of its run. */
export function needsOf(runs: Pick<Runs, 'chunkBytes'>): (job: TakenJob) => Promise<number> {
  const known = new Map<string, number>();
  return async ({ name, payload }) => {
    const run = anyPayload.safeParse(payload).data;
    if (name !== 'infer-chunk' || run === undefined) return usualNeedBytes;
    const key = `${run.runId} ${run.round}`;
    const need = known.get(key) ?? (await runs.chunkBytes(run.runId, run.round)) ?? usualNeedBytes;
    if (known.size >= remembered) known.clear();
    known.set(key, need);
    return need;
  };
}
