import { coverNumber, type CoverName } from './cover.ts';
import { noSeams, type Piece } from './piece.ts';
import { outlineOf, type Warp } from './warp.ts';

/** What is painted: outlines on the ground with their cover, flat, since a county has a million of them. */
export interface PlotStore {
  readonly count: () => number;
  add(piece: Piece, cover: CoverName, parcel: number): void;
  /** corner positions x, y (m from the lower left corner of the scene) */
  readonly points: () => Float32Array;
  /** first corner of each plot in `points`, and one past the last */
  readonly starts: () => Int32Array;
  /** position in `covers` */
  readonly coverOf: () => Uint8Array;
  /** parcel number */
  readonly parcelOf: () => Int32Array;
}

export function openPlotStore(warp: Warp): PlotStore {
  let points = new Float32Array(1 << 16);
  let starts = new Int32Array(1 << 12);
  let coverOf = new Uint8Array(1 << 12);
  let parcelOf = new Int32Array(1 << 12);
  let [count, used] = [0, 0];
  return {
    count: () => count,
    add(piece, cover, parcel) {
      const outline = outlineOf(piece, noSeams, warp);
      if (used + outline.length * 2 > points.length) points = grown(points, new Float32Array(points.length * 2));
      if (count + 2 > starts.length) {
        starts = grown(starts, new Int32Array(starts.length * 2));
        coverOf = grown(coverOf, new Uint8Array(coverOf.length * 2));
        parcelOf = grown(parcelOf, new Int32Array(parcelOf.length * 2));
      }
      for (const [x, y] of outline) {
        points[used++] = x;
        points[used++] = y;
      }
      coverOf[count] = coverNumber(cover);
      parcelOf[count] = parcel;
      starts[++count] = used / 2;
    },
    points: () => points.subarray(0, used),
    starts: () => starts.subarray(0, count + 1),
    coverOf: () => coverOf.subarray(0, count),
    parcelOf: () => parcelOf.subarray(0, count),
  };
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
