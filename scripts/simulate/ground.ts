import { pixelAreaModel } from '../../pipeline/geo/area.ts';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import type { Piece, Seams } from './piece.ts';
import { frameOf, type Frame } from './raster-files.ts';
import { outlineOf } from './warp.ts';
import type { World } from './world.ts';

/** A closed ring, counter-clockwise. */
export type GroundRing = readonly (readonly [number, number])[];

/** From layout pieces to polygons on the ground. */
export interface Ground {
  readonly frame: Frame;
  /** corners in the scene's own coordinates (m), with those of its neighbours on shared edges, not closed */
  outline(piece: Piece): GroundRing;
  toLonLat(x: number, y: number): readonly [number, number];
  /** on the ellipsoid (m²) */
  areaM2(ring: GroundRing): number;
}

export function openGround(world: World): Ground {
  const frame = frameOf(world);
  const { sketch, sizePx, sensor } = world;
  const grid = { crs: frame.crs, affine: frame.affine, width: sizePx, height: sizePx };
  const pixelM2 = pixelAreaModel(grid);
  const toLonLat = projector(frame.crs, crsFromEpsg(4326));
  const seams: Seams = sketch.seams;
  return {
    frame,
    outline: (piece) =>
      outlineOf(piece, seams, sketch.warp).map(([x, y]) => [x + frame.originX, y + frame.originY] as const),
    toLonLat,
    areaM2(ring) {
      const [x0, y0] = ring[0]!;
      let [doubled, sumX, sumY] = [0, 0, 0];
      ring.forEach(([x, y], i) => {
        const [nextX, nextY] = ring[(i + 1) % ring.length]!;
        doubled += (x - x0) * (nextY - y0) - (nextX - x0) * (y - y0);
        sumX += x;
        sumY += y;
      });
      const col = (sumX / ring.length - frame.originX) / sensor.gsdM;
      const row = sizePx - (sumY / ring.length - frame.originY) / sensor.gsdM;
      return ((Math.abs(doubled) / 2) * pixelM2(col, row)) / sensor.gsdM ** 2;
    },
  };
}
