/** A plane of one window, `[row][col]`. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

/**
 * Sum of a square neighbourhood, cut at the edge of the plane; integers, so the sum does not depend on where the plane begins.
 *
 * @param plane values; the largest sum must fit 32 bits
 * @param radiusPx the square is 2·radius + 1 wide (px)
 */
export function boxSum(plane: Int32Array, { width, height }: Extent, radiusPx: number): Int32Array {
  const out = new Int32Array(plane.length);
  const columns = new Int32Array(width);
  for (let row = -radiusPx; row < height; row++) {
    slideColumns(columns, plane, { width, height }, row, radiusPx);
    if (row < 0) continue;
    const start = row * width;
    let sum = 0;
    const lead = Math.min(radiusPx, width);
    for (let col = 0; col < lead; col++) sum += columns[col]!;
    for (let col = 0; col < width; col++) {
      if (col + radiusPx < width) sum += columns[col + radiusPx]!;
      if (col > radiusPx) sum -= columns[col - radiusPx - 1]!;
      out[start + col] = sum;
    }
  }
  return out;
}

/** Column sums for the square around `row`, from those around `row - 1`. */
function slideColumns(
  columns: Int32Array,
  plane: Int32Array,
  { width, height }: Extent,
  row: number,
  radiusPx: number,
): void {
  const enter = row + radiusPx;
  const leave = row - radiusPx - 1;
  if (enter < height) {
    const base = enter * width;
    for (let col = 0; col < width; col++) columns[col]! += plane[base + col]!;
  }
  if (leave >= 0) {
    const base = leave * width;
    for (let col = 0; col < width; col++) columns[col]! -= plane[base + col]!;
  }
}

/** Grow the ones of a 0/1 plane by a square of 2·radius + 1 (px). */
export function growSquare(mask: Uint8Array, { width, height }: Extent, radiusPx: number): Uint8Array {
  const out = new Uint8Array(mask.length);
  const first = mask.indexOf(1);
  if (first < 0) return out;
  const from = Math.max(0, Math.floor(first / width) - radiusPx);
  const to = Math.min(height - 1, Math.floor(mask.lastIndexOf(1) / width) + radiusPx);
  const counts = new Uint16Array(width + radiusPx);
  for (let row = from - radiusPx; row <= to; row++) {
    slideCounts(counts, mask, { width, height }, row, { radiusPx, from });
    if (row < from) continue;
    const start = row * width;
    let until = -1;
    for (let col = 0; col < radiusPx; col++) if (counts[col]! > 0) until = col + radiusPx;
    for (let col = 0; col < width; col++) {
      until = counts[col + radiusPx]! > 0 ? col + 2 * radiusPx : until;
      out[start + col] = col <= until ? 1 : 0;
    }
  }
  return out;
}

/** Ones per column in the rows around `row`, from those around `row - 1`; rows above `from` - radius hold none. */
function slideCounts(
  counts: Uint16Array,
  mask: Uint8Array,
  { width, height }: Extent,
  row: number,
  { radiusPx, from }: { readonly radiusPx: number; readonly from: number },
): void {
  const enter = row + radiusPx;
  const leave = row - radiusPx - 1;
  const isEntering = enter < height;
  const isLeaving = leave >= from;
  if (isEntering && isLeaving) {
    const fresh = enter * width;
    const stale = leave * width;
    for (let col = 0; col < width; col++) counts[col] = counts[col]! + mask[fresh + col]! - mask[stale + col]!;
  } else if (isEntering) {
    const fresh = enter * width;
    for (let col = 0; col < width; col++) counts[col] = counts[col]! + mask[fresh + col]!;
  } else if (isLeaving) {
    const stale = leave * width;
    for (let col = 0; col < width; col++) counts[col] = counts[col]! - mask[stale + col]!;
  }
}

/** Grow the ones of a 0/1 plane by a disc of that radius (px, at most 254). */
export function growDisc(mask: Uint8Array, { width, height }: Extent, radiusPx: number): Uint8Array {
  if (radiusPx <= 0 || !mask.includes(1)) return mask.slice();
  const out = new Uint8Array(mask.length);
  const reach = Array.from({ length: radiusPx + 1 }, (_, dy) => Math.floor(Math.sqrt((radiusPx + 0.5) ** 2 - dy * dy)));
  const away = new Uint8Array(width);
  for (let row = 0; row < height; row++) {
    if (!distanceAlongRow(away, mask, row * width, width)) continue;
    for (let dy = -radiusPx; dy <= radiusPx; dy++) {
      const to = row + dy;
      if (to < 0 || to >= height) continue;
      const halfPx = reach[Math.abs(dy)]!;
      const base = to * width;
      for (let col = 0; col < width; col++) if (away[col]! <= halfPx) out[base + col] = 1;
    }
  }
  return out;
}

/** Distance to the nearest 1 of a row (px, capped at 255); false when the row has none. */
function distanceAlongRow(away: Uint8Array, mask: Uint8Array, start: number, width: number): boolean {
  let last = -256;
  for (let col = 0; col < width; col++) {
    if (mask[start + col] === 1) last = col;
    away[col] = Math.min(255, col - last);
  }
  if (last < 0) return false;
  let next = width + 256;
  for (let col = width - 1; col >= 0; col--) {
    if (mask[start + col] === 1) next = col;
    if (next - col < away[col]!) away[col] = next - col;
  }
  return true;
}
