import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ServiceName, type Services, absentServices, startServices } from '../support/services.ts';
import { lockMs, openSharedProcesses } from '../support/shared-processes.ts';

const absent = absentServices(['redis', 'postgres', 's3']);
if (absent !== null) process.stdout.write(`${absent}: faults of servers\n`);
/** the full form stays away for ten seconds */
const awayMs = process.env['TIANWATCH_LONG'] === undefined ? 3000 : 10_000;

describe.skipIf(absent !== null)('a run of many processes', { timeout: 180_000 }, () => {
  let folder = '';
  let services: Services;
  let processes: ReturnType<typeof openSharedProcesses>;
  const worker = (env?: Readonly<Record<string, string>>) => processes.worker(env);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-servers-'));
    services = await startServices(['redis', 'postgres', 's3']);
    processes = openSharedProcesses(folder, services.env);
  }, 60_000);
  // the S3 of tests ends when a client is killed in the middle of a request
  beforeEach(() => services.start('s3'));
  afterEach(() => processes.killAll());
  afterAll(async () => {
    await services?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('goes on when a worker is killed in the middle of a chunk', async () => {
    const [a, b] = [worker(), worker()];
    await Promise.all([a.until('ready'), b.until('ready')]);
    const run = processes.ask();
    await a.until('chunk', 3);
    a.signal('SIGKILL');
    await a.ended;
    await services.start('s3');
    await processes.expectWhole(run);
    expect(b.lines.filter((line) => line.includes('report'))).not.toEqual([]);
  });

  it('goes on elsewhere when a worker is told to end: it drains and exits 0', async () => {
    const [a, b] = [worker(), worker()];
    await Promise.all([a.until('ready'), b.until('ready')]);
    const run = processes.ask();
    await a.until('chunk', 3);
    const toldMs = performance.now();
    a.signal('SIGTERM');
    expect(await a.ended).toEqual({ code: 0, stderr: '' });
    expect(performance.now() - toldMs).toBeLessThan(10_000);
    await processes.expectWhole(run);
  });

  it('is whole when a worker sleeps longer than its locks last, and wakes up', async () => {
    const [a, b] = [worker(), worker()];
    await Promise.all([a.until('ready'), b.until('ready')]);
    const run = processes.ask();
    await a.until('chunk', 3);
    a.signal('SIGSTOP');
    await pause(2 * lockMs);
    a.signal('SIGCONT');
    await processes.expectWhole(run);
  });

  for (const name of ['redis', 'postgres', 's3'] satisfies ServiceName[]) {
    it(`waits for ${name} that is gone for ${awayMs / 1000} s`, async () => {
      const [a, b] = [worker(), worker()];
      await Promise.all([a.until('ready'), b.until('ready')]);
      const run = processes.ask();
      await a.until('chunk', 3);
      await services.stop(name);
      await pause(awayMs);
      await services.start(name);
      await processes.expectWhole(run);
    });

    it(`waits for ${name} that answers nothing for ${awayMs / 1000} s`, async () => {
      const [a, b] = [worker(), worker()];
      await Promise.all([a.until('ready'), b.until('ready')]);
      const run = processes.ask();
      await a.until('chunk', 3);
      services.signal(name, 'SIGSTOP');
      await pause(awayMs);
      services.signal(name, 'SIGCONT');
      await processes.expectWhole(run);
    });
  }

  it('is done by its own version alone: a worker of another one says so and ends, and nothing is lost', async () => {
    const other = worker({ TIANWATCH_TEST_VERSION: 'another version' });
    await other.until('ready');
    const run = processes.ask();
    const { code, stderr } = await other.ended;
    expect(stderr).toMatch(/^CONFLICT: Job .* is of version one version .* this worker has another vers/);
    expect(code).toBe(1);
    await worker().until('ready');
    await processes.expectWhole(run);
  });

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
