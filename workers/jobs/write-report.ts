import { defineJob } from '../define.ts';
import { runPayload } from './payload.ts';

/** Writes the report, publishes the folder and ends the run: `partial` when ground is missing that could have been seen. */
export const writeReport = defineJob({
  name: 'write-report',
  role: 'io',
  payload: runPayload,
  async handle(services, { runId, round }, signal) {
    const run = await services.loadRun('write-report', { runId, round, signal });
    await services.recordStage(run, 'report');
    const failed = await services.failedChunks(run);
    const reported = await services.work.report(run, failed);
    const state = reported.state === 'done' && failed.length > 0 ? 'partial' : reported.state;
    await services.recordEnd(run, { ...reported, state });
  },
});
