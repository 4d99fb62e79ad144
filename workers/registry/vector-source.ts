import type { Crs } from '../../pipeline/types.ts';
import type { Row } from './attributes.ts';

export interface SourceFeature extends Row {
  /** polygons[ring][point] in the file's CRS, `[x, y]`; null where the row has none */
  readonly polygons: readonly (readonly (readonly (readonly [number, number])[])[])[] | null;
  readonly geometryType: string;
}

/** The part of an opened vector file that an import reads. */
export interface VectorSource {
  readonly path: string;
  readonly format: string;
  readonly layer: string;
  readonly crs: Crs;
  readonly crsHow: string;
  readonly encoding: string | null;
  readonly encodingHow: string | null;
  readonly fields: readonly string[];
  /** whole only when all features were read */
  readonly notes: readonly { readonly code: string; readonly message: string; readonly todo: string }[];
  features(): AsyncIterable<SourceFeature>;
}
