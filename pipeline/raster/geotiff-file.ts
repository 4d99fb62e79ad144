import type { Affine, Crs, Dtype, Raster, Samples, Window } from '../types.ts';

export interface GeotiffBand {
  readonly description: string | null;
  readonly dtype: Dtype;
  readonly nodata: number | null;
  readonly scale: number | null;
  readonly offset: number | null;
  readonly colour: 'red' | 'green' | 'blue' | 'alpha' | 'gray' | 'palette' | null;
  readonly wavelengthNm: number | null;
  /** GDAL_METADATA items of the band */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An open GeoTIFF: what its header says, and its pixels window by window. */
export interface GeotiffFile {
  readonly uri: string;
  readonly bytes: number;
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
  readonly bands: readonly GeotiffBand[];
  readonly crs: Crs | null;
  /** why `crs` is null although the file names one */
  readonly crsProblem: string | null;
  readonly affine: Affine | null;
  /** GDAL_METADATA of the dataset, all domains */
  readonly metadata: Readonly<Record<string, string>>;
  /** TIFFTAG_DATETIME as it is */
  readonly dateTime: string | null;
  readonly description: string | null;
  readonly compression: string;
  readonly tiled: boolean;
  /** blocks of the file */
  readonly blockPx: { readonly width: number; readonly height: number };
  readonly overviews: readonly { readonly width: number; readonly height: number }[];
  readonly interleave: 'pixel' | 'band';
  readonly bigEndian: boolean;
  readonly bigTiff: boolean;
  /** 0-based position of the alpha band */
  readonly alphaIndex: number | null;
  /** whether there is a mask inside the file */
  readonly hasMask: boolean;
  /** `[r, g, b]` (0..255) by value */
  readonly palette: readonly (readonly [number, number, number])[] | null;
  /**
   * Samples of a window in the file's type, `[band][row][col]`; never-written blocks are nodata, else 0.
   *
   * @param bands 0-based, in the order wanted
   * @throws AppError INPUT_INVALID for a block that cannot be decoded
   */
  readWindow(window: Window, bands: readonly number[]): Promise<Raster<Samples>>;
  /** 1 where the alpha band and the mask (one or both, where there are any) say that there is data; nodata values do not count here. */
  readMask(window: Window): Promise<Uint8Array>;
  /** Drops the cache and closes the source. */
  close(): Promise<void>;
}
