import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImages } from '../../workers/images/open-images.ts';
import { openS3Client } from '../../workers/images/s3-client.ts';
import type { ImageStore } from '../../workers/images/store.ts';
import { absentServices } from '../support/services.ts';
import { startS3 } from '../support/s3-server.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

interface Place {
  readonly store: ImageStore;
  /** the same place, opened anew as another process would */
  open(): Promise<ImageStore>;
  /** change what lies there behind the store's back */
  damage(key: string, change: (stored: Buffer) => Uint8Array): Promise<void>;
  close(): Promise<void>;
}

async function inFolder(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'tianwatch-store-'));
  return {
    store: await openImages(root),
    open: () => openImages(root),
    damage: async (key, change) => writeFile(join(root, key), change(await readFile(join(root, key)))),
    close: () => rm(root, { recursive: true, force: true }),
  };
}

async function inS3(): Promise<Place> {
  const server = await startS3();
  const url = 's3://tianwatch/some/prefix';
  const client = openS3Client();
  const placeOf = (key: string) => ({ Bucket: 'tianwatch', Key: `some/prefix/${key}` });
  return {
    store: await openImages(url),
    open: () => openImages(url),
    async damage(key, change) {
      const { Body } = await client.send(new GetObjectCommand(placeOf(key)));
      const stored = Buffer.from((await Body?.transformToByteArray()) ?? []);
      await client.send(new PutObjectCommand({ ...placeOf(key), Body: change(stored) }));
    },
    close: async () => {
      client.destroy();
      await server.close();
    },
  };
}

const absent = absentServices(['s3']);
if (absent) process.stdout.write(`${absent}: the image store in S3\n`);
const adapters = [
  ['a folder', inFolder, null],
  ['S3', inS3, absent],
] as const;

for (const [name, openPlace, missing] of adapters) {
  describe.skipIf(missing !== null)(`the image store in ${name}`, () => {
    let place: Place;
    let store: ImageStore;
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tianwatch-files-'));
      place = await openPlace();
      ({ store } = place);
    });
    afterAll(async () => {
      await place.close();
      await rm(folder, { recursive: true, force: true });
    });

    it('gives back what was put, also nothing at all, and to others too', async () => {
      for (const length of [0, 1, 31, 32, 33, 70_000]) {
        const content = randomBytes(length);
        await store.put('law/object.bin', content);
        expect(content.equals((await store.get('law/object.bin')) ?? bytes(9, 9))).toBe(true);
      }
      const other = await place.open();
      expect((await other.get('law/object.bin'))?.length).toBe(70_000);
      expect(await other.has('law/object.bin')).toBe(true);
      expect(await other.get('law/absent')).toBeNull();
      expect(await other.has('law/absent')).toBe(false);
    });

    it('takes and gives large files without a change', async () => {
      // more than one part of an upload, and no whole number of them
      const content = Buffer.alloc((17 << 20) + 5, randomBytes(1009));
      const [given, back] = [join(folder, 'given'), join(folder, 'back')];
      await writeFile(given, content);
      await store.putFile('file/large', given);
      expect(await store.getFile('file/large', back)).toBe(true);
      const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
      expect(hash(await readFile(back))).toBe(hash(content));
      await store.put('file/bytes', content);
      expect(hash((await store.get('file/bytes')) ?? bytes())).toBe(hash(content));
    });

    it('touches no file for an object that is absent or damaged', async () => {
      const kept = join(folder, 'kept');
      await writeFile(kept, 'kept');
      await store.put('file/object', new Uint8Array(1000));
      await place.damage('file/object', (stored) => stored.subarray(0, 999));
      expect(await store.getFile('file/object', kept)).toBe(false);
      expect(await store.getFile('file/absent', kept)).toBe(false);
      expect(await readFile(kept, 'utf8')).toBe('kept');
      expect((await readdir(folder)).filter((entry) => entry.startsWith('kept'))).toEqual(['kept']);
      await expect(store.putFile('file/object', join(folder, 'absent'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });

    it('takes truncated, altered and extended objects for absent, and lets them be put again', async () => {
      const damages: readonly [string, (stored: Buffer) => Uint8Array][] = [
        ['truncated by one byte', (stored) => stored.subarray(0, -1)],
        ['truncated to less than its hash', (stored) => stored.subarray(0, 10)],
        ['truncated to nothing', () => bytes()],
        ['one bit', (stored) => stored.map((byte, at) => (at === 500 ? byte ^ 1 : byte))],
        ['one bit of its hash', (stored) => stored.map((byte, at) => (at === 1001 ? byte ^ 1 : byte))],
        ['one byte more', (stored) => Buffer.concat([stored, bytes(0)])],
      ];
      for (const [damage, change] of damages) {
        await store.put('damage/object', new Uint8Array(1000).fill(7));
        expect(await store.has('damage/object'), damage).toBe(true);
        await place.damage('damage/object', change);
        expect(await store.has('damage/object'), damage).toBe(false);
        expect(await store.get('damage/object'), damage).toBeNull();
      }
    });

    it('lists what begins with a prefix, in order, and forgets what is deleted', async () => {
      for (const key of ['list/b', 'list/a/2', 'list/a/1', 'list/a-1', 'list2/x']) await store.put(key, bytes(1));
      expect(await store.list('list/')).toEqual(['list/a-1', 'list/a/1', 'list/a/2', 'list/b']);
      expect(await store.list('list/a/')).toEqual(['list/a/1', 'list/a/2']);
      expect(await store.list('none/')).toEqual([]);
      await store.delete('list/b');
      await store.delete('list/b');
      expect(await store.get('list/b')).toBeNull();
      expect(await store.list('list/b')).toEqual([]);
    });

    it('says how large objects are and when they were last put or touched', async () => {
      for (const key of ['use/a', 'use/b']) await store.put(key, bytes(1, 2, 3));
      const first = await store.uses('use/');
      expect(first.map(({ key, bytes: size }) => [key, size])).toEqual([
        ['use/a', 35],
        ['use/b', 35],
      ]);
      for (const { usedAtMs } of first) expect(Math.abs(Date.now() - usedAtMs)).toBeLessThan(10_000);
      // S3 tells whole seconds
      const ahead = async () => {
        await store.touch('use/b');
        const [a, b] = await store.uses('use/');
        return b!.usedAtMs - a!.usedAtMs;
      };
      await expect.poll(ahead, { timeout: 3000, interval: 250 }).toBeGreaterThan(0);
      expect(await store.get('use/b')).toEqual(Buffer.from([1, 2, 3]));
      await store.touch('use/absent');
      expect(await store.uses('use/absent')).toEqual([]);
    });

    it('lets one key be put by many at once, and read meanwhile: always whole', async () => {
      const content = Buffer.alloc(100_000, 'whole');
      await store.put('once/key', content);
      const puts = Array.from({ length: 8 }, () => store.put('once/key', content));
      const reads = Array.from({ length: 8 }, () => store.get('once/key'));
      await Promise.all(puts);
      for (const read of await Promise.all(reads)) expect(content.equals(read ?? bytes())).toBe(true);
      expect(await store.list('once/')).toEqual(['once/key']);
    });

    it('refuses keys that lead elsewhere', async () => {
      for (const key of ['../x', '/x', 'a//b', 'a/../b', 'A', '', 'a/', '.making/x'])
        await expect(store.put(key, bytes(1)), key).rejects.toMatchObject({ code: 'BUG' });
    });
  });
}
