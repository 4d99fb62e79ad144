import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, openPostgres } from '../../workers/database/postgres.ts';
import { dropSchedule, putSchedule, selectSchedules } from '../../workers/database/schedule-rows.ts';
import type { Schedule } from '../../workers/watch/schedule.ts';
import { writeMadeScene } from '../support/scene-geotiff.ts';
import { type Services, absentServices, startServices } from '../support/services.ts';
import { openSharedProcesses } from '../support/shared-processes.ts';
import { watchRequest } from '../support/watch-request.ts';

const absent = absentServices(['redis', 'postgres']);
if (absent !== null) process.stdout.write(`${absent}: schedules of workers\n`);
const dayMs = 86_400_000;

describe.skipIf(absent !== null)('schedules of a shared home', { timeout: 120_000 }, () => {
  let folder = '';
  let services: Services;
  let database: Postgres;
  let processes: ReturnType<typeof openSharedProcesses>;
  const by = (at = new Date()) => ({ by: '王工', at: at.toISOString() });
  const scheduleOf = (area: string, pattern: string): Schedule => ({
    area,
    pattern,
    zone: 'Asia/Shanghai',
    season: null,
    request: watchRequest(join(folder, area), join(folder, `out-${area}`)),
  });
  async function arrive(area: string): Promise<void> {
    await mkdir(join(folder, area));
    for (const [name, acquired] of [
      ['a', '2025-08-15'],
      ['b', '2026-08-12'],
    ] as const)
      await writeMadeScene(join(folder, area, `${name}.tif`), {
        data: Uint16Array.from({ length: 6 * 256 }, (_, at) => 500 + ((at * 37) % 900) + name.charCodeAt(0)),
        width: 16,
        height: 16,
        acquired,
      });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-schedules-'));
    services = await startServices(['redis', 'postgres']);
    const env = { ...services.env, TIANWATCH_IMAGES: join(folder, 'images') };
    database = await openPostgres(services.env['TIANWATCH_DATABASE'] ?? '');
    processes = openSharedProcesses(folder, env);
  }, 60_000);
  afterEach(() => processes.killAll());
  afterAll(async () => {
    await database?.end();
    await services?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Lines of both workers about an area that say how a slot ended. */
  const ends = (workers: readonly { readonly lines: readonly string[] }[], area: string) =>
    workers
      .flatMap(({ lines }) => lines.filter((line) => line.includes(`"area":"${area}"`)))
      .map((line) => JSON.parse(line) as { slotMs: number; cause: string; outcome: string | null })
      .filter(({ outcome }) => outcome !== null);

  it('are served by the workers: each slot once, a missed one caught up once, one that broke off gone on with', async () => {
    for (const area of ['海盐', '平湖']) await arrive(area);
    await putSchedule(database.pool, scheduleOf('平湖', '0 3 * * *'), by(new Date(Date.now() - 4 * dayMs)));
    const [a, b] = [processes.worker(), processes.worker()];
    await expect.poll(() => ends([a, b], '平湖').length, { timeout: 40_000 }).toBe(1);
    expect(ends([a, b], '平湖')).toMatchObject([{ cause: 'caught-up', outcome: 'done, runs: 1' }]);
    // a third one that comes later finds nothing to catch up
    await putSchedule(database.pool, scheduleOf('海盐', '* * * * * *'), by());
    const begins = (one: typeof a) => one.lines.some((line) => /"area":"海盐".*"outcome":null/.test(line));
    await expect.poll(() => [a, b].some(begins), { timeout: 20_000, interval: 10 }).toBe(true);
    const broken = begins(a) ? a : b;
    // in the middle of its run
    broken.signal('SIGKILL');
    await broken.ended;
    const c = processes.worker();
    const all = [a, b, c];
    await expect.poll(() => ends(all, '海盐').length, { timeout: 40_000 }).toBeGreaterThanOrEqual(3);
    await dropSchedule(database.pool, '海盐', by());
    for (const one of all) one.signal('SIGTERM');
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(
      all.map((one) => ({ code: one === broken ? null : 0, stderr: '' })),
    );
    const slots = ends(all, '海盐').map(({ slotMs }) => slotMs);
    expect(new Set(slots).size).toBe(slots.length);
    const outcomes = ends(all, '海盐').map(({ outcome }) => outcome);
    expect(outcomes.every((outcome) => /^done, runs: [01]$/.test(outcome ?? ''))).toBe(true);
    // a slot that came while the one before was served has joined its run
    const { rows } = await database.pool.query<{ state: string }>(
      "SELECT state FROM tianwatch.run WHERE request::text LIKE '%海盐%'",
    );
    expect(rows).toEqual([{ state: 'done' }]);
    expect(ends(all, '平湖')).toHaveLength(1);
    expect(await selectSchedules(database.pool)).toMatchObject([{ area: '平湖', lastOutcome: 'done, runs: 1' }]);
  });
});
