import type { RunPlan } from './run-plan.ts';

/** A thread before it has read a pixel. */
const threadBytes = 128e6;
/** A network with what it lays aside: a chunk of 1,792² px, ten bands, made the process 0.60 GB larger with `s2-change`, 0.10 GB without. */
const networkBytes = 350e6;
/** Rasters of 32-bit floats that are held at once for one that is read: both dates resampled, masked, scaled, judged. */
const rastersHeld = 10;

/** What a chunk of a plan takes at its most (bytes): its largest tile, all bands of both dates. */
export function chunkBytesOf({
  chunks,
  before,
  after,
  model,
}: Pick<RunPlan, 'chunks' | 'before' | 'after' | 'model'>): number {
  const tilePx = chunks
    .flatMap(({ tiles }) => tiles)
    .reduce((most, { read }) => Math.max(most, read.width * read.height), 0);
  return (
    threadBytes +
    (model === null ? 0 : networkBytes) +
    tilePx * 4 * (before.bands.length + after.bands.length) * rastersHeld
  );
}
