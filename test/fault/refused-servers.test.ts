import { chmodSync, chownSync, copyFileSync, mkdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MadeCertificates, hasOpenssl, makeCertificates } from '../support/made-certificate.ts';
import { type RedisProcess, startRedis } from '../support/redis-process.ts';
import { type Services, absentServices, startServices } from '../support/services.ts';
import { openSharedProcesses } from '../support/shared-processes.ts';

const absent =
  absentServices(['redis', 'postgres']) ?? (hasOpenssl ? null : 'skipped: openssl not installed on this machine');
if (absent !== null) process.stdout.write(`${absent}: certificates, sentinels and evicting servers\n`);

describe.skipIf(absent !== null)('a worker at start', { timeout: 120_000 }, () => {
  let folder = '';
  let services: Services;
  let certificates: MadeCertificates;
  let processes: ReturnType<typeof openSharedProcesses>;
  const opened: RedisProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-refused-'));
    certificates = makeCertificates(folder);
    services = await startServices(['postgres', 'redis']);
    processes = openSharedProcesses(folder, { ...services.env, TIANWATCH_IMAGES: join(folder, 'images') });
  }, 60_000);
  afterEach(() => processes.killAll());
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await services?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const trusting = () => ({ NODE_EXTRA_CA_CERTS: certificates.authority });
  async function redis(...parameters: Parameters<typeof startRedis> extends [string, ...infer R] ? R : never) {
    const own = join(folder, `redis-${opened.length}`);
    mkdirSync(own);
    const server = await startRedis(own, ...parameters);
    opened.push(server);
    return server;
  }
  /** It works: ready, and ends well when it is told. */
  async function expectReady(env: Readonly<Record<string, string>>): Promise<void> {
    const worker = processes.worker(env);
    await Promise.race([worker.until('ready'), worker.ended]);
    worker.signal('SIGTERM');
    expect(await worker.ended).toEqual({ code: 0, stderr: '' });
  }
  /** It ends with this line. */
  async function expectRefused(env: Readonly<Record<string, string>>, line: RegExp): Promise<void> {
    const { code, stderr } = await processes.worker(env).ended;
    expect(stderr).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  }

  it('refuses a Redis that evicts keys', async () => {
    const { port } = await redis((own) => [`port ${own}`, 'maxmemory-policy allkeys-lru']);
    await expectRefused(
      { TIANWATCH_QUEUE: `redis://127.0.0.1:${port}` },
      /^CONFIG_INVALID: Redis at 127\.0\.0\.1:\d+ has maxmemory-policy allkeys-lru: it deletes jobs .*Set maxmemory-policy noeviction/,
    );
  });

  it('speaks TLS to Redis, and refuses a certificate that expired or that nobody vouches for', async () => {
    const tls = (certificate: string) =>
      redis((own) => [
        'port 0',
        `tls-port ${own}`,
        `tls-cert-file ${certificate}`,
        `tls-key-file ${certificates.key}`,
        'tls-auth-clients no',
        'requirepass secret',
      ]);
    const [good, expired] = [await tls(certificates.good), await tls(certificates.expired)];
    const at = ({ port }: RedisProcess) => ({ TIANWATCH_QUEUE: `rediss://:secret@127.0.0.1:${port}` });
    await Promise.all([
      expectReady({ ...at(good), ...trusting() }),
      expectRefused(
        { ...at(expired), ...trusting() },
        /^CONFIG_INVALID: Redis at 127.* is not trusted: its certificate has expired \(CERT_HAS_EXPIRED\)\. Renew the certificate there/,
      ),
      expectRefused(
        at(good),
        /^CONFIG_INVALID: Redis at 127.*an authority that is not known here .*NODE_EXTRA_CA_CERTS/,
      ),
    ]);
  });

  it('speaks TLS to PostgreSQL, and refuses a certificate that expired or that nobody vouches for', async () => {
    const own = services.env['TIANWATCH_DATABASE'] ?? '';
    const admin = new Client(own.replace('//tianwatch:', '//postgres:').replace(/\/tianwatch$/, '/postgres'));
    await admin.connect();
    const { rows } = await admin.query<{ data_directory: string }>('SHOW data_directory');
    const data = rows[0]?.data_directory ?? '';
    const { uid, gid } = statSync(data);
    const place = (from: string, name: string): void => {
      copyFileSync(from, join(data, name));
      chmodSync(join(data, name), 0o600);
      chownSync(join(data, name), uid, gid);
    };
    place(certificates.key, 'server.key');
    await admin.query('ALTER SYSTEM SET ssl = on');
    /** new connections are shown it from now on */
    async function show(certificate: string): Promise<void> {
      place(certificate, 'server.crt');
      await admin.query('SELECT pg_reload_conf()');
      await expect
        .poll(async () => (await admin.query<{ ssl: string }>('SHOW ssl')).rows[0]?.ssl, { timeout: 10_000 })
        .toBe('on');
    }
    const with_ = (parameters: string) => ({ TIANWATCH_DATABASE: `${own}?sslmode=verify-full${parameters}` });
    const trusted = with_(`&sslrootcert=${certificates.authority}`);
    try {
      await show(certificates.good);
      await Promise.all([
        expectReady(trusted),
        expectRefused(
          with_(''),
          /^CONFIG_INVALID: PostgreSQL at .* has no certificate that holds \(\w+\)\. .*sslrootcert/,
        ),
        expectRefused(
          with_('&sslrootcert=/absent.pem'),
          /^CONFIG_INVALID: PostgreSQL at .* certificate file that is not here/,
        ),
      ]);
      await show(certificates.expired);
      await expectRefused(
        trusted,
        /^CONFIG_INVALID: PostgreSQL at .* has no certificate that holds \(CERT_HAS_EXPIRED\)\. Renew the certificate there/,
      );
    } finally {
      await admin.end();
    }
  });

  it('finds Redis by its sentinels, and goes on when they name another server', async () => {
    const password = ['requirepass secret', 'masterauth secret', 'maxmemory-policy noeviction', 'appendonly yes'];
    const first = await redis((own) => [`port ${own}`, ...password]);
    await redis((own) => [`port ${own}`, ...password, `replicaof 127.0.0.1 ${first.port}`]);
    const { port } = await redis(
      (own) => [
        `port ${own}`,
        'requirepass secret',
        `sentinel monitor queue 127.0.0.1 ${first.port} 1`,
        'sentinel auth-pass queue secret',
        'sentinel down-after-milliseconds queue 1000',
        'sentinel failover-timeout queue 5000',
      ],
      'sentinel',
    );
    // it asks a server for its replicas every 10 s: one that has not been named takes no server's place
    const asked = new Redis({ host: '127.0.0.1', port, password: 'secret' });
    await expect
      .poll(async () => String(await asked.call('SENTINEL', 'REPLICAS', 'queue')), { timeout: 30_000 })
      .toContain('master-link-status,ok');
    asked.disconnect();
    const at = (name: string) => ({ TIANWATCH_QUEUE: `redis-sentinel://:secret@127.0.0.1:${port}/${name}` });
    await expectRefused(at('absent'), /^UNAVAILABLE: Redis at .*\/absent cannot be used: /);
    const own = openSharedProcesses(await mkdtemp(join(folder, 'sentinel-')), {
      ...services.env,
      TIANWATCH_IMAGES: join(folder, 'images'),
      ...at('queue'),
    });
    try {
      const worker = own.worker();
      await worker.until('ready');
      const run = own.ask();
      await worker.until('chunk', 3);
      first.signal('SIGKILL');
      await own.expectWhole(run);
    } finally {
      await own.killAll();
    }
  });
});
