import { AppError } from '../errors.ts';
import { onGrain, type FramePolygon } from '../parcel/layer.ts';

/**
 * Polygons as bytes, little-endian: number of polygons; of each the number of rings; of each ring the number of points
 * (uint32), then x and y (float64, m).
 */
export function encodeShape(polygons: readonly FramePolygon[]): Uint8Array {
  const points = polygons.flat().reduce((sum, ring) => sum + ring.length / 2, 0);
  const rings = polygons.reduce((sum, polygon) => sum + polygon.length, 0);
  const bytes = new Uint8Array(4 * (1 + polygons.length + rings) + 16 * points);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const count = (value: number): void => {
    view.setUint32(at, value, true);
    at += 4;
  };
  count(polygons.length);
  for (const polygon of polygons) {
    count(polygon.length);
    for (const ring of polygon) {
      count(ring.length / 2);
      for (const value of ring) {
        view.setFloat64(at, onGrain(value), true);
        at += 8;
      }
    }
  }
  return bytes;
}

/** @throws AppError INPUT_INVALID for bytes that are cut */
export function decodeShape(bytes: Uint8Array): readonly FramePolygon[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const count = (): number => {
    at += 4;
    if (at > view.byteLength) throw damaged(at, view.byteLength);
    return view.getUint32(at - 4, true);
  };
  const ringOf = (): Float64Array => {
    const length = 2 * count();
    if (at + 8 * length > view.byteLength) throw damaged(at + 8 * length, view.byteLength);
    const ring = new Float64Array(length);
    for (let i = 0; i < length; i++, at += 8) ring[i] = view.getFloat64(at, true);
    return ring;
  };
  return Array.from({ length: count() }, () => Array.from({ length: count() }, ringOf));
}

function damaged(wanted: number, found: number): AppError {
  return new AppError(
    'INPUT_INVALID',
    `The shape of a sighting is damaged: ${found} bytes of at least ${wanted}.`,
    'Restore the database, or run the scenes of that look again into a fresh data folder.',
  );
}
