import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Command, type Ended, differences, killInstants, readTree, runCommand } from './kill.ts';

const root = new URL('../..', import.meta.url).pathname;
/** `npm run test:long` asks for 20 */
const kills = Number(process.env['TIANWATCH_KILLS'] ?? 3);
const options = JSON.stringify({ chunks: 12, stepMs: 60 });

describe('a run that is killed', () => {
  let folder = '';
  let undisturbed: Ended;
  const out = (name: string) => join(folder, name, 'out');
  const command = (name: string): Command => ({
    file: process.execPath,
    args: ['--import', 'tsx', join(root, 'test/fault/dummy-run.ts'), join(folder, name), 'pair', out(name), options],
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-kill-'));
    // the first one makes the database template, which would spoil the measure of a run's length
    await runCommand(command('warm'));
    undisturbed = await runCommand(command('undisturbed'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it(`gives the same bytes when ${kills} SIGKILLs came before`, { timeout: kills * 20_000 }, async () => {
    expect(undisturbed.stderr).toBe('');
    expect(undisturbed.code).toBe(0);
    const expected = await readTree(out('undisturbed'));
    expect([...expected.keys()]).toEqual(['patches.json', 'run.json', 'stitched.bin']);

    let hits = 0;
    for (const [index, instant] of killInstants(kills, undisturbed.ms, 20261123).entries()) {
      const killed = await runCommand(command(`killed-${index}`), instant);
      if (killed.code === null) hits += 1;
      const again = await runCommand(command(`killed-${index}`));
      expect(again.stderr).toBe('');
      expect(again.code).toBe(0);
      expect(differences(expected, await readTree(out(`killed-${index}`))), `killed after ${instant} ms`).toEqual([]);
    }
    expect(hits).toBeGreaterThan(0);
  });
});
