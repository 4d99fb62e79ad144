import { cloudClass, unobservedFrom } from '../pair/cloud-class.ts';
import { clearedGround } from '../pair/cloud-ground.ts';
import { crowdedGaps, hazyRim } from '../pair/cloud-rim.ts';
import type { BandName, Chunk, Raster, Tile, Window } from '../types.ts';
import { unobserved } from '../types.ts';
import { fuseEvidence, smoothedChange, smoothingPx, type Fusion } from './decide.ts';
import { cropPlane, joinReasons, reasonCode, reasons, reasonsOf, seen, type Reason } from './observe.ts';

/** Bands of a chunk raster that become rasters of the result, in this order. */
export const resultBands = ['classesBefore', 'classesAfter', 'change', 'changeInto'] as const;
/** Bands of a chunk raster; `reason` is why a pixel was not seen on both dates, as `joinReasons` gives it. */
export const chunkBands = [...resultBands, 'reason'] as const;

/** One date's pixels in a tile's `read` window. */
export interface TileLook {
  readonly raster: Raster;
  /** bands that must hold a value, positions in `raster` */
  readonly needed: readonly number[];
  /** 1 inside the scene's footprint */
  readonly inside: Uint8Array;
  /** values of `cloudClass`; null where no cloud mask applies */
  readonly clouds: Uint8Array | null;
}

/** Judgements on what is kept of a tile, `[row][col]`. */
export interface TileJudgement {
  readonly classesBefore: Uint8Array;
  readonly classesAfter: Uint8Array;
  readonly into: Uint8Array;
  /** see `ChangeEvidence` */
  readonly field: Uint8Array | null;
  readonly network: Float32Array | null;
  readonly irmad: Float32Array;
  readonly vectors: Float32Array;
}

/** What a chunk needs of the world; every function is deterministic in the window it is given. */
export interface ChunkTools {
  readonly gsdM: number;
  /** names of the first bands of both dates' rasters */
  readonly bands: readonly BandName[];
  /** `CloudStatistics.clearHaze` of both dates; null where a date's clouds come from a band of its own or are not masked */
  readonly clearHaze: { readonly before: number; readonly after: number } | null;
  /** see `fusionFor` */
  readonly fusion: Fusion | null;
  look(side: 'before' | 'after', window: Window): Promise<TileLook>;
  /**
   * Judge the part `keep` of both rasters, which hold the context that this needs; null: the pair has no statistics, so
   * nothing can be said.
   *
   * @param keep window inside the rasters (px)
   */
  judge(before: Raster, after: Raster, keep: Window): Promise<TileJudgement | null>;
  /** 1 inside the area of interest; null = all */
  areaOfInterest(window: Window): Uint8Array | null;
  /** ellipsoidal area of a pixel (m²) */
  pixelAreaM2(col: number, row: number): number;
  /** thrown through between tiles when the run is cancelled */
  throwIfCancelled(): void;
}

export interface ChunkResult {
  /** uint8, bands as `chunkBands`, size of `chunk.keep` */
  readonly raster: Raster<Uint8Array>;
  readonly observedM2: number;
  readonly reasonsM2: Readonly<Record<Reason, number>>;
}

/**
 * Compute one chunk, tile by tile.
 *
 * Class rasters are 255 outside the overlap and where their own date was not seen; change rasters where either was not.
 */
export async function computeChunk(chunk: Chunk, tools: ChunkTools): Promise<ChunkResult> {
  const { keep } = chunk;
  const data = new Uint8Array(chunkBands.length * keep.width * keep.height).fill(unobserved);
  const whole = new Uint8Array(keep.width * keep.height);
  for (const tile of chunk.tiles) {
    tools.throwIfCancelled();
    const { planes, pairReasons } = await computeTile(tile, tools);
    paste(whole, pairReasons, keep, tile.keep, 0);
    planes.forEach((plane, band) => paste(data, plane, keep, tile.keep, band));
  }
  return {
    raster: { data, width: keep.width, height: keep.height, bands: chunkBands.length },
    ...areasOf(whole, keep, tools),
  };
}

interface TileResult {
  readonly planes: readonly Uint8Array[];
  readonly pairReasons: Uint8Array;
}

function emptyTile(pairReasons: Uint8Array): TileResult {
  const plane = new Uint8Array(pairReasons.length).fill(unobserved);
  return { planes: [...resultBands.map(() => plane), pairReasons], pairReasons };
}

async function computeTile({ read, keep }: Tile, tools: ChunkTools): Promise<TileResult> {
  const inArea = tools.areaOfInterest(keep);
  // what lies outside is excluded whatever was seen there: nothing has to be read for it
  if (inArea?.includes(1) === false) return emptyTile(inArea.map(() => reasonCode.excluded));
  const before = await tools.look('before', read);
  const after = await tools.look('after', read);
  const own = [
    reasonsOf({ ...before, ...cloudAndShadow(before, after, 'before', tools) }),
    reasonsOf({ ...after, ...cloudAndShadow(after, before, 'after', tools) }),
  ];
  const isSmoothed = tools.fusion?.isSmoothed === true;
  const near = isSmoothed ? grown(keep, read) : keep;
  const [first, second] = own.map((plane) => cropPlane(plane, read, near)) as [Uint8Array, Uint8Array];
  const nearReasons = joinReasons(first, second, tools.areaOfInterest(near));
  const pairReasons = cropPlane(nearReasons, near, keep);
  if (!pairReasons.includes(seen)) return emptyTile(pairReasons);
  veil(before.raster, own[0]!);
  veil(after.raster, own[1]!);
  const place = { ...near, col: near.col - read.col, row: near.row - read.row };
  const judged = await tools.judge(before.raster, after.raster, place);
  if (judged === null) {
    // the sample saw only cloud: what peeps through it cannot be normalised
    for (let i = 0; i < pairReasons.length; i++) if (pairReasons[i] === seen) pairReasons[i] = reasonCode.cloud;
    return emptyTile(pairReasons);
  }
  const { classesBefore, classesAfter, into, ...evidence } = judged;
  const fused = fuseEvidence({ ...evidence, classesBefore, classesAfter }, nearReasons, tools.fusion);
  const planes = [
    blank(classesBefore, nearReasons, first),
    blank(classesAfter, nearReasons, second),
    isSmoothed ? smoothedChange(fused, near.width) : fused,
    blank(into, nearReasons, nearReasons),
  ];
  return { planes: [...planes.map((plane) => cropPlane(plane, near, keep)), pairReasons], pairReasons };
}

/** A window with the neighbours that smoothing asks for, inside another. */
function grown(window: Window, within: Window): Window {
  const [col, row] = [Math.max(within.col, window.col - smoothingPx), Math.max(within.row, window.row - smoothingPx)];
  const right = Math.min(within.col + within.width, window.col + window.width + smoothingPx);
  const bottom = Math.min(within.row + within.height, window.row + window.height + smoothingPx);
  return { col, row, width: right - col, height: bottom - row };
}

/** Classes where `own` saw the ground and the pair has a say; 255 elsewhere. */
function blank(plane: Uint8Array, pairReasons: Uint8Array, own: Uint8Array): Uint8Array {
  const out = new Uint8Array(plane.length);
  const { outside, excluded } = reasonCode;
  for (let i = 0; i < out.length; i++) {
    const reason = pairReasons[i]!;
    out[i] = own[i] === seen && reason !== outside && reason !== excluded ? plane[i]! : unobserved;
  }
  return out;
}

/** The dilated cloud mask apart by kind: what the dilation adds is cloud where both kinds are near. */
export function cloudAndShadow(
  { clouds: own, raster }: TileLook,
  other: TileLook,
  side: 'before' | 'after',
  { gsdM, bands, clearHaze }: Pick<ChunkTools, 'gsdM' | 'bands' | 'clearHaze'>,
): { cloud: Uint8Array | null; shadow: Uint8Array | null } {
  if (own === null || !own.some((kind) => kind !== cloudClass.clear && kind !== cloudClass.nodata))
    return { cloud: null, shadow: null };
  const clouds =
    clearHaze === null || other.clouds === null
      ? own
      : clearedGround({ clouds: own, otherClouds: other.clouds, own: raster, other: other.raster, bands });
  const hidden = unobservedFrom(clouds, raster, gsdM);
  const kinds: readonly number[] = [cloudClass.cloud, cloudClass.thin];
  const cloud = unobservedFrom(
    clouds.map((kind) => (kinds.includes(kind) ? kind : cloudClass.clear)),
    raster,
    gsdM,
  );
  const gaps = crowdedGaps(clouds, raster);
  for (let i = 0; i < gaps.length; i++) if (gaps[i] === 1) cloud[i] = 1;
  if (clearHaze !== null) {
    const level =
      side === 'before'
        ? { own: clearHaze.before, other: clearHaze.after }
        : { own: clearHaze.after, other: clearHaze.before };
    const rim = hazyRim({ clouds, own: raster, other: other.raster, bands, clearHaze: level, gsdM });
    for (let i = 0; i < rim.length; i++) if (rim[i] === 1) cloud[i] = 1;
  }
  return {
    cloud,
    shadow: hidden.map((isHidden, i) => (isHidden === 1 && cloud[i] === 0 && clouds[i] !== cloudClass.nodata ? 1 : 0)),
  };
}

/** What was not seen must not reach a neighbour through a filter. */
export function veil(raster: Raster, own: Uint8Array): void {
  if (own.every((reason) => reason === seen)) return;
  for (let i = 0; i < own.length; i++)
    if (own[i] !== seen)
      for (let band = 0; band < raster.bands; band++) raster.data[band * own.length + i] = Number.NaN;
}

/** Put the plane of a part in its place in a plane of `keep`, band by band. */
export function paste(target: Uint8Array, plane: Uint8Array, keep: Window, part: Window, band: number): void {
  for (let r = 0; r < part.height; r++) {
    const to = (band * keep.height + part.row - keep.row + r) * keep.width + part.col - keep.col;
    target.set(plane.subarray(r * part.width, (r + 1) * part.width), to);
  }
}

/** Areas by reason, summed row by row so that the order of additions is fixed. */
export function areasOf(
  plane: Uint8Array,
  keep: Window,
  tools: Pick<ChunkTools, 'pixelAreaM2'>,
): Pick<ChunkResult, 'observedM2' | 'reasonsM2'> {
  const sums = new Float64Array(256);
  for (let r = 0; r < keep.height; r++)
    for (let c = 0; c < keep.width; c++)
      sums[plane[r * keep.width + c]!]! += tools.pixelAreaM2(keep.col + c, keep.row + r);
  const reasonsM2 = Object.fromEntries(reasons.map((reason) => [reason, sums[reasonCode[reason]]])) as Record<
    Reason,
    number
  >;
  return { observedM2: sums[seen]!, reasonsM2 };
}
