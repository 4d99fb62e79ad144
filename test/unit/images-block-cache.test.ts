import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keepBlocks } from '../../workers/images/block-cache.ts';
import { openSource } from '../../workers/images/open-source.ts';
import { answering, type AnsweringServer } from '../support/http-server.ts';
import { servedBytes } from '../support/served-bytes.ts';
import { setEnv } from '../support/services.ts';

const kib = 1024;
const bytesOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) + seed) & 255);
const first = bytesOf(300 * kib, 1);

let folder = '';
let server: AnsweringServer;
let files: Record<string, Uint8Array>;
let served: { bytes: number; requests: number };
let listener: RequestListener;
let restore: () => void;
beforeAll(async () => {
  server = await answering((request, response) => listener(request, response));
  restore = setEnv({ TIANWATCH_HOSTS: '127.0.0.1' });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blocks-'));
  files = { '/a.tif': first };
  ({ listener, served } = servedBytes(files));
  keepBlocks({ folder, limitBytes: 10e6 });
});
afterEach(() => {
  keepBlocks(null);
  rmSync(folder, { recursive: true });
});
afterAll(async () => {
  restore();
  await server.close();
});

const objects = (): readonly string[] => readdirSync(folder);
const blocks = (): readonly string[] =>
  objects().flatMap((name) => readdirSync(join(folder, name)).map((block) => join(folder, name, block)));
async function readAll(path: string): Promise<Uint8Array> {
  const source = await openSource(`${server.url}${path}`);
  try {
    return await source.read(0, source.size);
  } finally {
    await source.close();
  }
}
const kept = (count: number) => expect.poll(() => blocks().filter((path) => /\/\d+$/.test(path)).length).toBe(count);

describe('blocks of remote objects that a host keeps', () => {
  it('are asked for once, by whoever opens the object', async () => {
    expect(Buffer.compare(await readAll('/a.tif'), first)).toBe(0);
    await kept(4);
    const before = { ...served };
    expect(Buffer.compare(await readAll('/a.tif'), first)).toBe(0);
    // an opening asks for the first block: it says which version there is
    expect([served.bytes - before.bytes, served.requests - before.requests]).toEqual([64 * kib, 1]);
  });

  it('never stand beside those of another version', async () => {
    const early = await openSource(`${server.url}/a.tif`);
    await early.read(64 * kib, 100 * kib);
    // one is read ahead
    await kept(3);
    const second = bytesOf(300 * kib + 1, 2);
    files['/a.tif'] = second;
    expect(Buffer.compare(await readAll('/a.tif'), second)).toBe(0);
    expect(Buffer.compare(await early.read(64 * kib, 100 * kib), first.subarray(64 * kib, 164 * kib))).toBe(0);
    await expect(early.read(200 * kib, 100 * kib)).rejects.toThrow(/changed while it was read/);
    expect(objects()).toHaveLength(2);
  });

  it('are asked for anew when they are damaged or gone', async () => {
    await readAll('/a.tif');
    await kept(4);
    const [damaged = '', gone = ''] = blocks();
    const bytes = readFileSync(damaged);
    writeFileSync(damaged, bytes.fill(7, 100, 200));
    rmSync(gone);
    expect(Buffer.compare(await readAll('/a.tif'), first)).toBe(0);
  });

  it('are not kept of what has no strong ETag', async () => {
    const strong = listener;
    listener = (request, response) => {
      const { writeHead } = response;
      response.writeHead = ((status: number, headers: Record<string, string>) =>
        writeHead.call(response, status, { ...headers, etag: `W/${headers['etag']}` })) as typeof writeHead;
      strong(request, response);
    };
    await readAll('/a.tif');
    const before = served.bytes;
    await readAll('/a.tif');
    expect([served.bytes - before, objects()]).toEqual([first.length, []]);
  });

  it('make room for others when they were unused for long, and none where all are in use', async () => {
    await readAll('/a.tif');
    await kept(4);
    const old = join(folder, objects()[0] ?? '');
    files['/b.tif'] = bytesOf(300 * kib, 3);
    keepBlocks({ folder, limitBytes: 200 * kib });
    expect(Buffer.compare(await readAll('/b.tif'), files['/b.tif'])).toBe(0);
    await expect.poll(() => objects()).toEqual([old.slice(folder.length + 1)]);
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(old, longAgo, longAgo);
    keepBlocks({ folder, limitBytes: 200 * kib });
    await readAll('/b.tif');
    await expect.poll(() => existsSync(old)).toBe(false);
    await kept(4);
  });
});
