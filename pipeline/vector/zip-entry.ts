import { unreadable } from './feature.ts';
import { chineseFraction, textDecoder } from './text-score.ts';

/** A member of an archive as its directory lists it. */
export interface ZipEntry {
  /** with `/` between folders; a folder ends with it */
  readonly name: string;
  readonly bytes: number;
  readonly packedBytes: number;
  readonly isEncrypted: boolean;
}

/** What the largest survey of a county unpacks to, several times over. */
const maxBytes = 8 * 2 ** 30;
const maxEntries = 2000;
/** Tables padded with spaces pack 50 to 1; DEFLATE can do 1032 to 1. */
const maxRatio = 200;
/** Small files may pack better. */
const ratioFromBytes = 16 << 20;

const repack = 'Pack the files again, by name, without passwords, and give that archive.';

/** Name bytes as text: UTF-8 where the archive says so or they are it, else GBK, as Windows in Chinese writes. */
export function zipName(bytes: Uint8Array, isUtf8: boolean): string {
  const utf8 = textDecoder('utf-8')(bytes);
  if (isUtf8 || !utf8.includes('\uFFFD')) {
    const gbk = textDecoder('gb18030')(bytes);
    if (isUtf8 || (chineseFraction(utf8) ?? 1) >= (chineseFraction(gbk) ?? 0)) return utf8.replaceAll('\\', '/');
  }
  return textDecoder('gb18030')(bytes).replaceAll('\\', '/');
}

/** @throws AppError INPUT_INVALID above 2,000 entries */
export function checkZipCount(file: string, entries: number): void {
  if (entries <= maxEntries) return;
  throw unreadable(file, `it has ${entries} entries; at most ${maxEntries} are read.`, repack);
}

/**
 * Refuse an archive that would write outside its folder, fill the disk, or cannot be opened.
 *
 * @throws AppError INPUT_INVALID, naming the entry
 */
export function checkZipEntries(file: string, entries: readonly ZipEntry[]): void {
  const seen = new Set<string>();
  let total = 0;
  for (const { name, bytes, packedBytes, isEncrypted } of entries) {
    const parts = name.split('/');
    if (/^(\/|[A-Za-z]:)/.test(name) || parts.includes('..') || name.includes('\0'))
      throw unreadable(file, `压缩包路径越界 its entry "${name.slice(0, 120)}" points outside of it.`, repack, {
        entry: name,
      });
    if (isEncrypted) throw unreadable(file, `its entry "${name}" is encrypted.`, repack, { entry: name });
    if (seen.has(name)) throw unreadable(file, `its entry "${name}" is there twice.`, repack, { entry: name });
    seen.add(name);
    total += bytes;
    if (bytes > ratioFromBytes && bytes > maxRatio * packedBytes)
      throw unreadable(
        file,
        `压缩炸弹 its entry "${name}" unpacks ${packedBytes} bytes to ${bytes}, more than ${maxRatio} to 1.`,
        repack,
        { entry: name, bytes, packedBytes },
      );
  }
  if (total > maxBytes)
    throw unreadable(file, `压缩炸弹 it unpacks to ${total} bytes; at most ${maxBytes} are read.`, repack, {
      bytes: total,
    });
}

/** What in an archive is a layer of its own: its path without extension, and the extension. */
export interface ZipLayer {
  readonly stem: string;
  readonly extension: 'shp' | 'geojson' | 'json' | 'gpkg' | 'fgb' | 'gdb';
}

/** The layers of an archive in the order of its directory. */
export function zipLayers(names: readonly string[]): readonly ZipLayer[] {
  const found = new Map<string, ZipLayer>();
  for (const name of names) {
    if (/(^|\/)(__MACOSX\/|\.)/.test(name)) continue;
    const folder = /^(.*?)\.(gdb)\//i.exec(name);
    const match = folder ?? /^(.*)\.(shp|geojson|json|gpkg|fgb)$/i.exec(name);
    if (match === null) continue;
    const layer = { stem: match[1]!, extension: match[2]!.toLowerCase() as ZipLayer['extension'] };
    found.set(`${layer.stem}.${layer.extension}`, layer);
  }
  return [...found.values()];
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of a stream, chunk by chunk; begin with 0. */
export function crc32(bytes: Uint8Array, before: number): number {
  let c = ~before;
  for (let i = 0; i < bytes.length; i++) c = table[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return ~c >>> 0;
}
