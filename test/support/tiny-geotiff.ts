/** A small classic little-endian GeoTIFF (uncompressed, one strip, pixel-interleaved), for tests that need a file of their own. */
export interface TinyGeotiff {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly dtype?: 'uint8' | 'uint16' | 'float32';
  /** default: 1 + (band · 40 + col + row) mod 200 */
  readonly value?: (band: number, col: number, row: number) => number;
  /** EPSG code; null: no georeference at all */
  readonly epsg?: number | null;
  readonly isGeographic?: boolean;
  /** CRS units */
  readonly pixelSize?: number;
  readonly origin?: readonly [number, number];
  readonly nodata?: string;
  readonly dateTime?: string;
  readonly descriptions?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** scale and offset of every band, as GDAL writes them */
  readonly scaling?: readonly [number, number];
  /** 2 (RGB) with 4 bands marks the last one as alpha, as GDAL does */
  readonly photometric?: 1 | 2;
  /** claims this size without having its pixels */
  readonly claimPx?: number;
}

type Field = readonly [tag: number, type: 2 | 3 | 4 | 12, values: readonly number[]];
const typeBytes = { 2: 1, 3: 2, 4: 4, 12: 8 } as const;
const sampleBytes = { uint8: 1, uint16: 2, float32: 4 } as const;

const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const ascii = (text: string) => [...Buffer.from(`${text}\0`, 'utf8')];

function gdalMetadata({ descriptions = [], metadata = {}, scaling, bands }: TinyGeotiff): string | null {
  const items = [
    ...Object.entries(metadata).map(([name, text]) => `<Item name="${name}">${escapeXml(text)}</Item>`),
    ...descriptions.map(
      (text, sample) => `<Item name="DESCRIPTION" sample="${sample}" role="description">${escapeXml(text)}</Item>`,
    ),
    ...Array.from(
      { length: scaling ? bands : 0 },
      (_, sample) =>
        `<Item name="SCALE" sample="${sample}" role="scale">${scaling?.[0]}</Item><Item name="OFFSET" sample="${sample}" role="offset">${scaling?.[1]}</Item>`,
    ),
  ];
  return items.length > 0 ? `<GDALMetadata>${items.join('')}</GDALMetadata>` : null;
}

function fieldsOf(spec: TinyGeotiff, pixelBytes: number): Field[] {
  const {
    width,
    height,
    bands,
    dtype = 'uint16',
    epsg = 32651,
    pixelSize = 10,
    origin = [300_000, 3_400_000],
    photometric = 1,
  } = spec;
  const [w, h] = spec.claimPx === undefined ? [width, height] : [spec.claimPx, spec.claimPx];
  const bits = sampleBytes[dtype] * 8;
  const extra = bands - (photometric === 2 ? 3 : 1);
  const isAlpha = photometric === 2 && bands === 4;
  const xml = gdalMetadata(spec);
  const fields: Field[] = [
    [256, 4, [w]],
    [257, 4, [h]],
    [258, 3, Array.from({ length: bands }, () => bits)],
    [259, 3, [1]],
    [262, 3, [photometric]],
    [273, 4, [0]],
    [277, 3, [bands]],
    [278, 4, [h]],
    [279, 4, [pixelBytes]],
    [284, 3, [1]],
    [339, 3, Array.from({ length: bands }, () => (dtype === 'float32' ? 3 : 1))],
  ];
  if (spec.dateTime !== undefined) fields.push([306, 2, ascii(spec.dateTime)]);
  if (extra > 0) fields.push([338, 3, Array.from({ length: extra }, () => (isAlpha ? 2 : 0))]);
  if (epsg !== null) {
    fields.push([33550, 12, [pixelSize, pixelSize, 0]], [33922, 12, [0, 0, 0, origin[0], origin[1], 0]]);
    fields.push([
      34735,
      3,
      [1, 1, 0, 3, 1024, 0, 1, spec.isGeographic ? 2 : 1, 1025, 0, 1, 1, spec.isGeographic ? 2048 : 3072, 0, 1, epsg],
    ]);
  }
  if (xml !== null) fields.push([42112, 2, ascii(xml)]);
  if (spec.nodata !== undefined) fields.push([42113, 2, ascii(spec.nodata)]);
  return fields.sort((a, b) => a[0] - b[0]);
}

function pixelsOf({
  width,
  height,
  bands,
  dtype = 'uint16',
  value = (band, col, row) => 1 + ((band * 40 + col + row) % 200),
}: TinyGeotiff): Buffer {
  const size = sampleBytes[dtype];
  const bytes = Buffer.alloc(width * height * bands * size);
  for (let i = 0; i < width * height * bands; i++) {
    const [band, pixel] = [i % bands, Math.floor(i / bands)];
    const sample = value(band, pixel % width, Math.floor(pixel / width));
    if (dtype === 'float32') bytes.writeFloatLE(sample, i * size);
    else bytes.writeUIntLE(sample, i * size, size);
  }
  return bytes;
}

/** The bytes of the file: header, directory, values, pixels. */
export function tinyGeotiff(spec: TinyGeotiff): Buffer {
  const pixels = spec.claimPx === undefined ? pixelsOf(spec) : Buffer.alloc(0);
  const fields = fieldsOf(spec, pixels.length);
  const directoryAt = 8;
  let valuesAt = directoryAt + 2 + fields.length * 12 + 4;
  const directory = Buffer.alloc(valuesAt - directoryAt);
  const values: Buffer[] = [];
  const sizes = fields.map(([, type, list]) => list.length * typeBytes[type]);
  const pixelsAt = valuesAt + sizes.reduce((sum, size) => sum + (size > 4 ? size + (size % 2) : 0), 0);
  directory.writeUInt16LE(fields.length, 0);
  fields.forEach(([tag, type, list], index) => {
    const size = sizes[index] as number;
    const bytes = Buffer.alloc(Math.max(4, size + (size % 2)));
    const numbers = tag === 273 ? [pixelsAt] : list;
    numbers.forEach((number, i) => {
      if (type === 12) bytes.writeDoubleLE(number, i * 8);
      else bytes.writeUIntLE(number, i * typeBytes[type], typeBytes[type]);
    });
    const at = 2 + index * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(list.length, at + 4);
    if (size <= 4) bytes.copy(directory, at + 8, 0, 4);
    else {
      directory.writeUInt32LE(valuesAt, at + 8);
      values.push(bytes);
      valuesAt += bytes.length;
    }
  });
  const header = Buffer.from([0x49, 0x49, 42, 0, directoryAt, 0, 0, 0]);
  return Buffer.concat([header, directory, ...values, pixels]);
}
