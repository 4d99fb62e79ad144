import { defineJob } from '../define.ts';
import { runPayload } from './payload.ts';

export const detectChange = defineJob({
  name: 'detect-change',
  role: 'cpu',
  payload: runPayload,
  async handle(services, { runId, round }, signal) {
    const run = await services.loadRun('detect-change', { runId, round, signal });
    await services.recordStage(run, 'detect');
    await services.work.detect(run, await services.failedChunks(run));
  },
});
