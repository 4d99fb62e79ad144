/** What a photo's EXIF says of how it was taken; null where it does not. */
export interface PhotoFacts {
  readonly lonDeg: number | null;
  readonly latDeg: number | null;
  /** how far off the position may be, as the device says (m) */
  readonly positionErrorM: number | null;
  /** where the camera looks, clockwise from north (degrees, 0..360) */
  readonly bearingDeg: number | null;
  readonly bearingFrom: 'true' | 'magnetic' | null;
  /** local time of the device, `yyyy-mm-ddThh:mm:ss` */
  readonly takenAt: string | null;
  /** angle across the longer side of a full frame that sees as much (mm) */
  readonly focal35Mm: number | null;
  /** the picture stands upright: its shorter side lies across */
  readonly isUpright: boolean;
  readonly camera: string | null;
}

interface Tags {
  readonly numbers: (tag: number) => readonly number[] | null;
  readonly text: (tag: number) => string | null;
}

const typeBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };
/** More entries than any camera writes: a damaged directory is passed over. */
const maxEntries = 512;

/** The tags of one directory of a TIFF structure; what points outside is as if absent. */
function readDirectory(view: DataView, at: number, isLittle: boolean): Tags {
  const entries = new Map<number, { type: number; count: number; from: number }>();
  const count = at + 2 <= view.byteLength ? view.getUint16(at, isLittle) : 0;
  for (let i = 0; i < Math.min(count, maxEntries); i++) {
    const entry = at + 2 + 12 * i;
    if (entry + 12 > view.byteLength) break;
    const [tag, type, values] = [
      view.getUint16(entry, isLittle),
      view.getUint16(entry + 2, isLittle),
      view.getUint32(entry + 4, isLittle),
    ];
    const bytes = (typeBytes[type] ?? 0) * values;
    const from = bytes <= 4 ? entry + 8 : view.getUint32(entry + 8, isLittle);
    if (bytes > 0 && from + bytes <= view.byteLength) entries.set(tag, { type, count: values, from });
  }
  const one = (type: number, from: number): number => {
    if (type === 3) return view.getUint16(from, isLittle);
    if (type === 4) return view.getUint32(from, isLittle);
    if (type === 9) return view.getInt32(from, isLittle);
    if (type === 5) return view.getUint32(from, isLittle) / view.getUint32(from + 4, isLittle);
    if (type === 10) return view.getInt32(from, isLittle) / view.getInt32(from + 4, isLittle);
    return view.getUint8(from);
  };
  return {
    numbers(tag) {
      const entry = entries.get(tag);
      if (!entry) return null;
      const values = Array.from({ length: Math.min(entry.count, 16) }, (_, i) =>
        one(entry.type, entry.from + i * typeBytes[entry.type]!),
      );
      return values.every(Number.isFinite) ? values : null;
    },
    text(tag) {
      const entry = entries.get(tag);
      if (entry?.type !== 2) return null;
      const bytes = new Uint8Array(view.buffer, view.byteOffset + entry.from, entry.count);
      const end = bytes.indexOf(0);
      const text = new TextDecoder('latin1').decode(end < 0 ? bytes : bytes.subarray(0, end)).trim();
      return text === '' ? null : text;
    },
  };
}

/** The TIFF structure in the APP1 segment of a JPEG; null where there is none. */
function findTiff(bytes: Uint8Array): DataView | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xda) return null;
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const isExif = marker === 0xe1 && new TextDecoder('latin1').decode(bytes.subarray(at + 4, at + 10)) === 'Exif\0\0';
    if (length < 2) return null;
    if (isExif) {
      // a damaged length may end before the structure begins
      const size = Math.max(0, Math.min(length - 8, bytes.length - at - 10));
      return new DataView(bytes.buffer, bytes.byteOffset + at + 10, size);
    }
    at += 2 + length;
  }
  return null;
}

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8;

function degrees(gps: Tags, tag: number, reference: number, negative: string): number | null {
  const [deg, min = 0, sec = 0] = gps.numbers(tag) ?? [];
  if (deg === undefined) return null;
  const value = deg + min / 60 + sec / 3600;
  return gps.text(reference)?.toUpperCase().startsWith(negative) ? -value : value;
}

/** `2026:08:12 10:21:05` as an ISO time; null for what is none. */
function timeOf(text: string | null): string | null {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(text ?? '');
  if (!parts) return null;
  const iso = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}`;
  return Number.isNaN(Date.parse(`${iso}Z`)) ? null : iso;
}

/**
 * How a JPEG was taken, by its EXIF.
 *
 * @returns null where it has none
 * @see CIPA DC-008 (Exif 2.32), tables of IFD0, Exif and GPS tags
 */
export function readExif(bytes: Uint8Array): PhotoFacts | null {
  const view = findTiff(bytes);
  if (view === null || view.byteLength < 8) return null;
  const isLittle = view.getUint16(0) === 0x4949;
  const top = readDirectory(view, view.getUint32(4, isLittle), isLittle);
  const below = (tag: number): Tags => readDirectory(view, top.numbers(tag)?.[0] ?? view.byteLength, isLittle);
  const [exif, gps] = [below(0x8769), below(0x8825)];
  const [lonDeg, latDeg] = [degrees(gps, 4, 3, 'W'), degrees(gps, 2, 1, 'S')];
  const isPlace = lonDeg !== null && latDeg !== null && Math.abs(lonDeg) <= 180 && Math.abs(latDeg) <= 90;
  // devices without a fix write zeros
  const isFixed = isPlace && (lonDeg !== 0 || latDeg !== 0);
  const bearing = gps.numbers(17)?.[0] ?? null;
  const focal35Mm = exif.numbers(0xa405)?.[0] ?? null;
  const [width, height] = [exif.numbers(0xa002)?.[0] ?? 1, exif.numbers(0xa003)?.[0] ?? 0];
  const isTurned = [5, 6, 7, 8].includes(top.numbers(0x0112)?.[0] ?? 1);
  return {
    lonDeg: isFixed ? lonDeg : null,
    latDeg: isFixed ? latDeg : null,
    positionErrorM: gps.numbers(31)?.[0] ?? null,
    bearingDeg: bearing === null ? null : ((bearing % 360) + 360) % 360,
    bearingFrom: bearing === null ? null : gps.text(16) === 'M' ? 'magnetic' : 'true',
    takenAt: timeOf(exif.text(0x9003) ?? exif.text(0x9004) ?? top.text(0x0132)),
    focal35Mm: focal35Mm === 0 ? null : focal35Mm,
    isUpright: isTurned !== height > width,
    camera: [top.text(0x010f), top.text(0x0110)].filter((part) => part !== null).join(' ') || null,
  };
}
