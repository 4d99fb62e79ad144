/** The nouns. Plain readonly values that survive JSON; typed arrays stay inside `Raster`. */

/** `[a,b,c,d,e,f]`: X = a·col + b·row + c, Y = d·col + e·row + f; (col,row) are pixel corners. */
export type Affine = readonly [number, number, number, number, number, number];

/** `[minX, minY, maxX, maxY]` in CRS units. */
export type Bbox = readonly [number, number, number, number];

export type Dtype = 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32' | 'float64';

export type Samples =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** A rectangle of pixels (px); it may reach outside its grid. */
export interface Window {
  readonly col: number;
  readonly row: number;
  readonly width: number;
  readonly height: number;
}

/** Coordinate reference system. Coordinates are `[x, y]` = easting/longitude first, whatever the registry says. */
export interface Crs {
  /** EPSG code, or null where only a definition is known */
  readonly epsg: number | null;
  /** what proj4 parses: a proj string or WKT */
  readonly definition: string;
  readonly name: string;
  /** true: units are degrees */
  readonly isGeographic: boolean;
}

/** The frame in which dates are comparable. */
export interface Grid {
  readonly crs: Crs;
  readonly affine: Affine;
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
}

/** Pixels, order `[band][row][col]`. */
export interface Raster<T extends Samples = Float32Array> {
  readonly data: T;
  readonly width: number;
  readonly height: number;
  readonly bands: number;
}

/** Band names follow the STAC `eo` common names where these exist. */
export const bandNames = [
  'coastal',
  'blue',
  'green',
  'red',
  'rededge071',
  'rededge075',
  'rededge078',
  'nir',
  'nir08',
  'nir09',
  'cirrus',
  'swir16',
  'swir22',
  'lwir11',
  'lwir12',
  'pan',
  'scl',
  'cloudmask',
] as const;
export type BandName = (typeof bandNames)[number];

/** One band of a scene and where its pixels are. Reflectance = DN · scale + offset. */
export interface SceneBand {
  readonly name: BandName;
  /** position in `Scene.files` */
  readonly file: number;
  /** position in the file, 0-based */
  readonly index: number;
  readonly dtype: Dtype;
  readonly nodata: number | null;
  readonly scale: number;
  readonly offset: number;
}

export interface SceneFile {
  /** absolute path, or `s3://` or `https://` URL */
  readonly uri: string;
  /**
   * of the bytes; where `etag` stands, of URI (without query), ETag and size, in S3 of ETag and size where the ETag is an MD5:
   * what is remote is not read whole
   */
  readonly sha256: string;
  /** of a remote file: what its server called this version when it was opened */
  readonly etag?: string;
  readonly bytes: number;
  /** the STAC Item that named it, and the sha256 of its text */
  readonly item?: { readonly name: string; readonly sha256: string };
  readonly grid: Grid;
  /** 0-based position of an alpha or mask band whose 0 means "no data", else null */
  readonly alphaIndex: number | null;
}

/**
 * One look at the ground: one or more files of one date. A local file is known by its bytes, one of S3 by what S3 makes of them, any
 * other by URI, ETag and size: the same bytes under another URL are another scene there.
 */
export interface Scene {
  /** sha256 over files, bands and scaling */
  readonly id: string;
  readonly files: readonly SceneFile[];
  readonly bands: readonly SceneBand[];
  /** ISO-8601 date or date-time (UTC), null = unknown */
  readonly acquired: string | null;
  readonly sensor: string | null;
  /** the grid of the file with the finest GSD */
  readonly grid: Grid;
  /** ground sampling distance of `grid` (m): sqrt of the centre pixel's ellipsoidal area */
  readonly gsdM: number;
  /** `dn`: the values are not reflectance (stretched, uncalibrated); only relative methods apply */
  readonly radiometry: 'reflectance' | 'dn';
}

/** A network call: `read` is cut from both scenes, `keep` is what remains of it. Grid pixels. */
export interface Tile {
  readonly read: Window;
  readonly keep: Window;
}

/** One job's worth of tiles. */
export interface Chunk {
  /** position in the plan, row-major */
  readonly index: number;
  readonly keep: Window;
  readonly tiles: readonly Tile[];
}

export interface LandClass {
  /** value in class rasters, 0..254 */
  readonly code: number;
  /** English key, e.g. `built` */
  readonly name: string;
  readonly zh: string;
  /** `#rrggbb` */
  readonly colour: string;
  /** patches join neighbouring pixels of one group: artificial, water, vegetation, … */
  readonly group: string;
}

/** Class codes of a model; 255 is always "not observed". */
export interface ClassMap {
  readonly id: string;
  readonly version: number;
  readonly classes: readonly LandClass[];
}

/** Values of `change.tif`: probability × 250 in 0..250. */
export const changeScale = 250;
/** Value of every output raster where the ground was not seen on both dates. */
export const unobserved = 255;
