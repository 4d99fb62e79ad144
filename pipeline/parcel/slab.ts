import { boxOf, type FramePolygon } from './layer.ts';

/** What is told of each vertical slab, from left to right, and within it from the bottom to the top. */
export interface SlabListener {
  readonly startSlab: () => void;
  /** from here up the inside of a set (its position) begins or ends; the window is not told */
  readonly toggle: (set: number) => void;
  /** a piece of the window in which no set begins or ends */
  readonly addPieceM2: (areaM2: number) => void;
}

/** Edges of all sets within the window's box; x from left to right, about the origin of the sweep. */
interface Edges {
  readonly x0: number[];
  readonly y0: number[];
  readonly x1: number[];
  readonly y1: number[];
  /** 1: the inside is above */
  readonly turn: number[];
  readonly set: number[];
}

/**
 * Cut the window, the first of the sets, into vertical slabs at every vertex and crossing of its own and the other
 * sets' edges, and tell of the pieces between them.
 *
 * Between two cuts no edges cross, so a piece is a trapezoid and its area is width × height at the middle. A cut that
 * rounding misplaces by 1e-11 m moves as little area: nothing has to be joined, so no case is degenerate. A point is in
 * a set where the turns of the set's edges below it do not cancel (non-zero rule).
 *
 * @param sets rings whose inside is on their left; outside the window's box they may be anything
 */
export function sweepSlabs(sets: readonly (readonly FramePolygon[])[], listener: SlabListener): void {
  const edges = collectEdges(sets);
  const { x0, set, turn } = edges;
  const order = Uint32Array.from(x0.keys()).sort((a, b) => (x0[a] as number) - (x0[b] as number));
  const cuts = cutsOf(edges, order);
  const winding = new Int32Array(sets.length);
  const active: number[] = [];
  const height = new Float64Array(x0.length);
  let next = 0;
  for (let cut = 0; cut + 1 < cuts.length; cut++) {
    const [left, right] = [cuts[cut] as number, cuts[cut + 1] as number];
    while (next < order.length && (x0[order[next] as number] as number) <= left) active.push(order[next++] as number);
    if (right <= left) continue;
    sortSlab(edges, { active, height, left, middle: (left + right) / 2 });
    winding.fill(0);
    listener.startSlab();
    for (let i = 0; i + 1 < active.length; i++) {
      const edge = active[i] as number;
      const owner = set[edge] as number;
      const before = winding[owner] as number;
      const after = before + (turn[edge] as number);
      winding[owner] = after;
      if (owner > 0 && (before === 0) !== (after === 0)) listener.toggle(owner);
      if (winding[0] === 0) continue;
      const tall = (height[active[i + 1] as number] as number) - (height[edge] as number);
      if (tall > 0) listener.addPieceM2((right - left) * tall);
    }
  }
}

/** Drop the edges that end at or before `left`, then put the others in order of their height at `middle`. */
function sortSlab(
  { x0, y0, x1, y1 }: Edges,
  slab: { readonly active: number[]; readonly height: Float64Array; readonly left: number; readonly middle: number },
): void {
  const { active, height, left, middle } = slab;
  let count = 0;
  for (const edge of active) {
    const [from, to] = [x0[edge] as number, x1[edge] as number];
    if (to <= left) continue;
    const y = y0[edge] as number;
    const tall = y + ((middle - from) / (to - from)) * ((y1[edge] as number) - y);
    height[edge] = tall;
    let at = count++;
    // nearly in order already
    for (; at > 0 && (height[active[at - 1] as number] as number) > tall; at--) active[at] = active[at - 1] as number;
    active[at] = edge;
  }
  active.length = count;
}

/** Where slabs begin and end: ends of edges and crossings, ascending. */
function cutsOf({ x0, y0, x1, y1 }: Edges, order: Uint32Array): Float64Array {
  const cuts: number[] = [];
  let active: number[] = [];
  for (const edge of order) {
    const [from, to, fromY, toY] = [x0[edge] as number, x1[edge] as number, y0[edge] as number, y1[edge] as number];
    cuts.push(from, to);
    const slope = (toY - fromY) / (to - from);
    let count = 0;
    for (const other of active) {
      const [otherFrom, otherTo] = [x0[other] as number, x1[other] as number];
      if (otherTo <= from) continue;
      active[count++] = other;
      const otherSlope = ((y1[other] as number) - (y0[other] as number)) / (otherTo - otherFrom);
      const right = Math.min(to, otherTo);
      const atLeft = fromY - ((y0[other] as number) + (from - otherFrom) * otherSlope);
      const atRight = fromY + (right - from) * slope - ((y0[other] as number) + (right - otherFrom) * otherSlope);
      if (atLeft < 0 === atRight < 0 || atLeft === 0 || atRight === 0) continue;
      cuts.push(from + ((right - from) * atLeft) / (atLeft - atRight));
    }
    active.length = count;
    active.push(edge);
  }
  return Float64Array.from(cuts).sort();
}

/** Edges of the sets that matter within the box of the first; what lies below it is laid flat under it, what lies above is left out. */
function collectEdges(sets: readonly (readonly FramePolygon[])[]): Edges {
  const [minX, minY, maxX, maxY] = boxOf(sets[0] ?? []);
  const edges: Edges = { x0: [], y0: [], x1: [], y1: [], turn: [], set: [] };
  const [originX, originY] = [Math.round((minX + maxX) / 2), Math.round((minY + maxY) / 2)];
  const box = { minX: minX - originX, maxX: maxX - originX, minY: minY - originY, maxY: maxY - originY };
  sets.forEach((polygons, set) => {
    for (const ring of polygons.flat()) {
      let [px, py] = [(ring.at(-2) as number) - originX, (ring.at(-1) as number) - originY];
      for (let k = 0; k < ring.length; k += 2) {
        const [x, y] = [(ring[k] as number) - originX, (ring[k + 1] as number) - originY];
        if (px < x) addEdge(edges, box, [px, py, x, y, 1, set]);
        else if (x < px) addEdge(edges, box, [x, y, px, py, -1, set]);
        [px, py] = [x, y];
      }
    }
  });
  return edges;
}

function addEdge(
  edges: Edges,
  box: { readonly minX: number; readonly minY: number; readonly maxX: number; readonly maxY: number },
  [x0, y0, x1, y1, turn, set]: readonly [number, number, number, number, number, number],
): void {
  if (x1 <= box.minX || x0 >= box.maxX || (y0 >= box.maxY && y1 >= box.maxY && set > 0)) return;
  const isBelow = y0 <= box.minY && y1 <= box.minY && set > 0;
  const slope = (y1 - y0) / (x1 - x0);
  const [from, to] = [Math.max(x0, box.minX), Math.min(x1, box.maxX)];
  edges.x0.push(from);
  edges.x1.push(to);
  edges.y0.push(isBelow ? box.minY - 1 : y0 + (from - x0) * slope);
  edges.y1.push(isBelow ? box.minY - 1 : y0 + (to - x0) * slope);
  edges.turn.push(turn);
  edges.set.push(set);
}
