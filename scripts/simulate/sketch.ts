import type { CoverName } from './cover.ts';
import type { Piece, Seams } from './piece.ts';
import type { PlotStore } from './plot-store.ts';
import type { Random } from './random.ts';
import type { Warp } from './warp.ts';

/** A parcel of the land survey. */
export interface Parcel {
  readonly piece: Piece;
  /** DLBM */
  readonly code: string;
  /** CZCSXM: part of a city, town or village; null elsewhere */
  readonly settlement: string | null;
  /** XZDWKD, width of a road, canal or ditch (m); null elsewhere */
  readonly widthM: number | null;
  /** position in `Sketch.polders`, -1 for what lies between them */
  readonly polder: number;
  /** position in `Sketch.blocks`, -1 = none */
  readonly block: number;
}

export type BlockUse =
  | 'crop'
  | 'orchard'
  | 'nursery'
  | 'pond'
  | 'woods'
  | 'greenhouse'
  | 'photovoltaic'
  | 'factory'
  | 'town'
  | 'village';

/** Neighbouring parcels of one use with nothing between them. */
export interface Block {
  readonly piece: Piece;
  readonly use: BlockUse;
  readonly polder: number;
  /** positions in `Sketch.parcels`, from and up to */
  readonly from: number;
  to: number;
}

export type PolderUse = 'paddy' | 'vegetable' | 'aqua' | 'orchard' | 'nursery' | 'town' | 'industry' | 'lake';

export interface Polder {
  readonly piece: Piece;
  readonly use: PolderUse;
}

/** The landscape while it is drawn. */
export interface Sketch {
  readonly seed: number;
  readonly seams: Seams;
  readonly warp: Warp;
  readonly plots: PlotStore;
  readonly parcels: Parcel[];
  readonly blocks: Block[];
  readonly polders: Polder[];
  /** draw gables, shade and garden plots: for pixels of a few metres */
  readonly isFine: boolean;
  /** m², what a block of fields is cut down to */
  readonly blockM2: number;
}

/** A painted part of a parcel. */
export type Part = readonly [piece: Piece, cover: CoverName];

export interface Place {
  readonly polder: number;
  readonly block: number;
  readonly random: Random;
}

/** Adds one parcel with what is painted on it; the first cover is laid under all parts. */
export function addParcel(
  sketch: Sketch,
  place: Pick<Place, 'polder' | 'block'>,
  parcel: { readonly piece: Piece; readonly code: string; readonly settlement?: string; readonly widthM?: number },
  ground: CoverName,
  parts: readonly Part[] = [],
): void {
  const number = sketch.parcels.length;
  const { piece, code, settlement = null, widthM = null } = parcel;
  sketch.parcels.push({ piece, code, settlement, widthM, polder: place.polder, block: place.block });
  sketch.plots.add(piece, ground, number);
  for (const [part, cover] of parts) sketch.plots.add(part, cover, number);
}

/** Opens a block; parcels added until the next one belong to it. */
export function openBlock(sketch: Sketch, piece: Piece, use: BlockUse, polder: number): number {
  const from = sketch.parcels.length;
  return sketch.blocks.push({ piece, use, polder, from, to: from }) - 1;
}

export function closeBlock(sketch: Sketch, block: number): void {
  sketch.blocks[block]!.to = sketch.parcels.length;
}
