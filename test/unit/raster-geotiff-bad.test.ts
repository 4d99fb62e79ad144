import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { AppError } from '../../pipeline/errors.ts';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import {
  byteSource,
  plainEntries,
  tiffBytes,
  type PlainSpec,
  type TiffDirectory,
  type TiffSpec,
} from '../fixtures/tiff-bytes.ts';

const one = (plain: PlainSpec, blocks: TiffDirectory['blocks'], rest: Partial<TiffSpec> = {}) =>
  tiffBytes({ ...rest, directories: [{ entries: plainEntries(plain), blocks }] });
const good = one({ width: 3, height: 2, compression: 8 }, [deflateSync(Uint8Array.of(1, 2, 3, 4, 5, 6))]);

async function refusal(bytes: Uint8Array): Promise<AppError> {
  try {
    const file = await openGeotiff(byteSource(bytes));
    await file.readWindow({ col: 0, row: 0, width: Math.min(file.width, 64), height: Math.min(file.height, 64) }, [0]);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('the file was read');
}

const cut = (at: number) => good.subarray(0, at);
const noise = Buffer.from('this is no zlib stream at all');

test.each<readonly [string, Uint8Array, RegExp]>([
  ['an empty file', new Uint8Array(0), /empty \(0 bytes\)/],
  ['a web page', Buffer.from('\n<!DOCTYPE html><html><body>404'), /web page/],
  ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1'), /Git LFS pointer/],
  ['text', Buffer.from('hello world'), /first bytes are 68656c6c/],
  ['a header without its directory', cut(8), /image directory is said to be at bytes \d+ .* ends at 8/],
  ['a header of four bytes', cut(4), /not a TIFF/],
  ['a directory cut in the middle', cut(good.length - 40), /directory is said to be/],
  ['no directory', Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]), /no image/],
  ['a directory of 0 entries', Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]), /claims 0 entries/],
  [
    'directories in a circle',
    tiffBytes({
      directories: [{ entries: plainEntries({ width: 1, height: 1 }), blocks: [Uint8Array.of(1)] }],
      loopTo: 10,
    }),
    /circle/,
  ],
  ['width 0', one({ width: 0, height: 2 }, [noise]), /width is 0 px/],
  ['height 0', one({ width: 2, height: 0 }, [noise]), /height is 0 px/],
  [
    'tile width 0',
    one(
      {
        width: 2,
        height: 2,
        more: [
          [322, 'long', [0]],
          [323, 'long', [16]],
        ],
      },
      [noise],
    ),
    /tile width is 0/,
  ],
  ['10⁶ × 10⁶ in one raw strip', one({ width: 1e6, height: 1e6 }, [noise]), /1000000 × 1000000 px.*ends at \d+/],
  ['10⁶ × 10⁶ in one deflated strip', one({ width: 1e6, height: 1e6, compression: 8 }, [noise]), /1000000000000 bytes/],
  [
    '10⁶ × 10⁶ in tiles that are not listed',
    one(
      {
        width: 1e6,
        height: 1e6,
        compression: 8,
        more: [
          [322, 'long', [512]],
          [323, 'long', [512]],
          [324, 'long', [8]],
          [325, 'long', [8]],
        ],
      },
      [],
    ),
    /3818116 tiles.* hold 1 positions/,
  ],
  [
    'a strip beyond the end',
    one(
      {
        width: 3,
        height: 2,
        compression: 8,
        more: [
          [273, 'long', [100_000]],
          [279, 'long', [50]],
        ],
      },
      [],
    ),
    /strip 0.*bytes 100000 to 100050.*ends at/,
  ],
  [
    'more rows than the strip holds',
    one({ width: 3, height: 9, compression: 8 }, [deflateSync(Uint8Array.of(1, 2, 3))]),
    /strip 0 .*decodes to 3 of 27 bytes/,
  ],
  [
    'a DEFLATE stream that is none',
    one({ width: 3, height: 2, compression: 8 }, [noise]),
    /strip 0 of 1 \(DEFLATE, bytes \d+ to \d+\) cannot be decoded: incorrect header check/,
  ],
  [
    'a DEFLATE stream too short for its block',
    one({ width: 30_000, height: 30_000, compression: 8 }, [noise]),
    /cannot hold/,
  ],
  [
    'an LZW code before its definition',
    one({ width: 3, height: 2, compression: 5 }, [Uint8Array.of(0x80, 0x7f, 0xff, 0xff)]),
    /LZW code/,
  ],
  ['ZSTD that is none', one({ width: 3, height: 2, compression: 50_000 }, [noise]), /ZSTD/],
  ['LERC that is none', one({ width: 3, height: 2, compression: 34_887 }, [noise]), /LERC.*cannot be decoded/],
  ['JPEG that is none', one({ width: 3, height: 2, compression: 7 }, [noise]), /JPEG.*does not begin/],
  ['4-bit samples', one({ width: 2, height: 2, bits: 4 }, [noise]), /4-bit unsigned/],
  ['complex samples', one({ width: 2, height: 2, bits: 64, format: 6 }, [noise]), /64-bit complex/],
  ['16-bit floats', one({ width: 2, height: 2, bits: 16, format: 3 }, [noise]), /16-bit floating-point/],
  [
    'bands of different types',
    one({ width: 2, height: 2, samples: 2, more: [[258, 'short', [8, 16]]] }, [noise]),
    /differ in bits per sample \(8, 16\)/,
  ],
  ['JPEG 2000 inside', one({ width: 2, height: 2, compression: 34_712 }, [noise]), /34712 \(JPEG 2000\)/],
  [
    'a tag with 4 thousand million values',
    one({ width: 2, height: 2, more: [[34_735, 'long', []]] }, [Uint8Array.of(1, 2, 3, 4)]),
    /tag 34735 .* 0 values/,
  ],
])('%s is refused in one line that says what it is', async (_name, bytes, message) => {
  const error = await refusal(bytes);
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.message).toMatch(message);
  expect(error.message).toMatch(/^made\.tif: [^\n]+\.$/);
  expect(error.todo).not.toBe('');
});

test('a header that claims thousands of millions of values allocates none of them', async () => {
  const bytes = Buffer.from(good);
  const count = bytes.readUInt16LE(bytes.readUInt32LE(4));
  for (let i = 0; i < count; i++) {
    const broken = Buffer.from(good);
    broken.writeUInt32LE(0xffff_fff0, bytes.readUInt32LE(4) + 2 + i * 12 + 4);
    const before = process.memoryUsage().arrayBuffers;
    const outcome = await openGeotiff(byteSource(broken)).then(
      () => null,
      (error: unknown) => error,
    );
    expect(outcome === null || (outcome instanceof AppError && outcome.code === 'INPUT_INVALID')).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  }
});

test('a failing device is not called a damaged file', async () => {
  const source = {
    ...byteSource(good),
    read: () => Promise.reject(new AppError('UNAVAILABLE', 'the share is gone.', 'Mount it.')),
  };
  await expect(openGeotiff(source)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('after a failure of the device the same window can be read', async () => {
  const source = byteSource(good);
  const file = await openGeotiff(source);
  const { read } = source;
  source.read = () => Promise.reject(new AppError('UNAVAILABLE', 'the share is gone.', 'Mount it.'));
  const window = { col: 0, row: 0, width: 3, height: 2 };
  await expect(file.readWindow(window, [0])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  source.read = read;
  expect([...(await file.readWindow(window, [0])).data]).toEqual([1, 2, 3, 4, 5, 6]);
});
