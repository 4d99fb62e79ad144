import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  /** null when it was killed */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** When SIGKILL is sent: so long after the start, or after so many lines of output (of both streams) and some more. */
export type Kill = { readonly afterMs: number } | { readonly afterLines: number; readonly plusMs: number };

/** Run a command to its end, or to its kill. */
export async function runCommand(command: Command, kill?: Kill): Promise<Ended> {
  const startedMs = performance.now();
  // its own group: no thread or child of it outlives the kill
  const child = spawn(command.file, command.args, { env: { ...process.env, ...command.env }, detached: true });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let stdout = '';
  let stderr = '';
  const enough = new Promise<void>((resolve) => {
    const count = () => {
      const lines = (stdout + stderr).split('\n').length - 1;
      if (kill && 'afterLines' in kill && lines >= kill.afterLines) resolve();
    };
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString();
      count();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
      count();
    });
  });
  if (kill) {
    const instant = 'afterMs' in kill ? pause(kill.afterMs) : enough.then(() => pause(kill.plusMs));
    await Promise.race([instant, ended]);
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
  return { code: await ended, stdout, stderr, ms: performance.now() - startedMs };
}

/** Numbers 0..1 that a seed determines. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Relative path → content, with `timing` taken out of JSON documents. */
export async function readTree(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const tree = new Map<string, string>();
  for (const path of files.toSorted()) {
    const bytes = await readFile(path);
    const isJson = path.endsWith('.json') || path.endsWith('.geojson');
    tree.set(path.slice(folder.length + 1), isJson ? withoutTiming(bytes.toString()) : bytes.toString('base64'));
  }
  return tree;
}

function withoutTiming(text: string): string {
  return JSON.stringify(JSON.parse(text), (key, value: unknown) => (key === 'timing' ? undefined : value));
}

/** Files that are in one tree only or differ, each with where it does; empty when both are the same. */
export function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].toSorted();
  return names.filter((name) => a.get(name) !== b.get(name)).map((name) => `${name}${where(a.get(name), b.get(name))}`);
}

/** A short piece of both texts around the first character that differs. */
function where(a: string | undefined, b: string | undefined): string {
  if (a === undefined || b === undefined) return ': only in one';
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const piece = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
  return ` at ${at}: ${piece(a)} or ${piece(b)}`;
}

/**
 * Kill a command each time in turn, each time going on where the last kill left it, then let it end.
 *
 * @returns how the last, undisturbed command ended, and how many kills hit a living process
 */
export async function killRepeatedly(
  command: Command,
  kills: readonly Kill[],
): Promise<{ readonly last: Ended; readonly hits: number }> {
  let hits = 0;
  for (const kill of kills) {
    const { code } = await runCommand(command, kill);
    if (code === null) hits += 1;
  }
  return { last: await runCommand(command), hits };
}
