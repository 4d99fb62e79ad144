import { createHash } from 'node:crypto';
import type { ThreadPool } from '../pool/thread-pool.ts';
import { asAppError } from '../../pipeline/errors.ts';
import { fileVersion } from '../images/file-version.ts';
import { openThreadPool } from '../pool/thread-pool.ts';
import { blockCacheOf } from '../home.ts';
import type { WorkParts } from '../compose.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import type { RunContext, Work } from '../work.ts';
import { wantsLayers } from './choose-layers.ts';
import { pairSource, readFindings } from './findings.ts';
import { countyOfRun } from './run-county.ts';
import { loadPlan } from './run-plan.ts';
import { pixelsVersion } from '../pixels-version.ts';
import { readLooks } from './reading-file.ts';
import type { Lattice } from './draft.ts';
import { requestFiles } from './request-files.ts';
import { seenScenes } from './seen-scenes.ts';
import { checkOutFolder, requireApart } from './out-folder.ts';
import type { Answer, Question } from './task.ts';

/** A patch counts as looked at again from this share of its ground on. */
const leastSeenFraction = 0.5;
const notFoundAgain = 'the same pair of scenes, processed again, saw this ground and does not show it';

/**
 * The work of a run in compute threads; the calling thread only waits.
 *
 * @param lattice how the grid is cut; results do not depend on it beyond rounding
 */
export function createFarmWork({ home, images, threads, registry, log }: WorkParts, lattice: Lattice = {}): Work {
  const pool: ThreadPool<Question, Answer> = openThreadPool({
    entry: new URL('./task.thread.ts', import.meta.url),
    threads,
    data: { images: home.images, blocks: blockCacheOf(home), lattice },
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
      requireApart(request.out, [...files, home.folder]);
      await checkOutFolder(request.out, request.force);
      const hash = createHash('sha256').update(pixelsVersion());
      for (const path of files) hash.update(JSON.stringify([path, ...(await fileVersion(path))]));
      for (const { ref } of await candidatesFor(request)) hash.update(JSON.stringify([ref.kind, ref.asOf, ref.id]));
      return hash.digest('hex');
    },
    async countyOf(request) {
      return countyOfRun(request, {
        images,
        candidates: await registry.candidates(),
        make: async (ref) => (await ask({ kind: 'territory', ref }, new AbortController().signal)).territory,
      }).catch((error: unknown) => {
        // whatever it is, the run itself says it where it matters
        log.warn({ error: asAppError(error).message }, 'Run:County:Failed');
        return null;
      });
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
    },
    async raise(run, failed) {
      const source = pairSource(loadPlan(run.folder));
      const record = { source, runId: run.runId };
      const left = new Map((await registry.liveTracks(source)).map(({ id, ground }) => [id, ground]));
      for await (const tracks of readFindings(run.folder)) {
        run.signal.throwIfAborted();
        await registry.recordSeries({ ...record, tracks, gone: [] });
        for (const { id } of tracks) left.delete(id);
      }
      if (left.size === 0) return;
      const { fractions } = await ask({ kind: 'seen', ...about(run), failed, grounds: [...left.values()] }, run.signal);
      // ground that was not seen says nothing about what was found there before
      const gone = [...left.keys()].flatMap((track, position) =>
        (fractions[position] ?? 0) >= leastSeenFraction ? [{ track, why: notFoundAgain }] : [],
      );
      await registry.recordSeries({ ...record, tracks: [], gone });
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
