import { applyAffine } from '../geo/affine.ts';
import { equalAreaFrame, type FrameCentre } from '../geo/frame.ts';
import { bboxOf, hasPoint, lonLatProjector, type Polygon } from '../geo/polygon.ts';
import type { Grid } from '../types.ts';
import { boxOf, type ParcelLayer, polygonsOf } from './layer.ts';

/** Which county each square of the ground belongs to, as the parcels of a layer say; coarse, and small. */
export interface Territory {
  readonly centre: FrameCentre;
  /** corner with the smallest x and y (frame metres) */
  readonly origin: readonly [number, number];
  /** side of a square (m) */
  readonly sideM: number;
  readonly columns: number;
  /** codes of GB/T 2260, 6 digits, sorted */
  readonly counties: readonly string[];
  /** position in `counties` of the county with most of each square, -1: none; row by row from the origin */
  readonly squares: readonly number[];
}

/** A county is some 25 km wide: its border is known to 1 % of that. */
const leastSideM = 500;
/** What a stray polygon on the other side of the earth would make more of. */
const mostSquares = 200_000;
/** Positions along each side of an area that are looked up. */
const lattice = 48;

/**
 * The counties of a layer whose column `county` names them, each parcel where its box is.
 *
 * @returns null when no parcel says its county
 */
export function territoryOf(layer: ParcelLayer): Territory | null {
  const column = layer.columns['county'] ?? [];
  const parcels = column.flatMap((county, feature) => {
    const box = /^\d{6}$/.test(county) ? boxOf(polygonsOf(layer, feature)) : null;
    return box !== null && box[0] < box[2] ? [{ county, box, areaM2: layer.areaM2[feature] ?? 0 }] : [];
  });
  if (parcels.length === 0) return null;
  const counties = [...new Set(parcels.map(({ county }) => county))].toSorted();
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { box } of parcels) {
    [west, south] = [Math.min(west, box[0]), Math.min(south, box[1])];
    [east, north] = [Math.max(east, box[2]), Math.max(north, box[3])];
  }
  let sideM = leastSideM;
  const across = (from: number, to: number): number => Math.floor((to - from) / sideM) + 1;
  while (across(west, east) * across(south, north) > mostSquares) sideM *= 2;
  const [columns, rows] = [across(west, east), across(south, north)];
  const areas = counties.map(() => new Float64Array(columns * rows));
  for (const { county, box, areaM2 } of parcels) {
    const own = areas[counties.indexOf(county)]!;
    const [x0, y0, x1, y1] = [
      Math.floor((box[0] - west) / sideM),
      Math.floor((box[1] - south) / sideM),
      Math.floor((box[2] - west) / sideM),
      Math.floor((box[3] - south) / sideM),
    ];
    const share = areaM2 / ((x1 - x0 + 1) * (y1 - y0 + 1));
    for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) own[y * columns + x]! += share;
  }
  const squares = Array.from({ length: columns * rows }, (_, square) =>
    areas.reduce((best, own, at) => (own[square]! > (areas[best]?.[square] ?? 0) ? at : best), -1),
  );
  return { centre: layer.centre, origin: [west, south], sideM, columns, counties, squares };
}

/**
 * The county that has most of an area, of equal ones the first by code; null when none has any of it.
 *
 * @param area a grid, or polygons in longitude/latitude
 */
export function countyOf(territory: Territory, area: Grid | readonly Polygon[]): string | null {
  const { origin, sideM, columns, counties, squares } = territory;
  const { toFrame } = equalAreaFrame(territory.centre);
  const counts = counties.map(() => 0);
  for (const [lon, lat] of 'crs' in area ? placesOf(area) : placesIn(area)) {
    const [x, y] = toFrame(lon, lat);
    const [column, row] = [Math.floor((x - origin[0]) / sideM), Math.floor((y - origin[1]) / sideM)];
    const county = column < 0 || column >= columns ? -1 : (squares[row * columns + column] ?? -1);
    if (county >= 0) counts[county]! += 1;
  }
  const most = Math.max(...counts);
  return most === 0 ? null : counties[counts.indexOf(most)]!;
}

const steps = Array.from({ length: lattice }, (_, step) => (step + 0.5) / lattice);
type Place = readonly [lon: number, lat: number];

function placesOf({ crs, affine, width, height }: Grid): readonly Place[] {
  const toLonLat = lonLatProjector(crs);
  return steps.flatMap((v) => steps.map((u) => toLonLat(...applyAffine(affine, u * width, v * height))));
}

/** What is too narrow for a lattice is known by its corners. */
function placesIn(polygons: readonly Polygon[]): readonly Place[] {
  const [west, south, east, north] = bboxOf(polygons.flat());
  const inside = steps
    .flatMap((v) => steps.map((u): Place => [west + u * (east - west), south + v * (north - south)]))
    .filter(([lon, lat]) => polygons.some((polygon) => hasPoint(polygon, lon, lat)));
  return inside.length > 0 ? inside : polygons.flat(2);
}
