import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../pipeline/errors.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import type { PglitePool } from '../../workers/database/pglite.ts';
import { putSchedule } from '../../workers/database/schedule-rows.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { openDatabaseTimer } from '../../workers/queue/open-queue.ts';
import { type Registry, openRegistry } from '../../workers/registry/registry.ts';
import { type ServeOptions, serveSchedules } from '../../workers/watch/serve-schedules.ts';
import { watchRequest } from '../support/watch-request.ts';

const hourMs = 3_600_000;
const request = watchRequest('/inbox', '/out');

describe('schedules that two processes serve', { timeout: 60_000 }, () => {
  let folder = '';
  let pool: PglitePool;
  let registry: Registry;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-serve-'));
    pool = await openEmbedded(folder, migrate);
    await pool.query('SET search_path TO bullmq');
    const images = await openFolderStore(join(folder, 'images'));
    registry = openRegistry({ pool, images, now: () => new Date() });
  });
  afterAll(async () => {
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });

  /** Both serve until so many firings have ended. @returns what was begun and ended, in order, with who did it */
  async function serveBoth(enough: number, changed: Partial<ServeOptions['registry']> = {}) {
    const stop = new AbortController();
    const begun: string[] = [];
    const ended: string[] = [];
    const troubles: string[] = [];
    const serve = () =>
      serveSchedules({
        timer: openDatabaseTimer(pool, { onError: () => undefined }),
        registry: { ...registry, ...changed },
        openArrivals: () =>
          Promise.resolve({ root: '/inbox', list: () => Promise.resolve([]), version: () => Promise.resolve(null) }),
        runs: 1,
        run: () => Promise.reject(new AppError('BUG', 'nothing arrives', '')),
        signal: stop.signal,
        now: () => new Date(),
        refreshMs: 50,
        onTrouble: (line) => troubles.push(line),
        print: { onLook: () => undefined, onRun: () => undefined },
        onFiring({ area, slotMs, cause }, outcome) {
          (outcome === null ? begun : ended).push(
            `${area} ${slotMs} ${cause}${outcome === null ? '' : `: ${outcome}`}`,
          );
          if (ended.length >= enough) stop.abort();
        },
      });
    await Promise.all([serve(), serve()]);
    return { begun, ended, troubles };
  }

  it('fire once a slot, and what was missed is caught up once, although the database was away when it was due', async () => {
    const added = { by: '王工', at: new Date(Date.now() - 80 * hourMs).toISOString() };
    await putSchedule(
      pool,
      { area: '嘉善', pattern: '0 3 * * *', zone: 'Asia/Shanghai', season: null, request },
      added,
    );
    await putSchedule(
      pool,
      { area: '嘉兴', pattern: '* * * * * *', zone: 'Asia/Shanghai', season: null, request },
      { ...added, at: new Date().toISOString() },
    );
    const away = new AppError('UNAVAILABLE', 'The database is away.', '');
    const refused = new Map<string, number>();
    const once = (what: string) => {
      refused.set(what, (refused.get(what) ?? 0) + 1);
      return refused.get(what) === 1;
    };
    const { begun, ended, troubles } = await serveBoth(3, {
      schedules: () => (once('schedules') ? Promise.reject(away) : registry.schedules()),
      claimFiring: (firing) => (once('claim') ? Promise.reject(away) : registry.claimFiring(firing)),
    });
    expect(troubles).toEqual(['UNAVAILABLE: The database is away.']);
    expect(new Set(begun).size).toBe(begun.length);
    const missed = ended.filter((line) => line.startsWith('嘉善'));
    expect(missed).toEqual([expect.stringMatching(/caught-up: done, runs: 0$/)]);
    const slots = ended.filter((line) => line.startsWith('嘉兴')).map((line) => Number(line.split(' ')[1]));
    expect(slots.length).toBeGreaterThanOrEqual(2);
    expect(new Set(slots).size).toBe(slots.length);
  });
});
