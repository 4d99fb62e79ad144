import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { jpegBytes, lercBytes, lzwBytes, zstdBytes } from '../fixtures/coded-bytes.ts';
import {
  byteSource,
  plainEntries,
  tiffBytes,
  type PlainSpec,
  type TiffEntry,
  type TiffSpec,
} from '../fixtures/tiff-bytes.ts';

const open = (bytes: Uint8Array) => openGeotiff(byteSource(bytes));
const one = (
  plain: PlainSpec,
  blocks: readonly (Uint8Array | null)[],
  rest: Partial<TiffSpec> & { tiled?: boolean } = {},
) => tiffBytes({ ...rest, directories: [{ entries: plainEntries(plain), blocks, tiled: rest.tiled ?? false }] });
const all = (width: number, height: number) => ({ col: 0, row: 0, width, height });
const pixels = async (bytes: Uint8Array, width: number, height: number, bands = [0]) => [
  ...(await (await open(bytes)).readWindow(all(width, height), bands)).data,
];

test('an uncompressed strip reads as it stands', async () => {
  expect(await pixels(one({ width: 3, height: 2 }, [Uint8Array.of(1, 2, 3, 4, 5, 6)]), 3, 2)).toEqual([
    1, 2, 3, 4, 5, 6,
  ]);
});

test('a big-endian BigTIFF gives the same samples as a little-endian TIFF', async () => {
  const spec = { width: 2, height: 1, bits: 16 };
  const big = one(spec, [Uint8Array.of(0x12, 0x34, 0xff, 0xfe)], { bigEndian: true, bigTiff: true });
  const little = one(spec, [Uint8Array.of(0x34, 0x12, 0xfe, 0xff)]);
  expect(await pixels(big, 2, 1)).toEqual([0x1234, 0xfffe]);
  expect(await pixels(little, 2, 1)).toEqual([0x1234, 0xfffe]);
});

test('differences add up within a row and a band, and wrap around', async () => {
  const rows = Uint16Array.of(65_000, 10, 1000, 5, 7, 1, 2, 65_535);
  const bytes = one({ width: 2, height: 2, bits: 16, samples: 2, compression: 8, more: [[317, 'short', [2]]] }, [
    deflateSync(new Uint8Array(rows.buffer)),
  ]);
  expect(await pixels(bytes, 2, 2, [0, 1])).toEqual([65_000, 464, 7, 9, 10, 15, 1, 0]);
});

test('the floating-point predictor has its highest bytes first in either byte order', async () => {
  const values = [1.5, -2.25, 1e-9];
  const planes = Buffer.alloc(12);
  values.forEach((value, i) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatBE(value);
    bytes.forEach((byte, b) => (planes[b * 3 + i] = byte));
  });
  const differences = Uint8Array.from(planes, (byte, i) => byte - (planes[i - 1] ?? 0));
  for (const bigEndian of [false, true]) {
    const bytes = one(
      { width: 3, height: 1, bits: 32, format: 3, compression: 8, more: [[317, 'short', [3]]] },
      [deflateSync(differences)],
      { bigEndian },
    );
    expect(await pixels(bytes, 3, 1)).toEqual([1.5, -2.25, Math.fround(1e-9)]);
  }
});

test('the LZW example of the TIFF specification decodes', async () => {
  const codes = [256, 7, 258, 8, 8, 258, 6, 6, 257];
  const bits = codes.map((code) => code.toString(2).padStart(9, '0')).join('');
  const coded = Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
    Number.parseInt(bits.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 2),
  );
  expect(await pixels(one({ width: 9, height: 1, compression: 5 }, [coded]), 9, 1)).toEqual([
    7, 7, 7, 8, 8, 7, 7, 6, 6,
  ]);
});

test('the PackBits example of the TIFF specification decodes', async () => {
  const coded = Uint8Array.of(0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa);
  const wanted = [
    0xaa,
    0xaa,
    0xaa,
    0x80,
    0,
    0x2a,
    0xaa,
    0xaa,
    0xaa,
    0xaa,
    0x80,
    0,
    0x2a,
    0x22,
    ...Array.from({ length: 10 }, () => 0xaa),
  ];
  expect(await pixels(one({ width: 24, height: 1, compression: 32_773 }, [coded]), 24, 1)).toEqual(wanted);
});

const tiles: TiffEntry[] = [
  [322, 'long', [16]],
  [323, 'long', [16]],
];
const tile = (value: number) => new Uint8Array(256).fill(value);

test('a window across tiles comes together in order, bands as asked', async () => {
  const more: TiffEntry[] = [...tiles, [284, 'short', [2]]];
  const bytes = one({ width: 20, height: 17, samples: 2, more }, [1, 2, 3, 4, 5, 6, 7, 8].map(tile), { tiled: true });
  const file = await open(bytes);
  const { data } = await file.readWindow({ col: 15, row: 15, width: 2, height: 2 }, [1, 0]);
  expect([...data]).toEqual([5, 6, 7, 8, 1, 2, 3, 4]);
  expect([file.interleave, file.tiled, file.blockPx]).toEqual(['band', true, { width: 16, height: 16 }]);
});

const halfWritten = (more: TiffEntry[]) =>
  one({ width: 17, height: 1, more: [...tiles, ...more] }, [tile(9), null], { tiled: true });

test('a block that was never written is nodata, without nodata 0', async () => {
  expect((await pixels(halfWritten([[42_113, 'ascii', '255']]), 17, 1)).slice(15)).toEqual([9, 255]);
  expect((await pixels(halfWritten([]), 17, 1)).slice(15)).toEqual([9, 0]);
});

test('one large uncompressed strip is read in parts, and only where the window is', async () => {
  const [width, height] = [1000, 5000];
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) data.fill(row % 251, row * width, (row + 1) * width);
  const source = byteSource(one({ width, height }, [data]));
  const file = await openGeotiff(source);
  const { data: got } = await file.readWindow({ col: 998, row: 3000, width: 2, height: 2 }, [0]);
  expect([...got]).toEqual([3000 % 251, 3000 % 251, 3001 % 251, 3001 % 251]);
  expect(Math.max(...source.reads.map(([, length]) => length))).toBeLessThan(2 << 20);
});

test('a block of which a window wants a part is decoded once while it fits into the cache', async () => {
  const source = byteSource(one({ width: 32, height: 16, more: tiles }, [tile(1), tile(2)], { tiled: true }));
  const [left, both] = [
    { col: 3, row: 3, width: 9, height: 5 },
    { col: 8, row: 0, width: 16, height: 16 },
  ];
  const file = await openGeotiff(source);
  await Promise.all([1, 2, 3].map(() => file.readWindow(both, [0])));
  const before = source.reads.length;
  await file.readWindow(left, [0]);
  expect([...(await file.readWindow(all(32, 16), [0])).data.subarray(14, 18)]).toEqual([1, 1, 2, 2]);
  expect(source.reads.length).toBe(before);
  const small = await openGeotiff(source, { cacheBytes: 300 });
  await small.readWindow(both, [0]);
  const after = source.reads.length;
  await small.readWindow(left, [0]);
  expect(source.reads.length).toBe(after + 1);
});

test('bands read one after the other decode their blocks once', async () => {
  const pair = Uint8Array.from({ length: 512 }, (_, i) => i % 2);
  const source = byteSource(
    one({ width: 16, height: 16, samples: 2, compression: 8, more: tiles }, [deflateSync(pair)], { tiled: true }),
  );
  const file = await openGeotiff(source);
  const first = await file.readWindow(all(16, 16), [0]);
  const before = source.reads.length;
  const second = await file.readWindow(all(16, 16), [1]);
  expect([first.data[5], second.data[5], source.reads.length]).toEqual([0, 1, before]);
});

test('an alpha band and a one-bit mask say together where there is data', async () => {
  const main = {
    entries: plainEntries({ width: 10, height: 1, samples: 2, more: [[338, 'short', [2]]] }),
    blocks: [Uint8Array.from({ length: 20 }, (_, i) => (i === 3 ? 0 : 200))],
  };
  const mask = {
    entries: plainEntries({
      width: 10,
      height: 1,
      bits: 1,
      compression: 8,
      more: [
        [254, 'long', [4]],
        [262, 'short', [4]],
      ],
    }),
    blocks: [deflateSync(Uint8Array.of(0b1111_1110, 0b1100_0000))],
  };
  const file = await open(tiffBytes({ directories: [main, mask] }));
  expect([file.alphaIndex, file.hasMask]).toEqual([1, true]);
  expect([...(await file.readMask(all(10, 1)))]).toEqual([1, 0, 1, 1, 1, 1, 1, 0, 1, 1]);
});

test('a window outside the image is a defect of the caller', async () => {
  const file = await open(one({ width: 3, height: 2 }, [new Uint8Array(6)]));
  await expect(file.readWindow({ col: 2, row: 0, width: 2, height: 1 }, [0])).rejects.toMatchObject({ code: 'BUG' });
  await expect(file.readWindow(all(3, 2), [1])).rejects.toMatchObject({ code: 'BUG' });
});

test('strips padded to full height and bytes behind the stream do no harm', async () => {
  const padded = deflateSync(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  const bytes = one({ width: 2, height: 3, compression: 8, more: [[278, 'long', [2]]] }, [
    deflateSync(Uint8Array.of(9, 9, 9, 9)),
    Buffer.concat([padded, Buffer.from('more')]),
  ]);
  expect(await pixels(bytes, 2, 3)).toEqual([9, 9, 9, 9, 1, 2]);
});

test.each([
  ['LZW', 5, lzwBytes],
  ['ZSTD', 50_000, zstdBytes],
  ['LERC', 34_887, lercBytes],
] as const)('%s as GDAL encodes it decodes to what it was', async (_name, compression, coded) => {
  const wanted = Array.from({ length: 256 }, (_, i) => (i % 16) * 6 + (i >> 4) * 5 + (((i % 16) * (i >> 4)) % 11));
  expect(await pixels(one({ width: 16, height: 16, compression }, [coded]), 16, 16)).toEqual(wanted);
});

test('JPEG as GDAL encodes it decodes to the integers of libjpeg', async () => {
  const got = await pixels(one({ width: 16, height: 16, compression: 7 }, [jpegBytes]), 16, 16);
  expect(got.reduce((sum, value) => sum + value, 0)).toBe(22_209);
});
