import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ByteSource } from '../../pipeline/ports.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import { byteSource } from '../fixtures/tiff-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'source-'));
afterAll(() => rmSync(folder, { recursive: true }));
const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const path = join(folder, 'file.bin');
writeFileSync(path, content);

/** Every source of bytes must pass these. */
const sources: Readonly<Record<string, () => Promise<ByteSource>>> = {
  'a file': () => openFileSource(path),
  memory: async () => byteSource(content),
};

describe.each(Object.entries(sources))('%s as a source', (_, open) => {
  test('knows its size and reads exactly what is asked', async () => {
    const source = await open();
    expect(source.size).toBe(content.length);
    expect(Buffer.compare(await source.read(1000, 70_000), content.subarray(1000, 71_000))).toBe(0);
    expect((await source.read(5, 0)).length).toBe(0);
    await source.close();
  });

  test('gives fewer bytes only at the end, none behind it', async () => {
    const source = await open();
    expect([...(await source.read(content.length - 3, 10))]).toEqual([...content.subarray(-3)]);
    expect((await source.read(content.length + 5, 10)).length).toBe(0);
    await source.close();
  });

  test('answers overlapping calls with bytes of their own', async () => {
    const source = await open();
    const [first, second] = await Promise.all([source.read(0, 5000), source.read(2500, 5000)]);
    first?.fill(0);
    expect(Buffer.compare(second ?? content, content.subarray(2500, 7500))).toBe(0);
    expect(Buffer.compare(await source.read(0, 10), content.subarray(0, 10))).toBe(0);
    await source.close();
  });
});

test('a path that is not there, or is a folder, is the user’s mistake and says so', async () => {
  await expect(openFileSource(join(folder, 'nothing.tif'))).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: /does not exist/,
  });
  await expect(openFileSource(folder)).rejects.toMatchObject({ code: 'INPUT_INVALID', message: /is a folder/ });
});

test('a source may be closed twice', async () => {
  const source = await openFileSource(path);
  await source.close();
  await source.close();
});
