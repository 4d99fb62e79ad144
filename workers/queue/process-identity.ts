import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** Who a process is, so that no other one is taken for it after a restart or when its pid is used again. */
export const identitySchema = z.object({
  host: z.string(),
  /** changes with every boot; '' where the kernel does not say */
  boot: z.string(),
  /** pid namespace: pids of two containers cannot be compared */
  pids: z.string(),
  pid: z.int(),
  /** start time in clock ticks since boot; '' where the kernel does not say */
  started: z.string(),
});
export type ProcessIdentity = z.infer<typeof identitySchema>;

const read = (get: () => string): string => {
  try {
    return get().trim();
  } catch {
    return '';
  }
};

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold blanks and parentheses. */
function startOf(pid: number): string {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // a zombie holds nothing any more
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
}

export function ownIdentity(): ProcessIdentity {
  return {
    host: hostname(),
    boot: read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    pids: read(() => readlinkSync('/proc/self/ns/pid')),
    pid: process.pid,
    started: startOf(process.pid),
  };
}

/** `unknown`: it ran on another machine or in another container, and cannot be asked from here. */
export function lifeOf(other: ProcessIdentity, self = ownIdentity()): 'alive' | 'dead' | 'unknown' {
  if (other.boot !== self.boot) return other.host === self.host ? 'dead' : 'unknown';
  if (other.pids !== self.pids) return 'unknown';
  if (self.started !== '') return startOf(other.pid) === other.started ? 'alive' : 'dead';
  if (other.host !== self.host) return 'unknown';
  try {
    process.kill(other.pid, 0);
    return 'alive';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'alive' : 'dead';
  }
}
