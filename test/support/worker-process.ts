import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const script = new URL('../../scripts/tianwatch.mjs', import.meta.url).pathname;

/** `tianwatch worker` in a process of its own, with a data folder of its own. */
export interface WorkerProcess {
  /** resolves when its log holds the words; rejects when it ends before */
  logged(words: string): Promise<void>;
  /** all that it has printed, and its log */
  text(): string;
  signal(signal: NodeJS.Signals): void;
  /** @returns its exit code, null after a kill */
  ended(): Promise<number | null>;
}

export function startWorker(
  env: Readonly<Record<string, string>> & { readonly TIANWATCH_DATA: string },
  args: readonly string[] = [],
): WorkerProcess {
  const child: ChildProcess = spawn(process.execPath, [script, 'worker', ...args], { env: { ...process.env, ...env } });
  const end = once(child, 'close').then(([code]) => code as number | null);
  let printed = '';
  child.stdout?.on('data', (bytes) => (printed += String(bytes)));
  child.stderr?.on('data', (bytes) => (printed += String(bytes)));
  const log = join(env.TIANWATCH_DATA, 'log/tianwatch.log');
  const logText = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const text = (): string => printed + logText();
  return {
    async logged(words) {
      const from = logText().length;
      while (!logText().slice(from).includes(words)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`the worker ended before it logged ${words}:\n${text()}`);
        await pause(20);
      }
    },
    text,
    signal: (signal) => void child.kill(signal),
    ended: () => end,
  };
}
