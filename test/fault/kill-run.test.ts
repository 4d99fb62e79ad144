import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMadeScenes } from '../support/made-scenes.ts';
import { type Command, type Kill, differences, killRepeatedly, readTree, runCommand, seeded } from './kill.ts';

const tianwatch = new URL('../../scripts/tianwatch.mjs', import.meta.url).pathname;
const isLong = process.env['TIANWATCH_KILLS'] !== undefined;
/** `npm run test:long` asks for 20 */
const kills = Number(process.env['TIANWATCH_KILLS'] ?? 3);
/** the long form has four chunks, which only the evidence without a network cuts so small */
const [sizePx, model] = isLong ? [1600, 'none'] : [300, 'auto'];
const killsOfOneRun = 3;

describe('tianwatch run', () => {
  let folder = '';
  let scenes: { before: string; after: string };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-kill-run-'));
    scenes = await writeMadeScenes(folder, sizePx);
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The results name the folder they are written to, so all runs write to the same one. */
  const out = () => join(folder, 'out');
  const command = (data: string): Command => ({
    file: process.execPath,
    args: [tianwatch, 'run', '--before', scenes.before, '--after', scenes.after, '--model', model, '--out', out()],
    env: { TIANWATCH_DATA: join(folder, data) },
  });

  it(`gives the same bytes after ${kills} SIGKILLs at random instants`, { timeout: (kills + 2) * 60_000 }, async () => {
    const undisturbed = await runCommand(command('undisturbed'));
    expect(undisturbed.code, undisturbed.stderr).toBe(0);
    const expected = await readTree(out());
    expect([...expected.keys()]).toContain('change.tif');

    const random = seeded(20261123);
    let hit = 0;
    for (let done = 0; done < kills; done += killsOfOneRun) {
      await rm(out(), { recursive: true });
      // after n of the five stages' lines and a part of a stage's length
      const moments = Array.from({ length: Math.min(killsOfOneRun, kills - done) }, (): Kill => ({
        afterLines: 1 + Math.floor(random() * 4),
        plusMs: (random() * undisturbed.ms) / 8,
      }));
      const { last, hits } = await killRepeatedly(command(`killed-${done}`), moments);
      hit += hits;
      expect(last.code, last.stderr).toBe(0);
      expect(differences(expected, await readTree(out())), JSON.stringify(moments)).toEqual([]);
    }
    process.stdout.write(`${hit} of ${kills} kills hit a living run\n`);
    expect(hit).toBeGreaterThan(0);
  });
});
