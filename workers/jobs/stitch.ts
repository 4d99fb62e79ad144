import { AppError, type ErrorCode, errorTable } from '../../pipeline/errors.ts';
import { defineJob } from '../define.ts';
import { runPayload } from './payload.ts';

/** Chunk rasters become whole rasters; chunks that failed for good become unknown ground. */
export const stitch = defineJob({
  name: 'stitch',
  role: 'io',
  payload: runPayload,
  async handle(services, { runId, round }, signal) {
    const run = await services.loadRun('stitch', { runId, round, signal });
    const failed = await services.failedChunks(run);
    if (failed.length > 0 && failed.length === run.chunks) {
      await services.recordFailure(run, allFailed(failed.length, failed[0]?.reason ?? ''));
      return;
    }
    await services.recordStage(run, 'stitch');
    await services.work.stitch(run, failed);
  },
});

/** One error for all: the first chunk's code and words. */
function allFailed(count: number, reason: string): AppError {
  const code = Object.keys(errorTable).find((key): key is ErrorCode => reason.startsWith(`${key}: `)) ?? 'BUG';
  const words = reason.slice(reason.startsWith(`${code}: `) ? code.length + 2 : 0);
  return new AppError(code, count === 1 ? words : `All ${count} chunks failed, the first with: ${words}`, '');
}
