import { defineJob } from '../define.ts';
import { runPayload } from './payload.ts';

/** Records what was detected and brings the alerts to it, one transaction with what is to be told. */
export const raiseAlerts = defineJob({
  name: 'raise-alerts',
  role: 'cpu',
  payload: runPayload,
  async handle(services, { runId, round }, signal) {
    const run = await services.loadRun('raise-alerts', { runId, round, signal });
    await services.work.raise(run, await services.failedChunks(run));
  },
});
