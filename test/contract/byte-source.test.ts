import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ByteSource } from '../../pipeline/ports.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import { openSource } from '../../workers/images/open-source.ts';
import { openS3Client } from '../../workers/images/s3-client.ts';
import { byteSource } from '../fixtures/tiff-bytes.ts';
import { answering, type AnsweringServer } from '../support/http-server.ts';
import { startS3 } from '../support/s3-server.ts';
import { servedBytes } from '../support/served-bytes.ts';
import { absentServices, type Services } from '../support/services.ts';

const folder = mkdtempSync(join(tmpdir(), 'source-'));
afterAll(() => rmSync(folder, { recursive: true }));
const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const path = join(folder, 'file.bin');
writeFileSync(path, content);

let server: AnsweringServer;
let s3: Services | null = null;
const hosts = process.env['TIANWATCH_HOSTS'];
const absent = absentServices(['s3']);
if (absent) process.stdout.write(`${absent}: objects of S3 as sources of bytes\n`);
beforeAll(async () => {
  server = await answering(servedBytes({ '/file.bin': content }).listener);
  process.env['TIANWATCH_HOSTS'] = '127.0.0.1';
  if (absent) return;
  s3 = await startS3();
  const client = openS3Client();
  await client.send(new PutObjectCommand({ Bucket: 'tianwatch', Key: 'a/file.bin', Body: content }));
  client.destroy();
});
afterAll(async () => {
  if (hosts === undefined) delete process.env['TIANWATCH_HOSTS'];
  else process.env['TIANWATCH_HOSTS'] = hosts;
  await server.close();
  await s3?.close();
});

/** Every source of bytes must pass these. */
const sources: Readonly<Record<string, () => Promise<ByteSource>>> = {
  'a file': () => openFileSource(path),
  'a file URL': () => openSource(pathToFileURL(path).href),
  memory: async () => byteSource(content),
  'a web server': () => openSource(`${server.url}/file.bin`),
  ...(absent === null && { 'an object of S3': () => openSource('s3://tianwatch/a/file.bin') }),
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

test.skipIf(absent)(
  'an object that is not there, or was replaced while it was read, is the user’s to mend',
  async () => {
    await expect(openSource('s3://tianwatch/a/nothing')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: /does not exist/,
    });
    await expect(openSource('s3://nowhere/a')).rejects.toMatchObject({ code: 'INPUT_INVALID', message: /bucket/ });
    const client = openS3Client();
    const put = (Body: Uint8Array) => client.send(new PutObjectCommand({ Bucket: 'tianwatch', Key: 'b', Body }));
    await put(content);
    const source = await openSource('s3://tianwatch/b');
    expect(source.etag).toMatch(/\w/);
    await put(content.map((byte) => byte ^ 1));
    await expect(source.read(200_000, 10)).rejects.toMatchObject({ code: 'INPUT_INVALID', message: /changed while/ });
    client.destroy();
  },
);

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
