import type { NeedOf, Runs } from '../database/runs.ts';
import { anyPayload } from '../jobs/payload.ts';
import type { TakenJob } from '../queue/port.ts';

/**
 * A job whose plan does not say it, and stages whose need does not follow from the size of a scene: planning, stitching and
 * report took at most 440 MB for 4 Mpx as for 39 Mpx (`README.md`); 30,000² px take 1.4 GB of the process tree with two threads
 * (`test/README.md`).
 */
export const usualNeedBytes = 550e6;

/** Runs whose need is remembered. */
const remembered = 200;
const factOf: Readonly<Record<string, NeedOf | undefined>> = {
  'infer-chunk': 'chunkBytes',
  'detect-change': 'detectBytes',
};

/** What a job takes at its most (bytes), by the plan of its run. */
export function needsOf(runs: Pick<Runs, 'needBytes'>): (job: TakenJob) => Promise<number> {
  const known = new Map<string, number>();
  return async ({ name, payload }) => {
    const run = anyPayload.safeParse(payload).data;
    const fact = factOf[name];
    if (fact === undefined || run === undefined) return usualNeedBytes;
    const key = `${run.runId} ${run.round} ${fact}`;
    const need = known.get(key) ?? (await runs.needBytes(run.runId, run.round, fact)) ?? usualNeedBytes;
    if (known.size >= remembered) known.clear();
    known.set(key, need);
    return need;
  };
}
