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

/** Run a command to its end, or send it SIGKILL after `killAfterMs`. */
export async function runCommand(command: Command, killAfterMs?: number): Promise<Ended> {
  const startedMs = performance.now();
  // its own group: no thread or child of it outlives the kill
  const child = spawn(command.file, command.args, { env: { ...process.env, ...command.env }, detached: true });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  if (killAfterMs !== undefined) {
    await Promise.race([pause(killAfterMs), ended]);
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
  return { code: await ended, stdout, stderr, ms: performance.now() - startedMs };
}

/**
 * Instants spread evenly over a run with a seeded jitter, in random order: early and late kills both come up
 * however few they are.
 */
export function killInstants(count: number, spanMs: number, seed: number): readonly number[] {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const instants = Array.from({ length: count }, (_, index) => ((index + random()) / count) * spanMs);
  return instants
    .map((instant) => ({ instant, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ instant }) => instant);
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

/** Names of files that are in one tree only or differ; empty when both are the same. */
export function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).toSorted();
}

/**
 * Kill a command at each instant in turn, each time going on where the last kill left it, then let it end.
 *
 * @returns how the last, undisturbed command ended, and how many kills hit a living process
 */
export async function killRepeatedly(
  command: Command,
  instants: readonly number[],
): Promise<{ readonly last: Ended; readonly hits: number }> {
  let hits = 0;
  for (const instant of instants) {
    const { code } = await runCommand(command, instant);
    if (code === null) hits += 1;
  }
  return { last: await runCommand(command), hits };
}
