import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { homeAt } from '../../workers/home.ts';
import type { Firing, StoredSchedule } from '../../workers/watch/schedule.ts';
import { runSchedules } from '../../workers/watch/run-schedules.ts';
import { addSchedule, listSchedules, removeSchedule } from '../../workers/watch/schedule-door.ts';
import { createDummyWork } from '../support/dummy-work.ts';
import { writeMadeScene } from '../support/scene-geotiff.ts';
import { watchRequest } from '../support/watch-request.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-schedule-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const home = homeAt(join(folder, 'data'));
const [inbox, out] = [join(folder, 'inbox'), join(folder, 'out')];

const request = watchRequest(inbox, out);

/** What was said of each slot: that it began (null), and how it ended. */
const said: (readonly [number, string | null])[] = [];

/** Serve until so many slots were served; what is done meanwhile goes through the process that serves. */
async function serve(
  enough: number,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<readonly (readonly [Firing, string])[]> {
  const stop = new AbortController();
  const served: (readonly [Firing, string])[] = [];
  await runSchedules({
    home,
    threads: 1,
    createWork: (parts) => createDummyWork({ chunks: 1, stepMs: 0 }, parts),
    signal: stop.signal,
    refreshMs: 100,
    onWait: () => undefined,
    print: { onLook: () => undefined, onRun: () => undefined },
    onFiring: (firing, outcome) => {
      said.push([firing.slotMs, outcome]);
      if (outcome !== null) served.push([firing, outcome]);
      if (outcome !== null && served.length === enough) void meanwhile().finally(() => stop.abort());
    },
  });
  return served;
}

describe('tianwatch schedule run', { timeout: 240_000 }, () => {
  it('fires by the clock, each slot once, over an end and a new beginning', async () => {
    mkdirSync(inbox, { recursive: true });
    for (const [name, acquired] of [
      ['a', '2025-08-15'],
      ['b', '2026-08-12'],
    ] as const)
      await writeMadeScene(join(inbox, `${name}.tif`), {
        data: Uint16Array.from({ length: 6 * 256 }, (_, at) => 500 + ((at * 37) % 900) + name.charCodeAt(0)),
        width: 16,
        height: 16,
        acquired,
      });
    await addSchedule(home, { area: '嘉兴', pattern: '* * * * * *', zone: 'Asia/Shanghai', season: null, request });
    let listed: readonly StoredSchedule[] = [];
    const lookAndRemove = async (): Promise<void> => {
      listed = await listSchedules(home);
      await removeSchedule(home, '嘉兴');
      await expect(removeSchedule(home, '嘉兴')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    };
    const first = await serve(2);
    const second = await serve(1, lookAndRemove);
    const slots = [...first, ...second].map(([{ slotMs }]) => slotMs);
    expect(new Set(slots).size).toBe(slots.length);
    expect(slots.toSorted((a, b) => a - b)).toEqual(slots);
    expect(slots.every((slot) => slot % 1000 === 0)).toBe(true);
    expect([...first, ...second].map(([{ area }, outcome]) => `${area} ${outcome}`)).toEqual([
      '嘉兴 done, runs: 1',
      ...Array.from({ length: slots.length - 1 }, () => '嘉兴 done, runs: 0'),
    ]);
    expect(listed).toMatchObject([{ area: '嘉兴' }]);
    // the next slot may have begun when it was asked
    const [{ lastSlotMs, lastOutcome }] = listed as [StoredSchedule];
    expect(lastSlotMs).toBeGreaterThanOrEqual(slots[first.length]!);
    expect(said).toContainEqual([lastSlotMs, lastOutcome]);
  });
});
