import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePair } from '../../scripts/made-pair.ts';
import { writeMadeScene } from '../support/scene-geotiff.ts';
import { type Command, type Kill, differences, killRepeatedly, readTree, runCommand, seeded } from './kill.ts';

const tianwatch = new URL('../../scripts/tianwatch.mjs', import.meta.url).pathname;
/** `npm run test:long` asks for 20 */
const kills = Number(process.env['TIANWATCH_KILLS'] ?? 0);
const killsOfOneSeries = 4;
const sidePx = 320;
if (kills === 0) process.stdout.write('kills of a series: skipped, long form only (TIANWATCH_KILLS=20)\n');

describe.skipIf(kills === 0)('tianwatch series', () => {
  let folder = '';
  const out = () => join(folder, 'out');
  const command = (data: string): Command => ({
    file: process.execPath,
    args: [tianwatch, 'series', '--scenes', join(folder, 'scenes'), '--threads', '2', '--out', out()],
    env: { TIANWATCH_DATA: join(folder, data) },
  });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-kill-series-'));
    mkdirSync(join(folder, 'scenes'));
    const pair = makePair(sidePx, 8);
    for (const [position, acquired] of ['2025-07-20', '2025-08-15', '2026-07-25', '2026-08-12'].entries()) {
      const ground = position < 2 ? pair.before : pair.after;
      const data = Uint16Array.from(ground, (value) => (value === 0 ? 0 : value + position));
      await writeMadeScene(join(folder, 'scenes', `s${position}.tif`), {
        data,
        width: sidePx,
        height: sidePx,
        acquired,
      });
    }
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it(
    `gives the same bytes after ${kills} SIGKILLs at random instants`,
    { timeout: (kills + 2) * 120_000 },
    async () => {
      const undisturbed = await runCommand(command('undisturbed'));
      expect(undisturbed.code, undisturbed.stderr).toBe(0);
      const expected = await readTree(out());
      expect([...expected.keys()]).toContain('tracks.geojson');
      const random = seeded(20261126);
      let hit = 0;
      for (let done = 0; done < kills; done += killsOfOneSeries) {
        await rm(out(), { recursive: true });
        const moments = Array.from({ length: Math.min(killsOfOneSeries, kills - done) }, (): Kill => ({
          afterLines: 1 + Math.floor(random() * 6),
          plusMs: (random() * undisturbed.ms) / 8,
        }));
        const { last, hits } = await killRepeatedly(command(`killed-${done}`), moments);
        hit += hits;
        expect(last.code, last.stderr).toBe(0);
        expect(differences(expected, await readTree(out())), JSON.stringify(moments)).toEqual([]);
      }
      process.stdout.write(`${hit} of ${kills} kills hit a living series\n`);
      expect(hit).toBeGreaterThan(0);
    },
  );
});
