import { valueBytes, tagNumbers, type Ifd, type Tiff } from './ifd.ts';
import type { Layout } from './layout.ts';
import { copyAgain, refuse } from './refuse.ts';
import { compressionNames, tagOf } from './tags.ts';

/** Where the bytes of a block are; null: the block was never written. */
export interface BlockPlace {
  readonly offset: number;
  readonly bytes: number;
  /** e.g. `tile 7 (column 1, row 2)` */
  readonly name: string;
}

export interface BlockTable {
  /** @throws AppError INPUT_INVALID for bytes beyond the end of the file */
  place(col: number, row: number, plane: number): Promise<BlockPlace | null>;
}

const pageEntries = 4096;
/** tables up to this size are checked whole when the file is opened, so that a truncated file is refused at once */
const checkedEntries = 1 << 18;

/**
 * The positions of all blocks of an image, read page by page when they are needed.
 *
 * @throws AppError INPUT_INVALID where positions are missing or point beyond the end of the file
 */
export async function openBlockTable(tiff: Tiff, ifd: Ifd, layout: Layout): Promise<BlockTable> {
  const { uri, size } = tiff.pages;
  const { across, down, parts, isPlanar, isTiled, samples, compression, rowBytes, blockHeight, height } = layout;
  const [offsetTag, bytesTag] = isTiled ? [tagOf.tileOffsets, tagOf.tileBytes] : [tagOf.stripOffsets, tagOf.stripBytes];
  const kind = isTiled ? 'tile' : 'strip';
  const fileRows = Math.ceil(down / parts);
  const needed = across * fileRows * (isPlanar ? samples : 1);
  const isRaw = compression === 1;
  requireEntries(offsetTag, true);
  // without byte counts only raw samples say how long they are
  const hasBytes = requireEntries(bytesTag, !isRaw);
  const pages = new Map<number, Promise<Float64Array>>();

  function requireEntries(tag: number, isNeeded: boolean): boolean {
    const entry = ifd.tags.get(tag);
    const count = entry?.count ?? 0;
    if (entry === undefined && !isNeeded) return false;
    const end = (entry?.at ?? 0) + count * valueBytes(entry?.type ?? 0);
    if (count >= needed && end <= size && [3, 4, 13, 16, 18].includes(entry?.type ?? 0)) return true;
    const what = `it claims ${layout.width} × ${layout.height} px, ${samples} bands in ${needed} ${kind}s, but its ${size} bytes hold ${Math.max(0, end <= size ? count : 0)} positions of them (tag ${tag}).`;
    throw refuse(uri, what, copyAgain, { width: layout.width, height: layout.height, needed, count, tag });
  }

  function entries(tag: number, page: number): Promise<Float64Array> {
    const key = page * 2 + (tag === offsetTag ? 0 : 1);
    let numbers = pages.get(key);
    if (numbers === undefined) {
      numbers = tagNumbers(tiff, ifd, tag, page * pageEntries, pageEntries).then(
        (values) => values ?? new Float64Array(0),
      );
      numbers.catch(() => pages.delete(key));
      pages.set(key, numbers);
    }
    return numbers;
  }

  function nameOf(index: number): string {
    const inPlane = index % (across * fileRows);
    const position = isTiled ? ` (column ${inPlane % across}, row ${Math.floor(inPlane / across)})` : ` of ${needed}`;
    return `${kind} ${index}${position}`;
  }

  /** bytes of raw samples in a file block */
  function rawBytes(index: number): number {
    if (isTiled) return rowBytes * blockHeight;
    const first = (index % fileRows) * layout.filePx.height;
    return rowBytes * Math.min(layout.filePx.height, height - first);
  }

  function checked(index: number, offset: number, listed: number): BlockPlace | null {
    if (offset === 0 || (listed === 0 && hasBytes)) return null;
    const bytes = isRaw ? rawBytes(index) : listed;
    if (offset + bytes <= size) return { offset, bytes, name: nameOf(index) };
    const claim = isRaw ? ` of ${layout.width} × ${layout.height} px ${compressionNames[compression]}` : '';
    const what = `${nameOf(index)}${claim} is said to be at bytes ${offset} to ${offset + bytes}, but the file ends at ${size}.`;
    throw refuse(uri, what, copyAgain, { block: index, offset, bytes, size });
  }

  async function filePlace(index: number): Promise<BlockPlace | null> {
    const page = Math.floor(index / pageEntries);
    const offsets = await entries(offsetTag, page);
    const bytes = hasBytes ? await entries(bytesTag, page) : null;
    const at = index % pageEntries;
    return checked(index, offsets[at] ?? 0, bytes?.[at] ?? 0);
  }

  async function checkAll(): Promise<void> {
    for (let page = 0; page * pageEntries < Math.min(needed, checkedEntries); page++) {
      const offsets = await entries(offsetTag, page);
      const bytes = hasBytes ? await entries(bytesTag, page) : null;
      const count = Math.min(offsets.length, needed - page * pageEntries);
      for (let i = 0; i < count; i++) checked(page * pageEntries + i, offsets[i] ?? 0, bytes?.[i] ?? 0);
    }
  }

  await checkAll();
  return {
    async place(col, row, plane) {
      const index = (plane * fileRows + Math.floor(row / parts)) * across + col;
      const whole = await filePlace(index);
      if (whole === null || parts === 1) return whole;
      const first = (row % parts) * blockHeight * rowBytes;
      return {
        offset: whole.offset + first,
        bytes: Math.min(blockHeight * rowBytes, whole.bytes - first),
        name: whole.name,
      };
    },
  };
}
