import type { CrsClaim } from '../../pipeline/vector/crs-choice.ts';
import type { VectorFeature, VectorNote } from '../../pipeline/vector/feature.ts';

export const vectorFormats = ['geojson', 'shapefile', 'geopackage', 'flatgeobuf', 'filegdb'] as const;
export type VectorFormat = (typeof vectorFormats)[number];

/** A file as its reader sees it: system not yet chosen, coordinates as written. */
export interface RawLayer {
  readonly format: VectorFormat;
  readonly layer: string;
  readonly declared: CrsClaim | null;
  readonly encoding: string | null;
  readonly encodingHow: string | null;
  readonly fields: readonly string[];
  readonly featureCount: number | null;
  /** grows while rows are read */
  readonly notes: VectorNote[];
  /** every row in file order; may be asked for again */
  rows(): AsyncGenerator<VectorFeature>;
  close(): Promise<void>;
}

export interface VectorOptions {
  /** of the attributes; found out otherwise */
  readonly encoding?: string;
  /** EPSG code or well-known text; before what the file declares */
  readonly crs?: string;
  /** which layer of several */
  readonly layer?: string;
}
