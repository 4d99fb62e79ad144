import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { ThreadPool } from '../pool/thread-pool.ts';
import { openThreadPool } from '../pool/thread-pool.ts';
import type { WorkParts } from '../compose.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import type { RunContext, Work } from '../work.ts';
import { wantsLayers } from './choose-layers.ts';
import { readFindings } from './findings.ts';
import { pixelsVersion } from '../pixels-version.ts';
import { readLooks } from './reading-file.ts';
import type { Lattice } from './draft.ts';
import { requestFiles } from './request-files.ts';
import { seenScenes } from './seen-scenes.ts';
import { checkOutFolder, requireApart } from './out-folder.ts';
import type { Answer, Question } from './task.ts';

/**
 * The work of a run in compute threads; the calling thread only waits.
 *
 * @param lattice how the grid is cut; results do not depend on it beyond rounding
 */
export function createFarmWork({ dataFolder, threads, registry }: WorkParts, lattice: Lattice = {}): Work {
  const pool: ThreadPool<Question, Answer> = openThreadPool({
    entry: new URL('./task.thread.ts', import.meta.url),
    threads,
    data: { imageFolder: `${dataFolder}/images`, lattice },
  });
  const ask = async <K extends Question['kind']>(
    question: Extract<Question, { kind: K }>,
    signal: AbortSignal,
  ): Promise<Extract<Answer, { kind: K }>> => (await pool.run(question, { signal })) as Extract<Answer, { kind: K }>;
  const candidatesFor = async (request: RunRequest) => (wantsLayers(request) ? registry.candidates() : []);
  const about = ({ runId, request, folder }: RunContext) => ({ runId, request, folder });
  return {
    async fingerprint(request) {
      const files = await requestFiles(request);
      requireApart(request.out, [...files, dataFolder]);
      await checkOutFolder(request.out, request.force);
      const hash = createHash('sha256').update(pixelsVersion());
      for (const path of files) {
        const facts = await stat(path).catch(() => null);
        hash.update(JSON.stringify([path, facts?.size, facts?.mtimeMs]));
      }
      for (const { ref } of await candidatesFor(request)) hash.update(JSON.stringify([ref.kind, ref.asOf, ref.id]));
      return hash.digest('hex');
    },
    async openRun(run) {
      const candidates = await candidatesFor(run.request);
      return (await ask({ kind: 'open', ...about(run), candidates }, run.signal)).opened;
    },
    async computeChunk(run, index) {
      return (await ask({ kind: 'chunk', ...about(run), index }, run.signal)).computed;
    },
    async stitch(run, failed) {
      await ask({ kind: 'stitch', ...about(run), failed }, run.signal);
    },
    async detect(run, failed) {
      await ask({ kind: 'detect', ...about(run), failed }, run.signal);
      for await (const batch of readFindings(run.folder)) {
        run.signal.throwIfAborted();
        await registry.recordFindings(run.runId, batch);
      }
    },
    async report(run, failed) {
      const { reported } = await ask({ kind: 'report', ...about(run), failed }, run.signal);
      if (reported.state === 'no-input') return reported;
      const scenes = await seenScenes(run.folder, run.request.out);
      await registry.recordScenes(run.runId, scenes);
      await registry.recordReadings(await readLooks(run.folder, scenes), `run ${run.runId}`);
      return reported;
    },
    close: () => pool.close(),
  };
}
