import { applyAffine } from '../../pipeline/geo/affine.ts';
import { equalAreaFrame, ringToFrame } from '../../pipeline/geo/frame.ts';
import type { EqualAreaFrame, FrameCentre } from '../../pipeline/geo/frame.ts';
import { closedRing } from '../../pipeline/change/patch-geojson.ts';
import type { PixelRing } from '../../pipeline/change/trace.ts';
import { AppError } from '../../pipeline/errors.ts';
import { openLand } from '../../pipeline/parcel/land.ts';
import type { Land, LandUnder, Period } from '../../pipeline/parcel/land.ts';
import type { FramePolygon, ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { decodeLayer } from '../../pipeline/parcel/layer-file.ts';
import type { LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import type { Grid } from '../../pipeline/types.ts';
import type { ImageStore } from '../images/store.ts';

/** What lies under the patches of a run. */
export interface PatchLand extends Pick<Land, 'layers'> {
  readonly frame: EqualAreaFrame;
  /** outline of a patch in frame metres */
  shapeOf(rings: readonly PixelRing[]): FramePolygon;
  under(shape: FramePolygon): LandUnder;
}

/** Longest piece of a pixel edge (px) that is taken as straight in the grid's system; ringToFrame cuts it further. */
const maxPiecePx = 64;

/**
 * Load the layers of a run and index them, all in the frame of the first.
 *
 * @returns null when the run has none
 * @throws AppError UNAVAILABLE when a layer is missing or damaged
 */
export async function openPatchLand(
  refs: readonly LayerRef[],
  images: ImageStore,
  grid: Grid,
  period: Period,
): Promise<PatchLand | null> {
  const timed = await openTimedLand(refs, images, grid);
  return timed && { ...timed, under: (shape) => timed.underIn(shape, period) };
}

/** The same for patches of several periods. */
export interface TimedLand extends Omit<PatchLand, 'under'> {
  underIn(shape: FramePolygon, period: Period): LandUnder;
}

/** As `openPatchLand`. */
export async function openTimedLand(
  refs: readonly LayerRef[],
  images: ImageStore,
  grid: Grid,
): Promise<TimedLand | null> {
  const loaded: { readonly ref: LayerRef; readonly layer: ParcelLayer }[] = [];
  for (const ref of refs) loaded.push({ ref, layer: await loadLayer(ref, images) });
  const first = loaded[0];
  if (first === undefined) return null;
  const frame = equalAreaFrame(first.layer.centre);
  const inFrame = loaded.map(({ ref, layer }) => ({ ref, layer: reframed(layer, frame) }));
  const of = (kind: LayerRef['kind']): ParcelLayer | null =>
    inFrame.find(({ ref }) => ref.kind === kind)?.layer ?? null;
  const land = openLand({
    survey: of('land-survey'),
    permanentFarmland: of('permanent-farmland'),
    permits: of('permit'),
    zones: inFrame.flatMap(({ ref, layer }) => (ref.kind === 'zone' ? [{ zone: ref.zone ?? 'unknown', layer }] : [])),
    projects: of('project'),
    subProjects: of('sub-project'),
  });
  return {
    frame,
    layers: land.layers,
    shapeOf: shapeWriter(grid, frame),
    underIn: (shape, period) => land.under(shape, period),
  };
}

/** Outlines of patches in frame metres. */
export const shapeWriter =
  (grid: Grid, frame: EqualAreaFrame) =>
  (rings: readonly PixelRing[]): FramePolygon =>
    rings.map((ring) => {
      const corners = closedRing(ring, maxPiecePx).map(([col, row]) => applyAffine(grid.affine, col, row));
      return ringToFrame(corners, grid.crs, frame);
    });

async function loadLayer({ key, kind, file }: LayerRef, images: ImageStore): Promise<ParcelLayer> {
  const bytes = await images.get(key);
  if (bytes !== null) return decodeLayer(bytes);
  throw new AppError(
    'UNAVAILABLE',
    `The imported ${kind} ${file} is missing from the image store or damaged (${key}).`,
    'Import the file again and give the same command.',
    { key },
  );
}

const isSame = (a: FrameCentre, b: FrameCentre): boolean => a.lonDeg === b.lonDeg && a.latDeg === b.latDeg;

/** The same polygons about another centre; both frames keep areas. */
export function reframed(layer: ParcelLayer, frame: EqualAreaFrame): ParcelLayer {
  if (isSame(layer.centre, frame.centre)) return layer;
  const from = equalAreaFrame(layer.centre);
  const coordinates = new Float64Array(layer.coordinates.length);
  for (let at = 0; at < coordinates.length; at += 2) {
    const [lon, lat] = from.toLonLat(layer.coordinates[at]!, layer.coordinates[at + 1]!);
    const [x, y] = frame.toFrame(lon, lat);
    coordinates[at] = x;
    coordinates[at + 1] = y;
  }
  return { ...layer, centre: frame.centre, coordinates };
}
