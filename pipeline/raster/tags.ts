/** TIFF tags by what they say. */
export const tagOf = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  description: 270,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  planar: 284,
  dateTime: 306,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileBytes: 325,
  extra: 338,
  format: 339,
  jpegTables: 347,
  lerc: 50_674,
  gdalMetadata: 42_112,
  gdalNodata: 42_113,
} as const;

/** Compressions that are read. */
export const compressionNames: Readonly<Record<number, string>> = {
  1: 'NONE',
  5: 'LZW',
  7: 'JPEG',
  8: 'DEFLATE',
  32_946: 'DEFLATE',
  32_773: 'PACKBITS',
  34_887: 'LERC',
  50_000: 'ZSTD',
};
/** Compressions that are known and not read. */
export const foreignNames: Readonly<Record<number, string>> = {
  2: 'CCITT RLE',
  3: 'CCITT Group 3',
  4: 'CCITT Group 4',
  6: 'old-style JPEG',
  34_712: 'JPEG 2000',
  34_925: 'LZMA',
  50_001: 'WebP',
  50_002: 'JPEG XL',
};
