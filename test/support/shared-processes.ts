import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { differences, readTree } from '../fault/kill.ts';
import { createDummyWork, dummyRequest } from './dummy-work.ts';

const script = new URL('../fault/dummy-shared.ts', import.meta.url).pathname;
export const lockMs = 2000;
const chunks = 30;
const options = JSON.stringify({ chunks, stepMs: 100 });

export interface OneProcess {
  readonly lines: string[];
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  /** so many lines of its output hold these words */
  until(words: string, count?: number): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

type Env = Readonly<Record<string, string>>;

/** Workers and commands of one shared home, whose runs have no pixels. @param env of the servers */
export function openSharedProcesses(folder: string, env: Env) {
  let alive: OneProcess[] = [];
  let runs = 0;

  /** @param within a command that the process is started by, as `ip netns exec a` */
  function start(args: readonly string[], own: Env = {}, within: readonly string[] = []): OneProcess {
    const place = {
      TIANWATCH_DATA: join(folder, `host-${args[0]}-${alive.length}`),
      TIANWATCH_LOCK_MS: String(lockMs),
    };
    const [file = '', ...rest] = [...within, process.execPath, '--import', 'tsx', script, ...args];
    const child = spawn(file, rest, { env: { ...process.env, ...env, ...place, ...own } });
    const lines: string[] = [];
    let [held, stderr] = ['', ''];
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    child.stdout.on('data', (bytes: Buffer) => {
      const parts = (held + bytes.toString()).split('\n');
      held = parts.pop() ?? '';
      lines.push(...parts);
    });
    const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
      child.once('close', (code) => resolve({ code, stderr }));
    });
    const count = (words: string) => lines.filter((line) => line.includes(words)).length;
    const begun: OneProcess = {
      lines,
      ended,
      async until(words, least = 1) {
        const wait = { timeout: 60_000, interval: 20, message: words };
        await expect.poll(() => count(words), wait).toBeGreaterThanOrEqual(least);
      },
      signal: (name) => void child.kill(name),
    };
    alive.push(begun);
    return begun;
  }

  /** The same work without queue, processes or servers. */
  async function undisturbed(name: string): Promise<ReadonlyMap<string, string>> {
    const own = join(folder, `alone-${name}`);
    await mkdir(own);
    const images = await openFolderStore(join(own, 'images'));
    const work = createDummyWork({ chunks, stepMs: 0 }, { images });
    const request = dummyRequest(name, join(own, 'out'));
    const run = { runId: 'r', request, folder: own, images, signal: new AbortController().signal };
    for (let index = 0; index < chunks; index += 1) await work.computeChunk(run, index);
    await work.stitch(run, []);
    await work.detect(run, []);
    await work.report(run, []);
    return readTree(request.out);
  }

  return {
    worker: (own?: Env, within?: readonly string[]) => start(['worker', options], own, within),
    /** a command that begins a run and follows it */
    ask() {
      const name = `pair${(runs += 1)}`;
      const out = join(folder, `out-${name}`);
      return { out, name, process: start(['run', options, name, out]) };
    },
    /** The command ends well, with the bytes of an undisturbed run and every chunk counted once. */
    async expectWhole({
      name,
      out,
      process: asking,
    }: {
      name: string;
      out: string;
      process: OneProcess;
    }): Promise<void> {
      expect(await asking.ended).toEqual({ code: 0, stderr: '' });
      const last = JSON.parse(asking.lines.at(-1) ?? '{}') as {
        chunks: { total: number; computed: number; skipped: number; failed: number };
      };
      expect(last).toMatchObject({ state: 'done', round: 1, chunks: { total: chunks, failed: 0 } });
      expect(last.chunks.computed + last.chunks.skipped).toBe(chunks);
      expect(differences(await undisturbed(name), await readTree(out))).toEqual([]);
    },
    async killAll(): Promise<void> {
      for (const one of alive) one.signal('SIGKILL');
      await Promise.all(alive.map(({ ended }) => ended));
      alive = [];
    },
  };
}
