import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../pipeline/errors.ts';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { byteSource, plainEntries, tiffBytes, type TiffEntry } from '../fixtures/tiff-bytes.ts';
import { jpegBytes, lercBytes, lzwBytes, zstdBytes } from '../fixtures/coded-bytes.ts';

const geo: TiffEntry[] = [
  [33_550, 'double', [10, 10, 0]],
  [33_922, 'double', [0, 0, 0, 3e5, 4e6, 0]],
  [34_735, 'short', [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32_650]],
  [42_112, 'ascii', '<GDALMetadata><Item name="DESCRIPTION" sample="0" role="description">B02</Item></GDALMetadata>'],
  [42_113, 'ascii', '0'],
];
const tiles: TiffEntry[] = [
  [322, 'short', [16]],
  [323, 'short', [16]],
];
const block = Uint8Array.from({ length: 16 * 16 * 2 }, (_, i) => (i * 7) & 255);

const files = [
  tiffBytes({
    directories: [
      {
        entries: plainEntries({
          width: 20,
          height: 10,
          bits: 16,
          compression: 8,
          more: [...tiles, ...geo, [317, 'short', [2]]],
        }),
        blocks: [deflateSync(block), deflateSync(block)],
        tiled: true,
      },
    ],
  }),
  tiffBytes({
    bigEndian: true,
    bigTiff: true,
    directories: [{ entries: plainEntries({ width: 16, height: 16, bits: 16, more: geo }), blocks: [block] }],
  }),
  ...(
    [
      [5, lzwBytes],
      [7, jpegBytes],
      [34_887, lercBytes],
      [50_000, zstdBytes],
      [32_773, Buffer.from([0x81, 3, 0x81, 4])],
    ] as const
  ).map(([compression, coded]) =>
    tiffBytes({ directories: [{ entries: plainEntries({ width: 16, height: 16, compression }), blocks: [coded] }] }),
  ),
];

/** Opens and reads; whatever is wrong must come as INPUT_INVALID. */
async function outcome(bytes: Uint8Array): Promise<'read' | 'refused'> {
  try {
    const file = await openGeotiff(byteSource(bytes));
    const window = { col: 0, row: 0, width: Math.min(file.width, 32), height: Math.min(file.height, 32) };
    await file.readWindow(window, [0]);
    await file.readMask(window);
    return 'read';
  } catch (error) {
    if (error instanceof AppError && error.code === 'INPUT_INVALID' && !error.message.includes('\n')) return 'refused';
    throw error;
  }
}

test('the files are readable before they are damaged', async () => {
  for (const file of files) expect(await outcome(file)).toBe('read');
});

test.each(files.map((file, i) => [i, file] as const))(
  'file %i with flipped bytes is read or refused, nothing else',
  { timeout: 30_000 },
  async (_, file) => {
    const flips = fc.array(fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const bytes = Buffer.from(file);
        for (const [at, mask] of changes) bytes[at] = (bytes[at] as number) ^ mask;
        await outcome(bytes);
      }),
      { seed: 20_261_123, numRuns: 250 },
    );
  },
);

test('a file cut anywhere is refused, or reads without what was cut', async () => {
  for (const file of files) {
    const full = await outcome(file);
    for (let length = 0; length < file.length; length += 7) await outcome(file.subarray(0, length));
    expect(full).toBe('read');
    // directories come last in these files: without them nothing can be read
    expect(await outcome(file.subarray(0, file.length - 8))).toBe('refused');
  }
});
