import { bytePages, type BytePages } from './byte-pages.ts';
import type { ByteSource } from '../ports.ts';
import { copyAgain, refuse } from './refuse.ts';

/** One entry of an image file directory; its value stays in the file until somebody asks. */
export interface TagEntry {
  readonly type: number;
  readonly count: number;
  /** where the value begins, inside the entry or elsewhere (bytes) */
  readonly at: number;
}

export interface Ifd {
  readonly offset: number;
  readonly tags: ReadonlyMap<number, TagEntry>;
}

/** The directories of a TIFF file. */
export interface Tiff {
  readonly pages: BytePages;
  readonly bigEndian: boolean;
  readonly bigTiff: boolean;
  readonly ifds: readonly Ifd[];
}

/** Bytes a value by TIFF field type; 0 = no such type. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
/** enough for a scene with its overviews and masks; directories beyond are other pictures */
const maxDirectories = 256;
const maxTextBytes = 64 << 20;
const maxNumbers = 1 << 20;

export const valueBytes = (type: number) => typeBytes[type] ?? 0;

export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function unsigned64(view: DataView, at: number, little: boolean): number {
  return Number(view.getBigUint64(at, little));
}

function describeStart(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1').trimStart();
  if (/^<(!doctype|html|head|\?xml|body)/i.test(text)) return 'it is a web page (HTML or XML), not a picture';
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return 'it is a ZIP archive';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'it is gzip-compressed';
  if (text.startsWith('\u0089PNG') || (bytes[0] === 0xff && bytes[1] === 0xd8)) return 'it is a PNG or JPEG picture';
  if (text.startsWith('\u0089HDF') || text.startsWith('CDF')) return 'it is HDF or NetCDF';
  if (text.startsWith('version https://git-lfs')) return 'it is a Git LFS pointer, not the file itself';
  if (bytes.length < 8) return `it has ${bytes.length} bytes, a TIFF has at least 8`;
  const hex = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return `its first bytes are ${hex}, a TIFF begins with 49492a00, 4d4d002a, 49492b00 or 4d4d002b`;
}

/**
 * Reads the chain of directories, none of their values.
 *
 * geotiff.js is not asked: it allocates by counts that nobody checked, and its deferred arrays ignore the byte order.
 *
 * @throws AppError INPUT_INVALID for what is not a TIFF
 * @see https://www.awaresystems.be/imaging/tiff/bigtiff.html
 */
export async function readTiff(source: ByteSource): Promise<Tiff> {
  const { uri, size } = source;
  if (size === 0) throw refuse(uri, 'the file is empty (0 bytes).', copyAgain);
  const pages = bytePages(source);
  const head = await pages.read(0, Math.min(size, 512), 'the header');
  const view = viewOf(head);
  const order = size < 8 ? 0 : view.getUint16(0);
  const bigEndian = order === 0x4d4d;
  const version = order === 0x4949 || bigEndian ? view.getUint16(2, !bigEndian) : 0;
  if ((version !== 42 && version !== 43) || (version === 43 && size < 16)) {
    const todo = 'Give a GeoTIFF; other formats are converted by: gdal_translate in.xxx out.tif.';
    throw refuse(uri, `this is not a TIFF file: ${describeStart(head)}.`, todo, { size });
  }
  const bigTiff = version === 43;
  let next = bigTiff ? unsigned64(view, 8, !bigEndian) : view.getUint32(4, !bigEndian);
  const ifds: Ifd[] = [];
  const seen = new Set<number>();
  while (next !== 0 && ifds.length < maxDirectories) {
    if (seen.has(next))
      throw refuse(uri, `the directories run in a circle: the one at byte ${next} comes again.`, copyAgain, {
        offset: next,
      });
    seen.add(next);
    const { ifd, after } = await readDirectory(pages, next, bigEndian, bigTiff);
    ifds.push(ifd);
    next = after;
  }
  if (ifds.length === 0) throw refuse(uri, 'the file holds no image: the header points to no directory.', copyAgain);
  return { pages, bigEndian, bigTiff, ifds };
}

async function readDirectory(
  pages: BytePages,
  offset: number,
  bigEndian: boolean,
  bigTiff: boolean,
): Promise<{ ifd: Ifd; after: number }> {
  const little = !bigEndian;
  const [countBytes, entryBytes, wordBytes] = bigTiff ? [8, 20, 8] : [2, 12, 4];
  const what = 'an image directory';
  const start = viewOf(await pages.read(offset, countBytes, what));
  const count = bigTiff ? unsigned64(start, 0, little) : start.getUint16(0, little);
  if (count === 0 || count > 65_535)
    throw refuse(pages.uri, `the directory at byte ${offset} claims ${count} entries.`, copyAgain, { offset, count });
  const view = viewOf(await pages.read(offset + countBytes, count * entryBytes + wordBytes, what));
  const word = (at: number) => (bigTiff ? unsigned64(view, at, little) : view.getUint32(at, little));
  const tags = new Map<number, TagEntry>();
  for (let i = 0; i < count; i++) {
    const at = i * entryBytes;
    const type = view.getUint16(at + 2, little);
    const values = word(at + 4);
    const isInline = values * valueBytes(type) <= wordBytes;
    const valueAt = isInline ? offset + countBytes + at + 4 + wordBytes : word(at + 4 + wordBytes);
    const tag = view.getUint16(at, little);
    // the first entry of a tag counts, as in libtiff
    if (!tags.has(tag)) tags.set(tag, { type, count: values, at: valueAt });
  }
  return { ifd: { offset, tags }, after: word(count * entryBytes) };
}

function decodeNumber(view: DataView, at: number, type: number, little: boolean): number {
  switch (type) {
    case 1:
    case 2:
    case 7:
      return view.getUint8(at);
    case 3:
      return view.getUint16(at, little);
    case 4:
    case 13:
      return view.getUint32(at, little);
    case 5:
      return view.getUint32(at, little) / view.getUint32(at + 4, little);
    case 6:
      return view.getInt8(at);
    case 8:
      return view.getInt16(at, little);
    case 9:
      return view.getInt32(at, little);
    case 10:
      return view.getInt32(at, little) / view.getInt32(at + 4, little);
    case 11:
      return view.getFloat32(at, little);
    case 12:
      return view.getFloat64(at, little);
    case 17:
      return Number(view.getBigInt64(at, little));
    default:
      return unsigned64(view, at, little);
  }
}

function checkedBytes(tiff: Tiff, tag: number, { type, count }: TagEntry, limit: number): number {
  const bytes = valueBytes(type);
  if (bytes === 0 || count === 0 || count > limit)
    throw refuse(
      tiff.pages.uri,
      `tag ${tag} has type ${type} and ${count} values, which no reader understands.`,
      copyAgain,
      { tag, type, count },
    );
  return bytes;
}

/**
 * Numbers of a tag from position `first` on, `count` of them at most; null where the tag is absent.
 *
 * @throws AppError INPUT_INVALID where the values are not in the file
 */
export async function tagNumbers(
  tiff: Tiff,
  { tags }: Ifd,
  tag: number,
  first = 0,
  count = maxNumbers,
): Promise<Float64Array | null> {
  const entry = tags.get(tag);
  if (entry === undefined) return null;
  const bytes = checkedBytes(tiff, tag, entry, first === 0 && count === maxNumbers ? maxNumbers : Infinity);
  const length = Math.max(0, Math.min(count, entry.count - first));
  const view = viewOf(await tiff.pages.read(entry.at + first * bytes, length * bytes, `tag ${tag}`));
  const numbers = new Float64Array(length);
  for (let i = 0; i < length; i++) numbers[i] = decodeNumber(view, i * bytes, entry.type, !tiff.bigEndian);
  return numbers;
}

/** First number of a tag, or `fallback`. */
export async function tagNumber(tiff: Tiff, ifd: Ifd, tag: number, fallback: number): Promise<number> {
  return (await tagNumbers(tiff, ifd, tag, 0, 1))?.[0] ?? fallback;
}

/** Bytes of a tag as they are; null where absent. */
export async function tagBytes(tiff: Tiff, { tags }: Ifd, tag: number): Promise<Uint8Array | null> {
  const entry = tags.get(tag);
  if (entry === undefined) return null;
  const bytes = checkedBytes(tiff, tag, entry, maxTextBytes / 8);
  return tiff.pages.read(entry.at, entry.count * bytes, `tag ${tag}`);
}

/** Text of a tag up to its first NUL (UTF-8); null where absent. */
export async function tagText(tiff: Tiff, ifd: Ifd, tag: number): Promise<string | null> {
  const bytes = await tagBytes(tiff, ifd, tag);
  if (bytes === null) return null;
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
