import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLock } from '../../workers/queue/lock.ts';
import { lifeOf, ownIdentity } from '../../workers/queue/process-identity.ts';
import { connectTo, listenOn, readLines } from '../../workers/queue/socket.ts';
import { runCommand } from '../fault/kill.ts';

const root = new URL('../..', import.meta.url).pathname;
const nobody = () => Promise.resolve(false);

describe('the lock of a data folder', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const plant = (holder: object, released = false) =>
    writeFile(join(folder, 'lock.000000007'), JSON.stringify({ holder: { ...ownIdentity(), ...holder }, released }));
  const taker = (log: string, times: number, mode: string) =>
    runCommand({
      file: process.execPath,
      args: ['--import', 'tsx', join(root, 'test/fault/take-lock.ts'), folder, log, String(times), mode],
    });

  it('is held by one only, and by the next after release', async () => {
    const first = await takeLock(folder, nobody);
    expect(first).not.toBeNull();
    expect(await takeLock(folder, nobody)).toBeNull();
    await first?.release();
    expect(await takeLock(folder, nobody)).not.toBeNull();
  });

  it('is taken from a dead process, also when its pid is in use again or the machine was restarted', async () => {
    for (const dead of [{ pid: 4_194_300 }, { started: '1' }, { boot: 'an earlier one' }]) {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      await plant(dead);
      expect(await takeLock(folder, nobody), JSON.stringify(dead)).not.toBeNull();
    }
  });

  it('is never taken from a live process', async () => {
    await plant({});
    expect(await takeLock(folder, nobody)).toBeNull();
    await plant({
      pid: process.ppid,
      started: (await readFile(`/proc/${process.ppid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[19],
    });
    expect(await takeLock(folder, nobody)).toBeNull();
  });

  it('asks the socket about a process of another container, and refuses what another machine holds', async () => {
    await plant({ pids: 'pid:[1]' });
    expect(await takeLock(folder, () => Promise.resolve(true))).toBeNull();
    await plant({ host: 'elsewhere', boot: 'theirs' });
    await expect(takeLock(folder, nobody)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('elsewhere'),
    });
    await plant({ pids: 'pid:[1]' });
    expect(await takeLock(folder, nobody)).not.toBeNull();
  });

  it('is never held by two of several processes that start at once, some of which die holding it', async () => {
    const log = join(folder, 'log');
    await plant({ pid: 4_194_300 });
    const ended = await Promise.all(['release', 'die', 'release', 'die'].map((mode) => taker(log, 6, mode)));
    expect(ended.map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(48);
    for (let at = 0; at < lines.length; at += 2) expect(lines[at + 1]).toBe(lines[at]?.replace('+', '-'));
    const left = (await readdir(folder)).filter((name) => name.startsWith('lock'));
    expect(left.length).toBeLessThanOrEqual(2);
  });

  it('says so when the folder cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(takeLock(join(folder, 'file', 'below'), nobody)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    if (process.getuid?.() === 0) return;
    await chmod(folder, 0o500);
    await expect(takeLock(folder, nobody)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('knows its own process as alive', () => {
    expect(lifeOf(ownIdentity())).toBe('alive');
  });
});

describe('the socket', () => {
  it('works in a folder whose path is longer than a socket address', async () => {
    const base = await mkdtemp(join(tmpdir(), 'tianwatch-socket-'));
    const deep = join(
      base,
      'a-folder-with-a-long-name-0123456789'.repeat(3),
      'another-one-that-is-long-as-well'.repeat(2),
    );
    await mkdir(deep, { recursive: true });
    const path = join(deep, 'socket');
    expect(await connectTo(path)).toBeNull();
    // what a killed process leaves
    await writeFile(path, '');
    expect(await connectTo(path)).toBeNull();
    const listening = await listenOn(path, (socket) => readLines(socket, (line) => socket.write(`${line}!\n`)));
    const socket = await connectTo(path);
    const answer = new Promise((resolve) => socket && readLines(socket, resolve));
    socket?.write('he');
    socket?.write('llo\n');
    expect(await answer).toBe('hello!');
    socket?.destroy();
    await listening.close();
    expect(await connectTo(path)).toBeNull();
    await rm(base, { recursive: true });
  });
});
