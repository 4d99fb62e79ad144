import { freemem, totalmem } from 'node:os';
import type { MemoryLimits, MemoryLook } from './may-begin.ts';

/** What jobs are measured against. */
export interface Memory {
  readonly limits: MemoryLimits;
  readonly look: () => MemoryLook;
}

/** Of what the machine, or the control group of this process, has; the rest is the system's and its caches'. */
const ownFraction = 0.8;
const reserveFraction = 0.05;

/**
 * Memory of this process and its machine.
 *
 * @param limitBytes what it may take; null: 80 % of the machine, or of the control group where that has less
 */
export function openMemory(limitBytes: number | null): Memory {
  // no limit is told as 0 or as 2^64
  const constrained = process.constrainedMemory() || Infinity;
  const wholeBytes = Math.min(totalmem(), constrained);
  return {
    limits: { limitBytes: limitBytes ?? wholeBytes * ownFraction, reserveBytes: totalmem() * reserveFraction },
    look: () => ({ rssBytes: process.memoryUsage.rss(), freeBytes: freemem() }),
  };
}
