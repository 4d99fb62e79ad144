/** Polygons as flat corners, m from the lower left corner of the scene. */
export interface Outlines {
  readonly points: Float32Array;
  readonly starts: Int32Array;
  readonly count: number;
}

/** A band of sub-pixel rows to paint on. */
export interface Canvas {
  /** `[row][col]`, label of each sub-pixel, -1 = nothing */
  readonly labels: Int32Array;
  readonly width: number;
  readonly height: number;
  /** ground position of the upper left corner (m; y grows upwards) */
  readonly leftM: number;
  readonly topM: number;
  /** side of a sub-pixel (m) */
  readonly stepM: number;
}

/** Which outlines touch which band of rows: an index from the top of the scene down. */
export interface RowIndex {
  /** outlines that touch rows from `topM` down to `bottomM`, in the order of painting */
  between(topM: number, bottomM: number): Int32Array;
}

export function indexRows(
  { points, starts, count }: Outlines,
  { sideM, bandM }: { readonly sideM: number; readonly bandM: number },
): RowIndex {
  const bands = Math.ceil(sideM / bandM) + 2;
  const bandOf = (y: number): number => Math.min(bands - 1, Math.max(0, Math.floor((sideM - y) / bandM) + 1));
  const first = new Int32Array(count);
  const last = new Int32Array(count);
  const sizes = new Int32Array(bands + 1);
  for (let i = 0; i < count; i++) {
    let [low, high] = [Infinity, -Infinity];
    for (let p = starts[i]!; p < starts[i + 1]!; p++) {
      const y = points[2 * p + 1]!;
      if (y < low) low = y;
      if (y > high) high = y;
    }
    first[i] = bandOf(high);
    last[i] = bandOf(low);
    for (let band = first[i]!; band <= last[i]!; band++) sizes[band + 1]!++;
  }
  for (let band = 0; band < bands; band++) sizes[band + 1]! += sizes[band]!;
  const at = sizes.slice();
  const members = new Int32Array(sizes[bands]!);
  for (let i = 0; i < count; i++) for (let band = first[i]!; band <= last[i]!; band++) members[at[band]!++] = i;
  return {
    between(topM, bottomM) {
      const [from, to] = [bandOf(topM), bandOf(bottomM)];
      if (from === to) return members.subarray(sizes[from], sizes[from + 1]);
      return Int32Array.from(new Set(members.subarray(sizes[from], sizes[to + 1]))).sort();
    },
  };
}

const mostCrossings = 32;

/**
 * Paint outlines over one another: a sub-pixel takes the label of the last outline that holds its centre.
 *
 * Outlines that share an edge leave no sub-pixel between them and paint none twice.
 * @param labelOf label of an outline, below 0 = leave it out
 */
export function paint(
  canvas: Canvas,
  outlines: Outlines,
  members: Int32Array,
  labelOf: (outline: number) => number,
): void {
  const { labels, width, height, leftM, topM, stepM } = canvas;
  const { points, starts } = outlines;
  const crossings = new Float64Array(height * mostCrossings);
  const counts = new Uint8Array(height);
  for (const outline of members) {
    const label = labelOf(outline);
    if (label < 0) continue;
    const from = starts[outline]!;
    const to = starts[outline + 1]!;
    let firstRow = height;
    let lastRow = -1;
    for (let p = from; p < to; p++) {
      const q = p + 1 === to ? from : p + 1;
      const ya = (topM - points[2 * p + 1]!) / stepM;
      const yb = (topM - points[2 * q + 1]!) / stepM;
      const top = Math.max(0, Math.ceil(Math.min(ya, yb) - 0.5));
      const end = Math.min(height, Math.ceil(Math.max(ya, yb) - 0.5));
      if (top >= end) continue;
      const xa = (points[2 * p]! - leftM) / stepM;
      const xb = (points[2 * q]! - leftM) / stepM;
      const slope = (xb - xa) / (yb - ya);
      if (top < firstRow) firstRow = top;
      if (end - 1 > lastRow) lastRow = end - 1;
      for (let row = top; row < end; row++) {
        const n = counts[row]!;
        if (n === mostCrossings) continue;
        crossings[row * mostCrossings + n] = xa + slope * (row + 0.5 - ya);
        counts[row] = n + 1;
      }
    }
    for (let row = firstRow; row <= lastRow; row++) {
      const base = row * mostCrossings;
      const n = counts[row]!;
      counts[row] = 0;
      sortRun(crossings, base, n);
      for (let k = 0; k + 1 < n; k += 2) {
        const start = Math.max(0, Math.ceil(crossings[base + k]! - 0.5));
        const stop = Math.min(width, Math.ceil(crossings[base + k + 1]! - 0.5));
        for (let at = row * width + start, end = row * width + stop; at < end; at++) labels[at] = label;
      }
    }
  }
}

/** Insertion sort of a few numbers in place, without a view on them. */
function sortRun(values: Float64Array, base: number, count: number): void {
  for (let i = 1; i < count; i++) {
    const value = values[base + i]!;
    let k = i - 1;
    while (k >= 0 && values[base + k]! > value) {
      values[base + k + 1] = values[base + k]!;
      k--;
    }
    values[base + k + 1] = value;
  }
}
