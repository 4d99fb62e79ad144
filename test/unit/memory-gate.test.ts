import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert as check, integer, property, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import { detectBytesOf } from '../../workers/compute/detect-bytes.ts';
import { compose } from '../../workers/compose.ts';
import { homeAt } from '../../workers/home.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { silentLog } from '../../workers/log.ts';
import { withMemoryGate } from '../../workers/memory/gated-queue.ts';
import { mayBegin } from '../../workers/memory/may-begin.ts';
import { openMemoryGate } from '../../workers/memory/memory-gate.ts';
import { needsOf, usualNeedBytes } from '../../workers/memory/need.ts';
import { openMemory } from '../../workers/memory/read-memory.ts';
import type { Processor, Queue, TakenJob } from '../../workers/queue/port.ts';
import { hasEnded } from '../../workers/run-status.ts';
import { createDummyWork, dummyRequest } from '../support/dummy-work.ts';
import { differences, readTree } from '../fault/kill.ts';

const limits = { limitBytes: 1000, reserveBytes: 100 };
const look = { rssBytes: 400, freeBytes: 5000 };
const under = { count: 1, needBytes: 200, idleBytes: 200 };

describe('whether one more job may begin', () => {
  it('is said by what the process takes, or by what its jobs have yet to take', () => {
    expect(mayBegin(600, limits, look, under)).toBe(true);
    expect(mayBegin(601, limits, look, under)).toBe(false);
    // four have begun and taken nothing yet
    expect(mayBegin(100, limits, look, { ...under, count: 4, needBytes: 700 })).toBe(true);
    expect(mayBegin(101, limits, look, { ...under, count: 4, needBytes: 700 })).toBe(false);
  });

  it('is said by what the machine has left, too', () => {
    expect(mayBegin(300, limits, { ...look, freeBytes: 400 }, under)).toBe(true);
    expect(mayBegin(300, limits, { ...look, freeBytes: 399 }, under)).toBe(false);
    // another 200 are promised to the job that has begun
    const young = { ...under, needBytes: 400 };
    expect(mayBegin(300, limits, { ...look, freeBytes: 599 }, young)).toBe(false);
    expect(mayBegin(300, limits, { ...look, freeBytes: 600 }, young)).toBe(true);
  });

  it('is yes for one alone, whatever it needs, and with less need never no where it was yes', () => {
    const bytes = integer({ min: 0, max: 3000 });
    const world = record({ rssBytes: bytes, freeBytes: bytes, needBytes: bytes, idleBytes: bytes, need: bytes });
    check(
      property(world, integer({ min: 0, max: 4 }), ({ need, needBytes, idleBytes, ...seen }, count) => {
        const answer = mayBegin(need, limits, seen, { count, needBytes, idleBytes });
        if (count === 0) expect(answer).toBe(true);
        if (answer) expect(mayBegin(Math.floor(need / 2), limits, seen, { count, needBytes, idleBytes })).toBe(true);
      }),
    );
  });

  it('is measured on this machine', () => {
    const { limits: own, look: lookNow } = openMemory(null);
    const { rssBytes, freeBytes } = lookNow();
    expect(own.limitBytes).toBeGreaterThan(rssBytes / 4);
    expect(Math.min(rssBytes, freeBytes)).toBeGreaterThan(1e6);
    expect(openMemory(7e9).limits.limitBytes).toBe(7e9);
  });
});

/** Jobs that take what they need at once. */
function made(limitBytes: number) {
  const gate = openMemoryGate(
    { limits: { limitBytes, reserveBytes: 0 }, look: () => ({ rssBytes: 0, freeBytes: 1e12 }) },
    silentLog,
  );
  const begun: string[] = [];
  const leaves = new Map<string, () => void>();
  const ask = (id: string, needBytes: number) =>
    gate
      .enter({ id, needBytes }, () => undefined)
      .then((leave) => {
        begun.push(id);
        leaves.set(id, leave);
      });
  return { gate, begun, ask, leave: (id: string) => leaves.get(id)?.() };
}

describe('the gate', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('lets them in as they came, a big one alone, and none past it', async () => {
    const { gate, begun, ask, leave } = made(100);
    for (const [id, need] of [
      ['a', 60],
      ['b', 500],
      ['c', 10],
    ] as const)
      void ask(id, need);
    await turn();
    expect(begun).toEqual(['a']);
    expect(gate.waiting()).toBe(2);
    leave('a');
    leave('a');
    await turn();
    expect(begun).toEqual(['a', 'b']);
    leave('b');
    await turn();
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(gate.waiting()).toBe(0);
  });

  it('sends those away who wait when it is closed', async () => {
    const { gate, ask } = made(100);
    await ask('a', 60);
    const refused = expect(ask('b', 60)).rejects.toMatchObject({ code: 'CANCELLED' });
    gate.close();
    await refused;
    await expect(ask('c', 1)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a queue behind the gate', () => {
  it('takes no further job of a role while one waits, and puts it back when it is closed', async () => {
    const limits = { limitBytes: 100, reserveBytes: 0 };
    const gate = openMemoryGate({ limits, look: () => ({ rssBytes: 0, freeBytes: 1e12 }) }, silentLog);
    const atOnce: number[] = [];
    const given: Processor[] = [];
    const bare: Partial<Queue> = {
      work(_role, _concurrency, processor) {
        given.push(processor);
        return (count) => void atOnce.push(count);
      },
      close: () => Promise.resolve(),
    };
    const queue = withMemoryGate(bare as Queue, gate, () => Promise.resolve(60));
    let end = (): void => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    const own: Processor = { process: () => held, judge: () => Promise.resolve('fail') };
    queue.work('infer', 4, own);
    const [processor] = given as [Processor];
    const job = (id: string): TakenJob => ({ id, name: 'infer-chunk', payload: {}, isLastAttempt: false });
    const { signal } = new AbortController();
    const first = processor.process(job('a'), signal);
    const second = processor.process(job('b'), signal);
    await expect.poll(() => gate.waiting()).toBe(1);
    expect(atOnce.at(-1)).toBe(2);
    const refused = second.catch((error: unknown) => processor.judge(job('b'), error));
    await queue.close();
    expect(await refused).toBe('put-back');
    end();
    await first;
    expect(atOnce.at(-1)).toBe(4);
    expect(await processor.judge(job('a'), new Error('its own'))).toBe('fail');
  });
});

const chunks = 10;

describe('a run with little memory', { timeout: 30_000 }, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-memory-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The same work, one part after the other. */
  async function undisturbed(): Promise<ReadonlyMap<string, string>> {
    const images = await openFolderStore(join(folder, 'images'));
    const work = createDummyWork({ chunks, stepMs: 0 }, { images });
    const request = dummyRequest('pair', join(folder, 'out-alone'));
    const run = { runId: 'r', request, folder, images, signal: new AbortController().signal };
    for (let index = 0; index < chunks; index += 1) await work.computeChunk(run, index);
    await work.stitch(run, []);
    await work.detect(run, []);
    await work.report(run, []);
    return readTree(request.out);
  }

  it('does fewer chunks at once, in the end one alone, says that it waits, and ends with the same bytes', async () => {
    let now = 0;
    const atOnce: number[] = [];
    const limits = {
      get limitBytes() {
        return atOnce.length < 6 ? 2.5 * usualNeedBytes : 1;
      },
      reserveBytes: 0,
    };
    const composed = await compose({
      home: homeAt(join(folder, 'home')),
      threads: 4,
      memory: { limits, look: () => ({ rssBytes: now * usualNeedBytes, freeBytes: 1e12 }) },
      createWork: (parts) => {
        const work = createDummyWork({ chunks, stepMs: 15 }, parts);
        return {
          ...work,
          computeChunk(of, index) {
            now += 1;
            atOnce.push(now);
            return work.computeChunk(of, index).finally(() => (now -= 1));
          },
        };
      },
    });
    const out = join(folder, 'out');
    const runId = await composed.engine.startRun(dummyRequest('pair', out));
    const state = await new Promise<string>((resolve) => {
      composed.engine.follow(runId, (status) => hasEnded(status.state) && resolve(status.state));
    });
    await composed.close('drain');
    expect(state).toBe('done');
    expect(Math.max(...atOnce)).toBe(2);
    expect(atOnce.slice(-3)).toEqual([1, 1, 1]);
    const log = await readFile(join(folder, 'home/log/tianwatch.log'), 'utf8');
    expect(log).toContain('Memory:Wait:Begun');
    expect(log).toContain('Memory:Wait:Done');
    expect(differences(await undisturbed(), await readTree(out))).toEqual([]);
  });
});

const layerAt = (key: string): LayerRef => ({
  kind: 'land-survey',
  zone: null,
  id: 'a'.repeat(64),
  asOf: '2025-12-31',
  key,
  file: key,
  features: 1,
});

describe('what a job needs', () => {
  it('follows from the plan of its run for chunks and detection, and is asked once', async () => {
    let asked = 0;
    const need = needsOf({
      needBytes: (_run, round, of) => {
        asked += 1;
        return Promise.resolve(round === 1 ? { chunkBytes: 3e8, detectBytes: 2e9 }[of] : null);
      },
    });
    const of = (name: string, round = 1) =>
      need({ id: name, name, payload: { runId: 'a', round }, isLastAttempt: false });
    expect([await of('infer-chunk'), await of('detect-change'), await of('infer-chunk')]).toEqual([3e8, 2e9, 3e8]);
    expect(asked).toBe(2);
    expect([await of('stitch'), await of('write-report'), await of('detect-change', 2)]).toEqual(
      Array.from({ length: 3 }, () => usualNeedBytes),
    );
  });

  it('grows with the layers that detection holds, each counted by itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tianwatch-need-'));
    try {
      const images = await openFolderStore(folder);
      for (const [key, bytes] of [
        ['layer/a', 1000],
        ['layer/ab', 5000],
      ] as const)
        await images.put(key, Buffer.alloc(bytes));
      const layers = ['layer/a', 'layer/gone'].map(layerAt);
      expect((await detectBytesOf(layers, images)) - (await detectBytesOf([], images))).toBe(2.5 * 1032);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
