import type { Crs } from '../../pipeline/types.ts';
import type { VectorFeature } from '../../pipeline/vector/feature.ts';

/** A column to be written; `text` in shapefiles takes `width` bytes (254 at most). */
export interface VectorColumn {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'real' | 'boolean';
  /** bytes, shapefiles only; 254 of text, 18 of numbers where it is not given */
  readonly width?: number;
  /** of a real in a shapefile; 6 where it is not given */
  readonly decimals?: number;
}

export type WrittenFeature = Pick<VectorFeature, 'properties' | 'polygons'>;

/** Takes features one by one; nothing stands under the file's name before `finish`. */
export interface VectorWriter {
  /**
   * @returns null: nothing to wait for
   * @throws AppError INPUT_INVALID where a value does not fit its column
   */
  add(feature: WrittenFeature): Promise<void> | null;
  finish(): Promise<void>;
  /** Give up; harmless after `finish`. */
  discard(): Promise<void>;
}

export interface WriteOptions {
  readonly crs: Crs;
  readonly columns: readonly VectorColumn[];
  readonly layer?: string;
}
