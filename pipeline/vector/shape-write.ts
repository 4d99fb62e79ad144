import type { VectorPolygon } from './feature.ts';
import { shapeHeaderBytes } from './shape.ts';

type Box = [number, number, number, number];

export const emptyBox = (): Box => [Infinity, Infinity, -Infinity, -Infinity];

function widen(box: Box, x: number, y: number): void {
  if (x < box[0]) box[0] = x;
  if (y < box[1]) box[1] = y;
  if (x > box[2]) box[2] = x;
  if (y > box[3]) box[3] = y;
}

function isClockwise(ring: VectorPolygon[number]): boolean {
  const [x0, y0] = ring[0] ?? [0, 0];
  let sum = 0;
  for (let i = 1; i < ring.length; i++) {
    const [[px, py], [x, y]] = [ring[i - 1]!, ring[i]!];
    sum += (px - x0) * (y - y0) - (x - x0) * (py - y0);
  }
  return sum < 0;
}

/**
 * A record of a .shp with its header; a null shape of null or no polygons. Exteriors run clockwise, holes against it.
 *
 * @param number 1-based
 * @param polygons rings closed
 * @param box grows by the record's own
 */
export function shapeRecord(number: number, polygons: readonly VectorPolygon[] | null, box: Box): Uint8Array {
  const rings = (polygons ?? []).flatMap((polygon) =>
    polygon.map((ring, i) => (isClockwise(ring) === (i === 0) ? ring : ring.toReversed())),
  );
  const points = rings.reduce((sum, ring) => sum + ring.length, 0);
  const length = rings.length === 0 ? 4 : 44 + 4 * rings.length + 16 * points;
  const out = new Uint8Array(8 + length);
  const view = new DataView(out.buffer);
  view.setInt32(0, number);
  view.setInt32(4, length / 2);
  if (rings.length === 0) return out;
  view.setInt32(8, 5, true);
  view.setInt32(44, rings.length, true);
  view.setInt32(48, points, true);
  const own = emptyBox();
  let [at, first] = [52 + 4 * rings.length, 0];
  for (const [part, ring] of rings.entries()) {
    view.setInt32(52 + 4 * part, first, true);
    first += ring.length;
    for (const [x, y] of ring) {
      view.setFloat64(at, x, true);
      view.setFloat64(at + 8, y, true);
      at += 16;
      widen(own, x, y);
    }
  }
  own.forEach((value, i) => view.setFloat64(12 + 8 * i, value, true));
  widen(box, own[0], own[1]);
  widen(box, own[2], own[3]);
  return out;
}

/** Head of a .shp or .shx of polygons. @param bytes length of the whole file */
export function shapeHeader(bytes: number, box: readonly number[]): Uint8Array {
  const out = new Uint8Array(shapeHeaderBytes);
  const view = new DataView(out.buffer);
  view.setInt32(0, 9994);
  view.setInt32(24, bytes / 2);
  view.setInt32(28, 1000, true);
  view.setInt32(32, 5, true);
  box.forEach((value, i) => view.setFloat64(36 + 8 * i, Number.isFinite(value) ? value : 0, true));
  return out;
}
