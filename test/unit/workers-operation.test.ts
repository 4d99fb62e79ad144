import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../pipeline/errors.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { type Figures, checksOf, figuresOf } from '../../workers/operation/figures.ts';
import { openMetrics } from '../../workers/operation/metrics.ts';
import { type OperationParts, type OperationServer, serveOperation } from '../../workers/operation/operation-server.ts';
import { adminOf } from '../../workers/operation/admin-token.ts';
import { fillHome } from '../support/made-home.ts';
import type { Processor, TakenJob } from '../../workers/queue/port.ts';

const job = (name: string): TakenJob => ({ id: 'r.r1.x', name, payload: {}, isLastAttempt: false });
const processor = (error: Error | null): Processor => ({
  process: () => (error ? Promise.reject(error) : Promise.resolve()),
  judge: () => Promise.resolve('retry'),
});
const figures: Figures = {
  jobs: {
    help: 'jobs',
    labels: ['role', 'state'],
    ask: () => Promise.resolve([{ labels: { role: 'io', state: 'waiting' }, value: 3 }]),
  },
  absent: { help: 'a figure of a part that is away', labels: [], ask: () => Promise.reject(new Error('away')) },
};

let server: OperationServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});
async function serve(given: Partial<OperationParts> = {}): Promise<string> {
  server = await serveOperation({ port: 0, metrics: openMetrics({}), checks: {}, ...given });
  return server.url;
}

describe('metrics', () => {
  it('count and time what a processor does, by job, outcome and code of the error', async () => {
    const metrics = openMetrics(figures);
    const signal = new AbortController().signal;
    await metrics.ofProcessor(processor(null)).process(job('stitch'), signal);
    const bug = new Error('not foreseen');
    const failing = metrics.ofProcessor(processor(bug));
    await expect(failing.process(job('infer-chunk'), signal)).rejects.toBe(bug);
    expect(await failing.judge(job('infer-chunk'), bug)).toBe('retry');
    await failing.judge(job('infer-chunk'), new AppError('UNAVAILABLE', 'away', ''));
    const text = await metrics.text();
    for (const line of [
      'tianwatch_job_seconds_count{job="stitch",outcome="done"} 1',
      'tianwatch_job_seconds_count{job="infer-chunk",outcome="failed"} 1',
      'tianwatch_job_failures_total{job="infer-chunk",code="BUG",verdict="retry"} 1',
      'tianwatch_job_failures_total{job="infer-chunk",code="UNAVAILABLE",verdict="retry"} 1',
      'tianwatch_unclassified_errors_total 1',
      'tianwatch_jobs{role="io",state="waiting"} 3',
      'process_resident_memory_bytes',
    ])
      expect(text).toContain(line);
  });

  it('leave out what cannot be asked, say so, and tell the rest', async () => {
    const metrics = openMetrics(figures);
    await metrics.text();
    const text = await metrics.text();
    expect(text).toMatch(/tianwatch_figures_failed_total\{figure="absent"\} [12]/);
    expect(text).not.toMatch(/^tianwatch_absent \d/m);
    expect(text).toContain('tianwatch_jobs{role="io",state="waiting"} 3');
  });
});

describe('the figures of a home', () => {
  it('are read out of its queue, database and image store', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tianwatch-operation-'));
    const pool = await openEmbedded(folder, migrate);
    try {
      const images = await openFolderStore(join(folder, 'images'));
      await fillHome(pool, images);
      const role = { role: 'infer', jobs: { waiting: 2, active: 1 }, oldestMs: 1_000_000 } as const;
      const gate = { waiting: () => 3, limitBytes: 7e9 };
      const home = { pool, images, gate, queue: { look: () => Promise.resolve([role]) } };
      const text = await openMetrics(figuresOf(home, () => 1_005_000)).text();
      for (const line of [
        'tianwatch_queue_age_seconds{role="infer"} 5',
        'tianwatch_jobs{role="infer",state="waiting"} 2',
        'tianwatch_runs{state="running"} 1',
        'tianwatch_runs{state="done"} 1',
        'tianwatch_chunks{state="done"} 1',
        'tianwatch_chunks{state="waiting"} 1',
        'tianwatch_memory_waiting_jobs 3',
        'tianwatch_memory_limit_bytes 7000000000',
        'tianwatch_messages_unsent 2',
        'tianwatch_image_to_alert_seconds{quantile="0.5"} 0',
      ])
        expect(text).toContain(line);
      expect(text).toMatch(/^tianwatch_database_seconds 0\.\d+/m);
      expect(text).toMatch(/^tianwatch_images_seconds 0\.\d+/m);
      expect(text).not.toContain('tianwatch_figures_failed_total{');
      for (const check of Object.values(checksOf(home))) await check();
    } finally {
      await pool.end();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the server of an operation', () => {
  it('is alive, and ready as long as every part answers', async () => {
    const checks = { database: () => Promise.resolve(), queue: () => Promise.resolve() };
    const url = await serve({ checks, metrics: openMetrics(figures) });
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, checks: { database: 'ok', queue: 'ok' } }]);
    const told = await fetch(`${url}/metrics`);
    expect(told.headers.get('content-type')).toMatch(/^text\/plain; version=/);
    expect(await told.text()).toContain('tianwatch_jobs');
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
    server?.drain();
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ ready: false, draining: true });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('is not ready while a part is away or silent, and names it with the reason', async () => {
    const away = new AppError('UNAVAILABLE', 'PostgreSQL at db went away.', 'Look at the server.');
    const url = await serve({
      patienceMs: 50,
      checks: { database: () => Promise.reject(away), images: () => new Promise(() => undefined) },
    });
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      ready: false,
      checks: {
        database: 'UNAVAILABLE: PostgreSQL at db went away. Look at the server.',
        images: 'no answer within 50 ms',
      },
    });
  });

  it('says which port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(serve({ port })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `Port ${port} of 127.0.0.1 is taken.`,
    });
    other.close();
  });

  it('shows the board to who has the token alone, and to nobody where none is set', async () => {
    const board = adminOf('correct horse', (_request, response) => {
      response.end('board');
      return Promise.resolve();
    });
    const url = await serve({ ...(board && { board }) });
    const asked = async (authorization?: string) =>
      (await fetch(`${url}/queue/`, authorization === undefined ? {} : { headers: { authorization } })).status;
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(await asked()).toBe(401);
    for (const wrong of ['Bearer wrong', 'Bearer', 'Bearer correct hors', basic('admin:wrong'), basic(':'), 'Digest x'])
      expect(await asked(wrong), wrong).toBe(401);
    expect(await asked('Bearer correct horse')).toBe(200);
    expect(await asked(basic('anybody:correct horse'))).toBe(200);
    expect(adminOf('', () => Promise.resolve())).toBeNull();
    expect(adminOf(undefined, () => Promise.resolve())).toBeNull();
    expect(() => adminOf('short', () => Promise.resolve())).toThrow('TIANWATCH_ADMIN_TOKEN');
  });
});
