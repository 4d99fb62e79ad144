import type { RunPlan } from './run-plan.ts';

/** A thread with its network, before it has read a pixel. */
const threadBytes = 128e6;
/** Rasters of 32-bit floats that are held at once for one that is read: both dates resampled, masked, scaled, judged. */
const rastersHeld = 10;

/** What a chunk of a plan takes at its most (bytes): its largest tile, all bands of both dates. */
export function chunkBytesOf({ chunks, before, after }: Pick<RunPlan, 'chunks' | 'before' | 'after'>): number {
  const tilePx = chunks
    .flatMap(({ tiles }) => tiles)
    .reduce((most, { read }) => Math.max(most, read.width * read.height), 0);
  return threadBytes + tilePx * 4 * (before.bands.length + after.bands.length) * rastersHeld;
}
