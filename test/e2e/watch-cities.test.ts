import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../scripts/made-pair.ts';
import { runStatusSchema } from '../../workers/run-status.ts';
import { tianwatch } from '../support/run-command.ts';

const shared = process.env['TIANWATCH_SHARED'] ?? new URL('../../../shared', import.meta.url).pathname;
const cities = join(shared, 'data/s2_pairs');
const isLong = process.env['TIANWATCH_LONG'] === '1' && existsSync(cities);
if (!isLong) process.stdout.write('a watch over 20 cities: skipped, wants TIANWATCH_LONG=1 and ../shared\n');

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-watch-cities-'));
const [inbox, out, data] = [join(folder, 'inbox'), join(folder, 'out'), join(folder, 'data')];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const script = new URL('../../scripts/tianwatch.mjs', import.meta.url).pathname;
const watchArgs = ['watch', inbox, '--out', out, '--parts', '10m,20m', '--settle', '1s', '--every', '1s', '--json'];

interface Line {
  readonly event: 'look' | 'begun' | 'ended';
  readonly pair?: { readonly id: string; readonly after: { readonly name: string }; readonly outcome: string | null };
  readonly ready?: readonly unknown[];
  readonly known?: readonly { readonly state: string }[];
  readonly notReady?: readonly { readonly name: string; readonly reason: string }[];
}

function startWatch(lines: Line[]): ChildProcess {
  const child = spawn('nice', [process.execPath, script, ...watchArgs], {
    env: { ...process.env, TIANWATCH_DATA: data },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Line));
  return child;
}

/** A file that appears whole, as a rename gives it. */
function arrive(from: string, to: string): void {
  copyFileSync(from, join(folder, 'draft'));
  renameSync(join(folder, 'draft'), to);
}

async function until(holds: () => boolean, limitMs: number): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += 200) {
    if (waitedMs > limitMs) throw new Error(`it did not come to that within ${limitMs} ms`);
    await pause(200);
  }
}

describe.skipIf(!isLong)('a folder that receives the pairs of 20 cities', { timeout: 3_600_000 }, () => {
  it('runs every pair once, in any order, with duplicates, a half-written file and a kill in between', async () => {
    mkdirSync(join(inbox, 'again'), { recursive: true });
    const names = readdirSync(cities).flatMap((city) =>
      readdirSync(join(cities, city))
        .filter((name) => /_(10|20)m\.tif$/.test(name))
        .map((name) => join(cities, city, name)),
    );
    expect(names).toHaveLength(80);
    const random = seededRandom(11);
    const half = names[Math.floor(random() * names.length)]!;
    const twice = readdirSync(cities).filter(() => random() < 0.25);
    const events = [
      ...names.filter((path) => path !== half).map((path) => () => arrive(path, join(inbox, basename(path)))),
      ...names
        .filter((path) => twice.some((city) => path.includes(`/${city}_`)))
        .map((path) => () => arrive(path, join(inbox, 'again', basename(path)))),
      () => writeFileSync(join(inbox, basename(half)), readFileSync(half).subarray(0, 200_000)),
    ]
      .map((event) => [random(), event] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, event]) => event);
    const lines: Line[] = [];
    const ended = () => lines.filter(({ event }) => event === 'ended').map(({ pair }) => pair!);
    let child = startWatch(lines);
    for (const event of events) {
      event();
      await pause(600 * random());
    }
    await until(() => ended().length >= 5, 1_200_000);
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
    child = startWatch(lines);
    await until(() => lines.at(-1)?.event === 'look' && ended().length >= 19, 2_400_000);
    const waiting = lines.findLast(({ event }) => event === 'look')!.notReady!;
    expect(waiting).toContainEqual(
      expect.objectContaining({ name: basename(half).replace(/_\d+m\.tif$/, ''), reason: 'NOT_WHOLE' }),
    );
    appendFileSync(join(inbox, basename(half)), readFileSync(half).subarray(200_000));
    await until(() => ended().length >= 20, 600_000);
    const over = once(child, 'close');
    child.kill('SIGTERM');
    await over;
    const again = await tianwatch([...watchArgs, '--once'], { data });
    expect(again.exit, again.stderr).toBe(0);
    expect(again.stdout).not.toContain('"begun"}');
    expect(again.stdout.split('\n').filter((line) => line.includes('"event":"begun"'))).toEqual([]);
    const { stdout } = await tianwatch(['status', '--json'], { data });
    const runs = runStatusSchema.array().parse(JSON.parse(stdout));
    const outcomes = ended().map(({ outcome }) => outcome);
    const copies = waiting.filter(({ reason }) => reason === 'DUPLICATE').length;
    process.stdout.write(
      `${events.length} arrivals: ${runs.length} runs, rounds ${[...new Set(runs.map(({ round }) => round))].join()}, ${outcomes.length} ended (${[...new Set(outcomes)].join()}), ${copies} scenes twice, 1 half-written, 1 kill\n`,
    );
    expect(new Set(ended().map(({ id }) => id)).size).toBe(20);
    expect(runs.map(({ state, round }) => `${state} ${round}`)).toEqual(Array.from({ length: 20 }, () => 'done 1'));
    expect(copies).toBe(2 * twice.length);
  });
});
