import { orientPolygon, type FramePolygon } from './layer.ts';
import { sweepSlabs } from './slab.ts';

/** A window divided by parts and covers. */
export interface Division {
  /** area of the window (m²) */
  readonly windowM2: number;
  /** m², order [part][mask], 2^covers masks a part; bit k of a mask: within cover k. The last part is the ground of no part */
  readonly cellsM2: Float64Array;
  /** ground that more than one part claims (m²), counted once for each claim too many: cells add up to window + this */
  readonly overlapM2: number;
}

/** At most this many covers: their masks are a table. */
const maxCovers = 8;

/**
 * Area of a window by the part it lies in and by the covers over it.
 *
 * A cover is dissolved: where its polygons overlap, ground counts once. Parts are independent: ground of two parts
 * counts for both. Every cell is a sum of its own pieces, never a remainder.
 *
 * @param polygons exterior and holes in frame metres; any orientation, those of one part or cover may overlap
 */
export function divide(
  window: readonly FramePolygon[],
  parts: readonly (readonly FramePolygon[])[],
  covers: readonly (readonly FramePolygon[])[] = [],
): Division {
  const oriented = (polygons: readonly FramePolygon[]) => polygons.map(orientPolygon);
  return divideOriented(oriented(window), parts.map(oriented), covers.map(oriented));
}

/** The same of rings whose inside is on their left already, as in a layer. */
export function divideOriented(
  window: readonly FramePolygon[],
  parts: readonly (readonly FramePolygon[])[],
  covers: readonly (readonly FramePolygon[])[],
): Division {
  if (covers.length > maxCovers) throw new RangeError(`${covers.length} covers, at most ${maxCovers}`);
  const masks = 2 ** covers.length;
  const none = parts.length;
  const cellsM2 = new Float64Array((none + 1) * masks);
  let [windowM2, overlapM2] = [0, 0];
  let mask = 0;
  const within = new Int32Array(none);
  let withinCount = 0;
  sweepSlabs([window, ...parts, ...covers], {
    startSlab() {
      mask = 0;
      withinCount = 0;
    },
    toggle(set) {
      if (set > none) mask ^= 1 << (set - none - 1);
      else {
        let at = 0;
        while (at < withinCount && within[at] !== set - 1) at++;
        if (at === withinCount) within[withinCount++] = set - 1;
        else within[at] = within[--withinCount] as number;
      }
    },
    addPieceM2(areaM2) {
      windowM2 += areaM2;
      if (withinCount > 1) overlapM2 += areaM2 * (withinCount - 1);
      for (let i = 0; i < Math.max(1, withinCount); i++) {
        const cell = (withinCount === 0 ? none : (within[i] as number)) * masks + mask;
        cellsM2[cell] = (cellsM2[cell] as number) + areaM2;
      }
    },
  });
  return { windowM2, cellsM2, overlapM2 };
}
