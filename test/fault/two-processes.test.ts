import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunStatus } from '../../workers/run-status.ts';
import { cancelRun, listRuns } from '../../workers/submit.ts';
import { differences, readTree } from './kill.ts';

const root = new URL('../..', import.meta.url).pathname;

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
    expect.poll(done, { timeout: 30_000, interval: 10 }).toBeGreaterThanOrEqual(chunksDone);
  return { told, ended, until, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

describe('two commands on one data folder', { timeout: 60_000 }, () => {
  let folder = '';
  let data = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-two-'));
    data = join(folder, 'data');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const out = (name: string) => join(folder, `out-${name}`);

  it('share one engine; when the holder has done its own run the other goes on with the rest', async () => {
    const a = start(data, 'a', out('a'), 6);
    const b = start(data, 'b', out('b'), 20);
    const [first, second] = await Promise.all([a.ended, b.ended]);
    expect([first, second]).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    for (const { told } of [a, b]) {
      expect(told.at(-1)?.state).toBe('done');
      expect(told.some(({ chunks }) => chunks && chunks.computed > 0)).toBe(true);
    }
    expect((await listRuns(data)).map(({ state }) => state)).toEqual(['done', 'done']);
    const inA = await readTree(out('a'));
    expect(differences(inA, await readTree(out('b')))).toEqual(['patches.json', 'stitched.bin']);
  });

  it('go on when the holder is killed: who waits takes over, and the killed command can be given again', async () => {
    const a = start(data, 'a', out('a'), 40);
    await a.until(1);
    const b = start(data, 'b', out('b'), 4);
    await expect.poll(async () => (await listRuns(data)).length, { timeout: 20_000 }).toBe(2);
    a.kill('SIGKILL');
    expect(await b.ended).toEqual({ code: 0, stderr: '' });
    expect((await listRuns(data)).map(({ state }) => state).toSorted()).toEqual(['done', 'interrupted']);
    const again = start(data, 'a', out('a'), 40);
    expect(await again.ended).toEqual({ code: 0, stderr: '' });
    expect(again.told.at(-1)?.chunks?.skipped).toBeGreaterThan(0);
  });

  it('stop cleanly at Ctrl-C, keep what is finished, and can be cancelled and looked at from outside', async () => {
    const a = start(data, 'a', out('a'), 40);
    await a.until(2);
    const [running] = await listRuns(data);
    expect(running).toMatchObject({ state: 'running', stage: 'infer' });
    a.kill('SIGINT');
    expect(await a.ended).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^CANCELLED: Interrupted\. The same command/),
    });
    expect(await listRuns(data, running?.runId)).toMatchObject([{ state: 'interrupted' }]);

    const again = start(data, 'a', out('a'), 40);
    await again.until(3);
    expect(again.told.at(-1)?.round).toBe(1);
    await cancelRun(data, running?.runId ?? '');
    expect(await again.ended).toEqual({ code: 1, stderr: '' });
    expect(again.told.at(-1)?.state).toBe('cancelled');
    await expect(cancelRun(data, running?.runId ?? '')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(listRuns(data, 'fff')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
