import { deflateSync } from 'node:zlib';

/** A tiled GeoTIFF of any size whose tiles are a few shared blocks: what it claims is really there, yet it stays small. */
export interface RepeatedGeotiff {
  readonly sidePx: number;
  readonly bands: readonly string[];
  /** tiles of `blockPx` a side, uint16 `[row][col][band]` */
  readonly blocks: readonly Uint16Array[];
  readonly blockPx: number;
  /** which block a tile shows */
  readonly blockAt: (col: number, row: number) => number;
  readonly acquired: string;
}

type Field = readonly [tag: number, type: 2 | 3 | 4 | 12, values: readonly number[]];
const valueBytes = { 2: 1, 3: 2, 4: 4, 12: 8 } as const;

const ascii = (text: string): number[] => [...Buffer.from(`${text}\0`)];

function metadataOf({ bands, acquired }: RepeatedGeotiff): string {
  const names = bands.map((name, i) => `<Item name="DESCRIPTION" sample="${i}" role="description">${name}</Item>`);
  return `<GDALMetadata><Item name="ACQUISITION_DATE">${acquired}</Item><Item name="SENSOR">Sentinel-2</Item>${names.join('')}</GDALMetadata>`;
}

/** The bytes of the file: header, blocks, values, directory; classic TIFF, DEFLATE, EPSG:32651, 10 m. */
export function repeatedGeotiff(spec: RepeatedGeotiff): Buffer {
  const { sidePx, bands, blockPx, blocks, blockAt } = spec;
  const across = Math.ceil(sidePx / blockPx);
  const packed = blocks.map((block) => deflateSync(Buffer.from(block.buffer, block.byteOffset, block.byteLength)));
  const parts: Buffer[] = [Buffer.alloc(8)];
  let size = 8;
  const place = (bytes: Buffer): number => {
    const at = size;
    const even = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
    parts.push(even);
    size += even.length;
    return at;
  };
  const offsets = packed.map(place);
  const shown = Array.from({ length: across * across }, (_, i) => blockAt(i % across, Math.floor(i / across)));
  const fields: Field[] = [
    [256, 4, [sidePx]],
    [257, 4, [sidePx]],
    [258, 3, bands.map(() => 16)],
    [259, 3, [8]],
    [262, 3, [1]],
    [277, 3, [bands.length]],
    [284, 3, [1]],
    [322, 3, [blockPx]],
    [323, 3, [blockPx]],
    [324, 4, shown.map((block) => offsets[block]!)],
    [325, 4, shown.map((block) => packed[block]!.length)],
    [338, 3, bands.slice(1).map(() => 0)],
    [339, 3, bands.map(() => 1)],
    [33_550, 12, [10, 10, 0]],
    [33_922, 12, [0, 0, 0, 330_000, 3_400_000, 0]],
    [34_735, 3, [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32_651]],
    [42_112, 2, ascii(metadataOf(spec))],
    [42_113, 2, ascii('0')],
  ];
  const directory = Buffer.alloc(2 + fields.length * 12 + 4);
  directory.writeUInt16LE(fields.length, 0);
  fields.forEach(([tag, type, values], index) => {
    const at = 2 + index * 12;
    const bytes = encode(type, values);
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(values.length, at + 4);
    if (bytes.length <= 4) bytes.copy(directory, at + 8);
    else directory.writeUInt32LE(place(bytes), at + 8);
  });
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(place(directory), 4);
  parts[0] = head;
  return Buffer.concat(parts);
}

function encode(type: Field[1], values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * valueBytes[type]);
  values.forEach((value, i) => {
    if (type === 12) bytes.writeDoubleLE(value, i * 8);
    else bytes.writeUIntLE(value, i * valueBytes[type], valueBytes[type]);
  });
  return bytes;
}
