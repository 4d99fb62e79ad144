import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { createDummyWork, dummyRequest } from '../support/dummy-work.ts';
import { type ServiceName, type Services, absentServices, startServices } from '../support/services.ts';
import { differences, readTree } from './kill.ts';

const script = new URL('./dummy-shared.ts', import.meta.url).pathname;
const absent = absentServices(['redis', 'postgres', 's3']);
if (absent !== null) process.stdout.write(`${absent}: faults of servers\n`);
/** the full form stays away for ten seconds */
const isLong = process.env['TIANWATCH_LONG'] !== undefined;
const awayMs = isLong ? 10_000 : 3000;
const lockMs = 2000;
const chunks = 30;
const options = JSON.stringify({ chunks, stepMs: 100 });

interface Process {
  readonly pid: number;
  readonly lines: string[];
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  /** a line of its output that holds these words */
  until(words: string, count?: number): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

describe.skipIf(absent !== null)('a run of many processes', { timeout: 180_000 }, () => {
  let folder = '';
  let services: Services;
  let expected: ReadonlyMap<string, string>;
  let runs = 0;
  let alive: Process[] = [];

  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Process {
    const own = { TIANWATCH_DATA: join(folder, `host-${args[0]}-${alive.length}`), TIANWATCH_LOCK_MS: String(lockMs) };
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      env: { ...process.env, ...services.env, ...own, ...env },
    });
    const lines: string[] = [];
    let [held, stderr] = ['', ''];
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    child.stdout.on('data', (bytes: Buffer) => {
      const parts = (held + bytes.toString()).split('\n');
      held = parts.pop() ?? '';
      lines.push(...parts);
    });
    const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, stderr })),
    );
    const count = (words: string) => lines.filter((line) => line.includes(words)).length;
    const begun: Process = {
      pid: child.pid ?? 0,
      lines,
      ended,
      until: async (words, least = 1) => {
        await expect
          .poll(() => count(words), { timeout: 60_000, interval: 20, message: words })
          .toBeGreaterThanOrEqual(least);
      },
      signal: (name) => void child.kill(name),
    };
    alive.push(begun);
    return begun;
  }
  const worker = (env?: Readonly<Record<string, string>>) => start(['worker', options], env);
  const ask = () => {
    const name = `pair${(runs += 1)}`;
    const out = join(folder, `out-${name}`);
    return { out, name, process: start(['run', options, name, out]) };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-servers-'));
    services = await startServices(['redis', 'postgres', 's3']);
  }, 60_000);
  // the S3 of tests ends when a client is killed in the middle of a request
  beforeEach(() => services.start('s3'));
  afterEach(async () => {
    for (const process of alive) process.signal('SIGKILL');
    await Promise.all(alive.map(({ ended }) => ended));
    alive = [];
  });
  afterAll(async () => {
    await services?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The same work without queue, processes or servers. */
  async function undisturbed(name: string): Promise<ReadonlyMap<string, string>> {
    const own = join(folder, `alone-${name}`);
    await mkdir(own);
    const images = await openFolderStore(join(own, 'images'));
    const work = createDummyWork({ chunks, stepMs: 0 }, { images });
    const run = {
      runId: 'r',
      request: dummyRequest(name, join(own, 'out')),
      folder: own,
      images,
      signal: new AbortController().signal,
    };
    for (let index = 0; index < chunks; index += 1) await work.computeChunk(run, index);
    await work.stitch(run, []);
    await work.detect(run, []);
    await work.report(run, []);
    return readTree(run.request.out);
  }

  /** The command ends well, with the bytes of an undisturbed run and every chunk counted once. */
  async function expectWhole({ name, out, process }: ReturnType<typeof ask>): Promise<void> {
    expect(await process.ended).toEqual({ code: 0, stderr: '' });
    const last = JSON.parse(process.lines.at(-1) ?? '{}') as {
      state: string;
      chunks: { total: number; computed: number; skipped: number; failed: number };
    };
    expect(last).toMatchObject({ state: 'done', round: 1, chunks: { total: chunks, failed: 0 } });
    expect(last.chunks.computed + last.chunks.skipped).toBe(chunks);
    expected = await undisturbed(name);
    expect(differences(expected, await readTree(out))).toEqual([]);
  }

  it('goes on when a worker is killed in the middle of a chunk', async () => {
    const [a, b] = [worker(), worker()];
    await Promise.all([a.until('ready'), b.until('ready')]);
    const run = ask();
    await a.until('chunk', 3);
    a.signal('SIGKILL');
    await a.ended;
    await services.start('s3');
    await expectWhole(run);
    expect(b.lines.filter((line) => line.includes('report'))).not.toEqual([]);
  });

  it('goes on elsewhere when a worker is told to end: it drains and exits 0', async () => {
    const [a, b] = [worker(), worker()];
    await Promise.all([a.until('ready'), b.until('ready')]);
    const run = ask();
    await a.until('chunk', 3);
    const toldMs = performance.now();
    a.signal('SIGTERM');
    expect(await a.ended).toEqual({ code: 0, stderr: '' });
    expect(performance.now() - toldMs).toBeLessThan(10_000);
    await expectWhole(run);
  });

  it('is whole when a worker sleeps longer than its locks last, and wakes up', async () => {
    const [a, b] = [worker(), worker()];
    await Promise.all([a.until('ready'), b.until('ready')]);
    const run = ask();
    await a.until('chunk', 3);
    a.signal('SIGSTOP');
    await pause(2 * lockMs);
    a.signal('SIGCONT');
    await expectWhole(run);
  });

  for (const name of ['redis', 'postgres', 's3'] satisfies ServiceName[]) {
    it(`waits for ${name} that is gone for ${awayMs / 1000} s`, async () => {
      const [a, b] = [worker(), worker()];
      await Promise.all([a.until('ready'), b.until('ready')]);
      const run = ask();
      await a.until('chunk', 3);
      await services.stop(name);
      await pause(awayMs);
      await services.start(name);
      await expectWhole(run);
    });

    it(`waits for ${name} that answers nothing for ${awayMs / 1000} s`, async () => {
      const [a, b] = [worker(), worker()];
      await Promise.all([a.until('ready'), b.until('ready')]);
      const run = ask();
      await a.until('chunk', 3);
      services.signal(name, 'SIGSTOP');
      await pause(awayMs);
      services.signal(name, 'SIGCONT');
      await expectWhole(run);
    });
  }

  it('refuses to start, in a line, where a server is absent or says no', async () => {
    const { TIANWATCH_DATABASE: database = '', TIANWATCH_QUEUE: queue = '' } = services.env;
    const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ TIANWATCH_DATABASE: 'postgres://a:b@127.0.0.1:1/x' }, /^UNAVAILABLE: .*127\.0\.0\.1:1/],
      [{ TIANWATCH_DATABASE: database.replace(':tianwatch@', ':wrong@') }, /^FORBIDDEN: PostgreSQL .*password/],
      [{ TIANWATCH_QUEUE: 'redis://127.0.0.1:1' }, /^UNAVAILABLE: Redis at 127\.0\.0\.1:1 cannot be reached/],
      [{ TIANWATCH_QUEUE: queue.replace(':tianwatch@', ':wrong@') }, /^CONFIG_INVALID: Redis .*WRONGPASS/],
      [{ TIANWATCH_IMAGES: 's3://no-such-bucket/x' }, /^[A-Z_]+: .*no-such-bucket/],
      [{ TIANWATCH_DATABASE: 'mysql://x' }, /^CONFIG_INVALID: TIANWATCH_DATABASE/],
    ];
    for (const [env, line] of cases) {
      const { code, stderr } = await worker(env).ended;
      expect(stderr, JSON.stringify(env)).toMatch(line);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).not.toContain(':wrong@');
      expect(code).toBe(1);
    }
  });
});
