import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError, type ErrorCode } from '../../pipeline/errors.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import type { WorkParts } from '../../workers/compose.ts';
import type { RunContext, Work } from '../../workers/work.ts';

export interface DummyOptions {
  readonly chunks: number;
  /** pause of each chunk, stitch, detect, raise and report (ms) */
  readonly stepMs: number;
  /** chunk index → error code thrown every time */
  readonly failing?: Readonly<Record<number, ErrorCode>>;
  /** chunk index → number of times UNAVAILABLE is thrown before it succeeds */
  readonly flaky?: Readonly<Record<number, number>>;
  /** stage that throws BUG */
  readonly failingStage?: 'open' | 'stitch' | 'detect' | 'raise' | 'report';
  readonly fingerprint?: string;
}

export interface DummyWork extends Work {
  /** what was called, in order: `open`, `chunk 3`, `stitch` … */
  readonly calls: string[];
}

const sha = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');

const keyOf = (run: RunContext, index: number) => `dummy/${sha(JSON.stringify([run.request.before.files, index]))}`;

/** A run without pixels: the bytes of a chunk follow from the request and its index. */
export function createDummyWork(
  options: DummyOptions,
  { images }: Pick<WorkParts, 'images'>,
  onCall: (call: string) => void = () => undefined,
): DummyWork {
  const { chunks, stepMs, failing = {}, flaky = {}, failingStage, fingerprint = 'same' } = options;
  const calls: string[] = [];
  const failures = new Map<number, number>();

  const enter = async (run: RunContext, call: string) => {
    calls.push(call);
    onCall(call);
    if (failingStage === call) throw new AppError('BUG', `${call} always fails.`, 'Nothing helps.');
    await pause(stepMs, undefined, { signal: run.signal });
  };
  return {
    calls,
    fingerprint: () => Promise.resolve(fingerprint),
    countyOf: () => Promise.resolve(null),
    async openRun(run) {
      await enter(run, 'open');
      await publish(join(run.folder, 'plan.json'), '{}');
      return { chunks, totalPx: chunks * 1000, plan: { chunks } };
    },
    async computeChunk(run, index) {
      const code = failing[index];
      if (code) throw new AppError(code, `Chunk ${index} always fails.`, 'Nothing helps.');
      const key = keyOf(run, index);
      if (await images.has(key)) return { skipped: true, px: 1000 };
      await enter(run, `chunk ${index}`);
      const failed = failures.get(index) ?? 0;
      failures.set(index, failed + 1);
      if (failed < (flaky[index] ?? 0)) throw new AppError('UNAVAILABLE', `Chunk ${index} fails now and then.`, '');
      await images.put(key, bytesOf(run.request, index));
      return { skipped: false, px: 1000 };
    },
    async stitch(run, failed) {
      await enter(run, 'stitch');
      const holes = new Set(failed.map(({ index }) => index));
      const parts: Uint8Array[] = [];
      for (let index = 0; index < chunks; index += 1) {
        const bytes = holes.has(index) ? new Uint8Array(1000).fill(255) : await images.get(keyOf(run, index));
        if (!bytes) throw new AppError('BUG', `Chunk ${index} is not in the store.`, '');
        parts.push(bytes);
      }
      await publish(join(run.folder, 'stitched.bin'), Buffer.concat(parts));
    },
    async detect(run) {
      await enter(run, 'detect');
      const hash = sha(await readFile(join(run.folder, 'stitched.bin')));
      await publish(join(run.folder, 'patches.json'), JSON.stringify({ hash }));
    },
    async raise(run) {
      await enter(run, 'raise');
    },
    async report(run, failed) {
      await enter(run, 'report');
      await mkdir(run.request.out, { recursive: true });
      for (const name of ['stitched.bin', 'patches.json']) {
        await publish(join(run.request.out, name), await readFile(join(run.folder, name)));
      }
      const manifest = { failed: failed.map(({ index }) => index), timing: { endedAt: new Date().toISOString() } };
      await publish(join(run.request.out, 'run.json'), JSON.stringify(manifest));
      return { state: 'done', summary: { chunks } };
    },
    close: () => Promise.resolve(),
  };
}

function bytesOf(request: RunRequest, index: number): Uint8Array {
  let seed = Number.parseInt(sha(JSON.stringify([request.before.files, index])).slice(0, 8), 16);
  return Uint8Array.from({ length: 1000 }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed >>> 24;
  });
}

async function publish(path: string, bytes: Uint8Array | string): Promise<void> {
  // the same job may run twice at once
  const draft = `${path}.${randomUUID()}.draft`;
  await writeFile(draft, bytes);
  await rename(draft, path);
}

/** A request that differs from others by its `name` alone. */
export function dummyRequest(name: string, out: string): RunRequest {
  return {
    before: { files: [`/${name}/before.tif`] },
    after: { files: [`/${name}/after.tif`] },
    model: 'none',
    grid: 'before',
    out,
    force: false,
  };
}
