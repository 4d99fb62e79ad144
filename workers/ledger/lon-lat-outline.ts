import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import type { Polygon } from '../../pipeline/geo/polygon.ts';
import { type ParcelLayer, polygonsOf } from '../../pipeline/parcel/layer.ts';

/** Closed rings of a feature in degrees, `[lon, lat]`. */
export function lonLatOutline(layer: ParcelLayer, feature: number): readonly Polygon[] {
  const frame = equalAreaFrame(layer.centre);
  return polygonsOf(layer, feature).map((rings) =>
    rings.map((ring) =>
      Array.from({ length: ring.length / 2 + 1 }, (_, i) => {
        const at = (2 * i) % ring.length;
        return frame.toLonLat(ring[at]!, ring[at + 1]!);
      }),
    ),
  );
}
