import { defineJob } from '../define.ts';
import { chunkPayload } from './payload.ts';

export const inferChunk = defineJob({
  name: 'infer-chunk',
  role: 'infer',
  payload: chunkPayload,
  async handle(services, { runId, round, index }, signal) {
    const run = await services.loadRun('infer-chunk', { runId, round, signal });
    const { skipped, px } = await services.work.computeChunk(run, index);
    await services.recordChunk(run, { index, state: skipped ? 'skipped' : 'done', px });
  },
});
