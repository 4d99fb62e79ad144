/** Ring of pixel corners `[col, row, col, row, …]`, not closed; without corners on a straight line. */
export type PixelRing = readonly number[];

const none = -1;

/**
 * The exact outline of a 4-connected component: its exterior first, then its holes.
 *
 * Every run has a left edge (walked down) and a right edge (walked up); between two rows they are linked along the
 * segments that one row covers and the other does not. Where two pixels touch at a corner alone the walk crosses to
 * the other pixel, so that every ring passes every corner once: a hole may touch the exterior at a point, no ring
 * touches itself. The interior is on the left in pixel coordinates (row down), so exteriors are counter-clockwise as seen
 * on screen. The start of a ring depends on the shape alone.
 *
 * @param runs `[row, first col, col after the last]` of every run, by row, then column
 */
export function traceRings(runs: Int32Array): PixelRing[] {
  const exit = linkEdges(runs);
  const rings: PixelRing[] = [];
  for (let left = 0; left < exit.length; left += 2) if (exit[left] !== none) rings.push(walk(runs, exit, left));
  return rings;
}

// edge 2i is the left of run i, edge 2i + 1 its right
const colOf = (runs: Int32Array, edge: number): number => runs[(edge >> 1) * 3 + 1 + (edge & 1)]!;

/** Follow one ring; edges walked lose their exit. */
function walk(runs: Int32Array, exit: Int32Array, first: number): PixelRing {
  const ring: number[] = [];
  let edge = first;
  do {
    const next = exit[edge]!;
    exit[edge] = none;
    const [col, nextCol] = [colOf(runs, edge), colOf(runs, next)];
    if (col !== nextCol) {
      // a left edge is left at its bottom, a right one at its top
      const row = runs[(edge >> 1) * 3]! + (edge & 1 ? 0 : 1);
      ring.push(col, row, nextCol, row);
    }
    edge = next;
  } while (edge !== first);
  return ring;
}

/** The edge walked after each edge. */
function linkEdges(runs: Int32Array): Int32Array {
  const count = runs.length / 3;
  const exit = new Int32Array(count * 2);
  let above = 0;
  let aboveEnd = 0;
  for (let below = 0; above < count;) {
    // the runs of a row face those of the next row, or nothing where that row has none
    const row = above < aboveEnd ? runs[above * 3]! + 1 : runs[below * 3]!;
    let belowEnd = below;
    while (belowEnd < count && runs[belowEnd * 3] === row) belowEnd++;
    linkBoundary(runs, exit, [above, aboveEnd], [below, belowEnd]);
    [above, aboveEnd, below] = [below, belowEnd, belowEnd];
  }
  return exit;
}

/** Link what meets between the runs of one row and those of the row below; both as [first, after the last]. */
function linkBoundary(
  runs: Int32Array,
  exit: Int32Array,
  above: readonly [number, number],
  below: readonly [number, number],
): void {
  let a = above[0] * 2;
  let b = below[0] * 2;
  const [aEnd, bEnd] = [above[1] * 2, below[1] * 2];
  // the edge where a segment began that only one of the rows covers
  let open = none;
  while (a < aEnd || b < bEnd) {
    const aCol = a < aEnd ? colOf(runs, a) : Number.POSITIVE_INFINITY;
    const bCol = b < bEnd ? colOf(runs, b) : Number.POSITIVE_INFINITY;
    if (aCol < bCol) {
      open = open === none ? a : link(exit, open, a, (a & 1) === 1);
      a++;
    } else if (bCol < aCol) {
      open = open === none ? b : link(exit, open, b, (b & 1) === 0);
      b++;
    } else if ((a & 1) === (b & 1)) {
      if (a & 1) exit[b] = a;
      else exit[a] = b;
      a++;
      b++;
    } else {
      // two pixels touch at this corner: the run that begins ends the segment, the other one begins the next
      if (a & 1) link(exit, open, b, true);
      else link(exit, open, a, false);
      open = a & 1 ? a : b;
      a++;
      b++;
    }
  }
}

/** The walk leaves a left edge at its bottom and a right one at its top, and enters the other way round. */
function link(exit: Int32Array, open: number, edge: number, isEntered: boolean): number {
  if (isEntered) exit[open] = edge;
  else exit[edge] = open;
  return none;
}
