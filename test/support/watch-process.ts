import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const script = new URL('../../scripts/tianwatch.mjs', import.meta.url).pathname;

/** A line of `tianwatch watch --json`. */
export interface WatchLine {
  readonly event: 'look' | 'begun' | 'ended';
  readonly pair?: {
    readonly id: string;
    readonly before: { readonly name: string };
    readonly after: { readonly name: string };
    readonly outcome: string | null;
    readonly out: string;
  };
  readonly ready?: readonly unknown[];
  readonly known?: readonly { readonly state: string; readonly after: { readonly name: string } }[];
  readonly notReady?: readonly { readonly name: string; readonly reason: string; readonly detail: string }[];
}

/** `tianwatch watch … --json` in a process of its own. */
export interface WatchProcess {
  readonly lines: readonly WatchLine[];
  /** pairs whose run has ended here */
  ended(): readonly NonNullable<WatchLine['pair']>[];
  begun(): readonly NonNullable<WatchLine['pair']>[];
  /** names of the last look that take no part, and why */
  waiting(): Readonly<Record<string, string>>;
  /** names of the pairs that are done, as the last look shows them */
  known(state: string): readonly string[];
  /** resolves when it holds; rejects when the process ends before, or after `limitMs` */
  until(holds: () => boolean, limitMs?: number): Promise<void>;
  /** @returns its exit code, null after a kill */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** @param args of `watch`, without `--json` */
export function startWatch(args: readonly string[], env: Readonly<Record<string, string>>): WatchProcess {
  const child: ChildProcess = spawn(process.execPath, [script, 'watch', ...args, '--json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  const lines: WatchLine[] = [];
  let told = '';
  child.stderr?.on('data', (bytes) => (told += String(bytes)));
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(JSON.parse(line) as WatchLine));
  const last = () => lines.findLast(({ event }) => event === 'look');
  const pairsOf = (wanted: 'begun' | 'ended') =>
    lines.flatMap(({ event, pair }) => (event === wanted && pair ? [pair] : []));
  return {
    lines,
    ended: () => pairsOf('ended'),
    begun: () => pairsOf('begun'),
    waiting: () =>
      Object.fromEntries(
        (last()?.notReady ?? []).map(({ name, reason, detail }) => [name, `${reason} ${detail}`.trim()]),
      ),
    known: (wanted) => (last()?.known ?? []).flatMap(({ state, after }) => (state === wanted ? [after.name] : [])),
    async until(holds, limitMs = 60_000) {
      for (const startedMs = performance.now(); !holds(); await pause(20)) {
        const isOver = child.exitCode !== null || child.signalCode !== null;
        if (!isOver && performance.now() - startedMs < limitMs) continue;
        const shown = lines.slice(-3).map((line) => JSON.stringify(line));
        throw new Error(
          `${holds.toString()} did not come about${isOver ? ': the watch ended' : ''}\n${told}\n${shown.join('\n')}`,
        );
      }
    },
    async end(signal) {
      child.kill(signal);
      return closed;
    },
  };
}
