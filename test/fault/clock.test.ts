import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, readTree, runCommand } from './kill.ts';

const script = new URL('./dummy-run.ts', import.meta.url).pathname;
const jump = new URL('./clock-jump.mjs', import.meta.url).pathname;
const hourMs = 3_600_000;
// the third chunk comes on its second attempt, whose pause the jump must not stretch
const options = JSON.stringify({ chunks: 8, stepMs: 100, flaky: { 2: 1 } });

describe('a run whose clock jumps in the middle', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-clock-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** @param byMs null: the clock stays right */
  async function run(name: string, byMs: number | null) {
    const data = join(folder, name, 'data');
    const file = join(folder, `${name}.jump`);
    const ended = runCommand({
      file: process.execPath,
      args: ['--import', 'tsx', '--import', jump, script, data, 'pair', join(folder, name, 'out'), options],
      env: { TIANWATCH_TEST_JUMP: `${file},${byMs}` },
    });
    if (byMs !== null) {
      const log = () => readFile(join(data, 'log/tianwatch.log'), 'utf8').catch(() => '');
      await expect.poll(log, { timeout: 60_000, interval: 10 }).toContain('Run:Change:stage-begun');
      expect(await log()).not.toContain('"stage":"stitch"');
      await writeFile(file, '');
    }
    const { code, stderr, stdout } = await ended;
    const states = stdout.trim().split('\n');
    const times = (await readFile(join(data, 'log/tianwatch.log'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => Date.parse((JSON.parse(line) as { time: string }).time));
    return { code, stderr, last: states.at(-1), loggedMs: (times.at(-1) ?? 0) - (times[0] ?? 0) };
  }

  it('ends with the same bytes', { timeout: 180_000 }, async () => {
    const still = await run('still', null);
    expect(still).toMatchObject({ code: 0, stderr: '' });
    const expected = await readTree(join(folder, 'still', 'out'));
    for (const [name, byMs] of [
      ['forward', 26 * hourMs],
      ['back', -2 * hourMs],
    ] as const) {
      const jumped = await run(name, byMs);
      expect(jumped, name).toMatchObject({ code: 0, stderr: '', last: expect.stringContaining('"state":"done"') });
      expect(Math.sign(byMs) * jumped.loggedMs, 'the jump came while it ran').toBeGreaterThan(hourMs);
      expect(differences(expected, await readTree(join(folder, name, 'out')))).toEqual([]);
    }
  });
});
