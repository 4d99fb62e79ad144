/** How a made photo says it was taken; what is left out has no tag. */
export interface MadePhoto {
  readonly lonDeg?: number;
  readonly latDeg?: number;
  readonly bearingDeg?: number;
  readonly bearingRef?: 'T' | 'M';
  /** `2026:08:20 10:21:05` */
  readonly taken?: string;
  readonly focal35Mm?: number;
  readonly orientation?: number;
  readonly sizePx?: readonly [width: number, height: number];
}

interface Entry {
  readonly tag: number;
  readonly type: 2 | 3 | 4 | 5;
  readonly values: readonly number[] | string;
}

/** One directory with what its entries point to behind it; little-endian. */
function directory(entries: readonly Entry[], at: number): Buffer {
  const head = Buffer.alloc(2 + 12 * entries.length + 4);
  head.writeUInt16LE(entries.length);
  let behind = Buffer.alloc(0);
  entries.forEach(({ tag, type, values }, i) => {
    const body =
      typeof values === 'string'
        ? Buffer.from(`${values}\0`, 'latin1')
        : Buffer.concat(
            values.map((value) => {
              const bytes = Buffer.alloc(type === 5 ? 8 : type === 4 ? 4 : 2);
              if (type === 3) bytes.writeUInt16LE(value);
              else if (type === 4) bytes.writeUInt32LE(value);
              else {
                bytes.writeUInt32LE(Math.round(value * 1e6), 0);
                bytes.writeUInt32LE(1e6, 4);
              }
              return bytes;
            }),
          );
    const entry = 2 + 12 * i;
    head.writeUInt16LE(tag, entry);
    head.writeUInt16LE(type, entry + 2);
    head.writeUInt32LE(typeof values === 'string' ? body.length : values.length, entry + 4);
    if (body.length <= 4) body.copy(head, entry + 8);
    else {
      head.writeUInt32LE(at + head.length + behind.length, entry + 8);
      behind = Buffer.concat([behind, body]);
    }
  });
  return Buffer.concat([head, behind]);
}

const sexagesimal = (deg: number): readonly number[] => {
  const whole = Math.floor(Math.abs(deg));
  const minutes = (Math.abs(deg) - whole) * 60;
  return [whole, Math.floor(minutes), (minutes - Math.floor(minutes)) * 60];
};

/** A JPEG without a picture, whose EXIF says how it was taken. */
export function madePhoto(photo: MadePhoto): Buffer {
  const { lonDeg, latDeg, bearingDeg, bearingRef = 'T', taken, focal35Mm, orientation, sizePx } = photo;
  const exif: Entry[] = [
    ...(taken === undefined ? [] : [{ tag: 0x9003, type: 2 as const, values: taken }]),
    ...(sizePx === undefined
      ? []
      : [
          { tag: 0xa002, type: 4 as const, values: [sizePx[0]] },
          { tag: 0xa003, type: 4 as const, values: [sizePx[1]] },
        ]),
    ...(focal35Mm === undefined ? [] : [{ tag: 0xa405, type: 3 as const, values: [focal35Mm] }]),
  ];
  const gps: Entry[] = [
    ...(latDeg === undefined
      ? []
      : [
          { tag: 1, type: 2 as const, values: latDeg < 0 ? 'S' : 'N' },
          { tag: 2, type: 5 as const, values: sexagesimal(latDeg) },
        ]),
    ...(lonDeg === undefined
      ? []
      : [
          { tag: 3, type: 2 as const, values: lonDeg < 0 ? 'W' : 'E' },
          { tag: 4, type: 5 as const, values: sexagesimal(lonDeg) },
        ]),
    ...(bearingDeg === undefined
      ? []
      : [
          { tag: 16, type: 2 as const, values: bearingRef },
          { tag: 17, type: 5 as const, values: [bearingDeg] },
        ]),
  ];
  const topOf = (exifAt: number, gpsAt: number): Buffer =>
    directory(
      [
        { tag: 0x010f, type: 2, values: 'Made' },
        { tag: 0x0112, type: 3, values: [orientation ?? 1] },
        { tag: 0x8769, type: 4, values: [exifAt] },
        { tag: 0x8825, type: 4, values: [gpsAt] },
      ],
      8,
    );
  const exifAt = 8 + topOf(0, 0).length;
  const exifBytes = directory(exif, exifAt);
  const gpsAt = exifAt + exifBytes.length;
  const tiff = Buffer.concat([
    Buffer.from('II*\0\b\0\0\0', 'latin1'),
    topOf(exifAt, gpsAt),
    exifBytes,
    directory(gps, gpsAt),
  ]);
  const segment = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(segment.length + 2);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe1]),
    length,
    segment,
    Buffer.from([0xff, 0xda, 0, 2, 0xff, 0xd9]),
  ]);
}
