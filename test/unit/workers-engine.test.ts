import { homeAt } from '../../workers/home.ts';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Composed, compose } from '../../workers/compose.ts';
import { jobTable, wireJobs } from '../../workers/jobs/table.ts';
import { runIdOf } from '../../workers/engine.ts';
import { type RunStatus, exitOf, hasEnded } from '../../workers/run-status.ts';
import type { Work } from '../../workers/work.ts';
import { type DummyOptions, type DummyWork, createDummyWork, dummyRequest } from '../support/dummy-work.ts';

/** One engine, but each run with a dummy of its own, by the name in its request. */
function switchboard(dummies: ReadonlyMap<string, DummyWork>): Work {
  const of = (request: { before: { files: readonly string[] } }): DummyWork => {
    const dummy = dummies.get(request.before.files[0]?.split('/')[1] ?? '');
    if (!dummy) throw new Error('no dummy of this name');
    return dummy;
  };
  return {
    fingerprint: (request) => of(request).fingerprint(request),
    countyOf: (request) => of(request).countyOf(request),
    openRun: (run) => of(run.request).openRun(run),
    computeChunk: (run, index) => of(run.request).computeChunk(run, index),
    stitch: (run, failed) => of(run.request).stitch(run, failed),
    detect: (run, failed) => of(run.request).detect(run, failed),
    raise: (run, failed) => of(run.request).raise(run, failed),
    report: (run, failed) => of(run.request).report(run, failed),
    close: () => Promise.resolve(),
  };
}

describe('the engine', () => {
  let folder = '';
  let composed: Composed;
  let images: Parameters<typeof createDummyWork>[1]['images'];
  const dummies = new Map<string, DummyWork>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-engine-'));
    composed = await compose({
      home: homeAt(join(folder, 'data')),
      threads: 2,
      retry: { attempts: 3, pauseMs: 10 },
      createWork: (parts) => {
        images = parts.images;
        return switchboard(dummies);
      },
    });
  });
  afterAll(async () => {
    await composed.close('abort');
    await rm(folder, { recursive: true, force: true });
  });

  const define = (name: string, options: Partial<DummyOptions> = {}) => {
    const dummy = createDummyWork({ chunks: 3, stepMs: 0, ...options }, { images });
    dummies.set(name, dummy);
    return { dummy, request: dummyRequest(name, join(folder, name)) };
  };

  /** @returns every status that was told, the last one ended */
  async function follow(runId: string, onStatus: (status: RunStatus) => void = () => undefined) {
    const told: RunStatus[] = [];
    let leave!: () => void;
    await new Promise<void>((resolve) => {
      leave = composed.engine.follow(runId, (status) => {
        told.push(status);
        onStatus(status);
        if (hasEnded(status.state)) resolve();
      });
    });
    leave();
    return told;
  }
  const run = async (request: ReturnType<typeof dummyRequest>) => {
    const told = await follow(await composed.engine.startRun(request));
    const last = told.at(-1);
    if (!last) throw new Error('nothing was told');
    return last;
  };

  it('does a run from plan to report and tells how far it is', async () => {
    const { dummy, request } = define('plain', { chunks: 5 });
    const told = await follow(await composed.engine.startRun(request));
    expect(told.at(-1)).toMatchObject({
      state: 'done',
      chunks: { total: 5, computed: 5, skipped: 0, failed: 0 },
      px: { total: 5000, done: 5000 },
      plan: { chunks: 5 },
      summary: { chunks: 5 },
      error: null,
    });
    const done = told.map(({ px }) => px?.done ?? 0);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(dummy.calls.filter((call) => !call.startsWith('chunk'))).toEqual([
      'open',
      'stitch',
      'detect',
      'raise',
      'report',
    ]);
    expect(exitOf(told.at(-1) ?? { state: 'failed', error: null })).toBe(0);
  });

  it('finds finished chunks when the same request comes again, whatever happened to the outputs', async () => {
    const { dummy, request } = define('again', { chunks: 4 });
    await run(request);
    const first = await readFile(join(request.out, 'stitched.bin'));
    await rm(request.out, { recursive: true });
    const second = await run({ ...request, force: true });
    expect(second).toMatchObject({ round: 2, state: 'done', chunks: { computed: 0, skipped: 4, failed: 0 } });
    expect(second.runId).toBe(runIdOf(request));
    expect(dummy.calls.filter((call) => call.startsWith('chunk'))).toHaveLength(4);
    expect(await readFile(join(request.out, 'stitched.bin'))).toEqual(first);
  });

  it('ends partial with exit code 3 when a chunk fails for good, and leaves its ground unknown', async () => {
    const { request } = define('partial', { chunks: 3, failing: { 1: 'INPUT_INVALID' } });
    const status = await run(request);
    expect(status).toMatchObject({ state: 'partial', chunks: { computed: 2, failed: 1 } });
    expect(exitOf(status)).toBe(3);
    const bytes = await readFile(join(request.out, 'stitched.bin'));
    expect(bytes.subarray(1000, 2000).every((byte) => byte === 255)).toBe(true);
    expect(JSON.parse(await readFile(join(request.out, 'run.json'), 'utf8'))).toMatchObject({ failed: [1] });
  });

  it('fails with the code of the first chunk when all of them fail', async () => {
    const { dummy, request } = define('hopeless', { chunks: 2, failing: { 0: 'MODEL_MISMATCH', 1: 'BUG' } });
    const status = await run(request);
    expect(status).toMatchObject({ state: 'failed', error: { code: 'MODEL_MISMATCH' } });
    expect(status.error?.message).toContain('Chunk 0 always fails');
    expect(exitOf(status)).toBe(1);
    expect(dummy.calls).not.toContain('stitch');
  });

  it('tries again what may get better, and only that', async () => {
    const { dummy, request } = define('flaky', { chunks: 2, flaky: { 1: 2 } });
    expect(await run(request)).toMatchObject({ state: 'done', chunks: { computed: 2, failed: 0 } });
    expect(dummy.calls.filter((call) => call === 'chunk 1')).toHaveLength(3);

    const worn = define('worn', { chunks: 2, flaky: { 1: 99 } });
    expect(await run(worn.request)).toMatchObject({ state: 'partial', chunks: { computed: 1, failed: 1 } });
    expect(worn.dummy.calls.filter((call) => call === 'chunk 1')).toHaveLength(3);
  });

  it.each(['open', 'stitch', 'detect', 'raise', 'report'] as const)(
    'fails with the error of %s, once',
    async (failingStage) => {
      const { dummy, request } = define(`fails-${failingStage}`, { failingStage });
      expect(await run(request)).toMatchObject({
        state: 'failed',
        error: { code: 'BUG', message: `${failingStage} always fails.` },
      });
      expect(dummy.calls.filter((call) => call === failingStage)).toHaveLength(1);
    },
  );

  it('ends without input, exit code 1, when there is nothing to compute', async () => {
    const status = await run(define('empty', { chunks: 0 }).request);
    expect(status.state).toBe('no-input');
    expect(exitOf(status)).toBe(1);
  });

  it('cancels a run at once, and begins it anew when it is asked for again', async () => {
    const { dummy, request } = define('cancelled', { chunks: 50, stepMs: 30 });
    const runId = await composed.engine.startRun(request);
    let cancelling: Promise<RunStatus> | null = null;
    const told = await follow(runId, ({ chunks }) => {
      if (chunks?.computed === 2) cancelling ??= composed.engine.cancel(runId.slice(0, 10));
    });
    await cancelling;
    expect(told.at(-1)).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } });
    expect(dummy.calls.length).toBeLessThan(50);
    await expect(composed.engine.cancel(runId)).rejects.toMatchObject({ code: 'CONFLICT' });
    const again = await run(request);
    expect(again).toMatchObject({ state: 'done', round: 2 });
    expect(again.chunks?.skipped).toBeGreaterThanOrEqual(2);
  });

  it('interrupts a run when its last follower leaves', async () => {
    const { request } = define('left', { chunks: 50, stepMs: 30 });
    const runId = await composed.engine.startRun(request);
    const leaveFirst = composed.engine.follow(runId, () => undefined);
    const leaveSecond = composed.engine.follow(runId, () => undefined);
    leaveFirst();
    expect((await composed.runs.get(runId)).state).toBe('running');
    leaveSecond();
    await expect.poll(async () => (await composed.runs.get(runId)).state).toBe('interrupted');
  });

  it('lets two who ask for the same follow one run', async () => {
    const { dummy, request } = define('shared', { chunks: 6, stepMs: 20 });
    const [first, second] = await Promise.all([run(request), run(request)]);
    expect([first.state, second.state, first.round, second.round]).toEqual(['done', 'done', 1, 1]);
    expect(dummy.calls.filter((call) => call === 'open')).toHaveLength(1);
  });

  it('does two runs that were asked for together', async () => {
    const both = [define('left-hand', { chunks: 4 }), define('right-hand', { chunks: 4 })];
    const ended = await Promise.all(both.map(({ request }) => run(request)));
    expect(ended.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(await readFile(join(folder, 'left-hand/stitched.bin'))).not.toEqual(
      await readFile(join(folder, 'right-hand/stitched.bin')),
    );
  });

  it('refuses to start when a job is wired twice, not at all, or to another role', () => {
    const [first, ...others] = jobTable;
    if (!first) throw new Error('no jobs');
    expect(wireJobs().size).toBe(jobTable.length);
    expect(() => wireJobs(others)).toThrow(/open-run is wired 0 times/);
    expect(() => wireJobs([...jobTable, first])).toThrow(/open-run is wired 2 times/);
    expect(() => wireJobs([{ ...first, role: 'cpu' }, ...others])).toThrow(/role cpu/);
  });
});
