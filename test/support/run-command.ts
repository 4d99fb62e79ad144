import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';

const script = new URL('../../scripts/tianwatch.mjs', import.meta.url).pathname;

export interface Outcome {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** largest sum of resident memory over the processes of the command (bytes); 0 where /proc is absent or not asked */
  readonly peakBytes: number;
  readonly ms: number;
}

export interface CommandOptions {
  /** TIANWATCH_DATA */
  readonly data: string;
  /** more of the environment */
  readonly env?: Readonly<Record<string, string>>;
  /** look at the memory this often (ms) */
  readonly sampleMs?: number;
  /** niceness that the command gives itself, so that a long test leaves the machine to others */
  readonly isNice?: boolean;
}

/** `tianwatch …` as a user gives it, in a process of its own. */
export async function tianwatch(
  args: readonly string[],
  { data, sampleMs, isNice, env }: CommandOptions,
): Promise<Outcome> {
  const startedMs = performance.now();
  const [file, first] = isNice ? ['nice', [process.execPath]] : [process.execPath, []];
  const child = spawn(file, [...first, script, ...args], { env: { ...process.env, ...env, TIANWATCH_DATA: data } });
  let [stdout, stderr, peakBytes] = ['', '', 0];
  child.stdout.on('data', (bytes) => (stdout += String(bytes)));
  child.stderr.on('data', (bytes) => (stderr += String(bytes)));
  const look = (): void => {
    if (child.pid !== undefined) peakBytes = Math.max(peakBytes, treeBytes(child.pid));
  };
  const timer = sampleMs === undefined ? null : setInterval(look, sampleMs);
  const [exit] = (await once(child, 'close')) as [number | null];
  if (timer) clearInterval(timer);
  return { exit, stdout, stderr, peakBytes, ms: performance.now() - startedMs };
}

/** Resident memory of a process and all that descend from it (bytes). */
function treeBytes(root: number): number {
  const parentOf = new Map<number, number>();
  const bytesOf = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const text = readFileSync(`/proc/${name}/status`, 'utf8');
      parentOf.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(text)?.[1]));
      bytesOf.set(Number(name), Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024);
    } catch {
      // it ended while we looked
    }
  }
  const isOurs = (pid: number): boolean => pid === root || (parentOf.has(pid) && isOurs(parentOf.get(pid)!));
  return [...bytesOf].reduce((sum, [pid, bytes]) => sum + (isOurs(pid) ? bytes : 0), 0);
}
