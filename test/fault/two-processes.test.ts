import { homeAt } from '../../workers/home.ts';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunStatus } from '../../workers/run-status.ts';
import { cancelRun, listRuns } from '../../workers/submit.ts';
import { differences, readTree } from './kill.ts';

const root = new URL('../..', import.meta.url).pathname;

async function holderPid(dataFolder: string): Promise<number> {
  const name =
    (await readdir(dataFolder))
      .filter((entry) => /^lock\.\d+$/.test(entry))
      .toSorted()
      .at(-1) ?? '';
  return (JSON.parse(await readFile(join(dataFolder, name), 'utf8')) as { holder: { pid: number } }).holder.pid;
}

/** A run command in a process of its own, whose progress can be waited for. */
function start(dataFolder: string, name: string, out: string, chunks: number) {
  const options = JSON.stringify({ chunks, stepMs: 60 });
  const args = ['--import', 'tsx', join(root, 'test/fault/dummy-run.ts'), dataFolder, name, out, options];
  const child = spawn(process.execPath, args);
  const told: Pick<RunStatus, 'state' | 'stage' | 'round' | 'chunks'>[] = [];
  let held = '';
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  child.stdout.on('data', (bytes: Buffer) => {
    const lines = (held + bytes.toString()).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) told.push(JSON.parse(line) as (typeof told)[number]);
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stderr })),
  );
  const done = () => told.at(-1)?.chunks?.computed ?? 0;
  const until = (chunksDone: number) =>
    expect.poll(done, { timeout: 60_000, interval: 10 }).toBeGreaterThanOrEqual(chunksDone);
  return { pid: child.pid, told, ended, until, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

describe('two commands on one data folder', { timeout: 180_000 }, () => {
  let folder = '';
  let data = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-two-'));
    data = join(folder, 'data');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const out = (name: string) => join(folder, `out-${name}`);

  it('share one engine, which is handed over when the holder is done, and taken over when it is killed', async () => {
    const a = start(data, 'a', out('a'), 40);
    await a.until(1);
    const [b, c] = [start(data, 'b', out('b'), 6), start(data, 'c', out('c'), 6)];
    await expect.poll(async () => (await listRuns(homeAt(data))).length, { timeout: 60_000 }).toBe(3);
    expect(await holderPid(data)).toBe(a.pid);

    a.kill('SIGKILL');
    expect(await Promise.all([b.ended, c.ended])).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    for (const { told } of [b, c]) {
      expect(told.at(-1)?.state).toBe('done');
      expect(told.some(({ chunks }) => chunks && chunks.computed > 0)).toBe(true);
    }
    const states = (await listRuns(homeAt(data))).map(({ request, state }) => [request.out, state]);
    expect(Object.fromEntries(states)).toEqual({ [out('a')]: 'interrupted', [out('b')]: 'done', [out('c')]: 'done' });
    const different = differences(await readTree(out('b')), await readTree(out('c')));
    expect(different.map((line) => line.split(' ')[0])).toEqual(['patches.json', 'stitched.bin']);
  });

  it('stop cleanly at Ctrl-C, keep what is finished, and can be cancelled and looked at from outside', async () => {
    const a = start(data, 'a', out('a'), 40);
    await a.until(2);
    const [running] = await listRuns(homeAt(data));
    expect(running).toMatchObject({ state: 'running', stage: 'infer' });
    a.kill('SIGINT');
    expect(await a.ended).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^CANCELLED: Interrupted\. The same command/),
    });
    const again = start(data, 'a', out('a'), 40);
    await again.until(3);
    expect(again.told.at(-1)?.round).toBe(1);
    await cancelRun(homeAt(data), running?.runId ?? '');
    expect(await again.ended).toEqual({ code: 1, stderr: '' });
    expect(again.told.at(-1)?.state).toBe('cancelled');
    await expect(cancelRun(homeAt(data), running?.runId ?? '')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(listRuns(homeAt(data), 'fff')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
