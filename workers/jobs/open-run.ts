import { defineJob } from '../define.ts';
import { runTree, urgencyOf } from '../flow.ts';
import { runPayload } from './payload.ts';

/** Reads headers, refuses misfits, makes the plan, and submits all other jobs at once; no other job submits. */
export const openRun = defineJob({
  name: 'open-run',
  role: 'io',
  payload: runPayload,
  async handle(services, payload, signal) {
    const run = await services.loadRun('open-run', { ...payload, signal });
    const opened = await services.work.openRun(run);
    await services.recordPlan(run, opened);
    if (opened.chunks === 0) {
      await services.recordEnd(run, { state: 'no-input', summary: {} });
      return;
    }
    await services.recordStage(run, 'infer');
    // last, and under ids computed from the run: after a kill it is submitted again and nothing is doubled
    await services.submit(runTree(payload, opened.chunks, { urgency: urgencyOf(run.request) }));
  },
});
