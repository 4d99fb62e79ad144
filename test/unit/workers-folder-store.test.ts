import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, asyncProperty, uint8Array } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import type { ImageStore } from '../../workers/images/store.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('the image store in a folder', () => {
  let folder = '';
  let root = '';
  let store: ImageStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-store-'));
    root = join(folder, 'images');
    store = await openFolderStore(root);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('gives back what was put, for any bytes', async () => {
    await assert(
      asyncProperty(uint8Array({ maxLength: 5000 }), async (content) => {
        await store.put('law/object.bin', content);
        expect(Buffer.from((await store.get('law/object.bin')) ?? [9, 9, 9])).toEqual(Buffer.from(content));
      }),
      { numRuns: 30, seed: 20261123 },
    );
  });

  it('takes and gives files as it does bytes, and gives none that is damaged', async () => {
    const [given, back] = [join(folder, 'given'), join(folder, 'back')];
    for (const length of [0, 1, 200_000]) {
      const content = Buffer.alloc(length, '0123456789abc');
      await writeFile(given, content);
      await store.putFile('file/object', given);
      expect(Buffer.from((await store.get('file/object')) ?? [9])).toEqual(content);
      expect(await store.getFile('file/object', back)).toBe(true);
      expect(await readFile(back)).toEqual(content);
    }
    await truncate(join(root, 'file/object'), 199_999);
    expect(await store.getFile('file/object', back)).toBe(false);
    expect(await store.getFile('file/absent', back)).toBe(false);
    expect((await readFile(back)).length).toBe(200_000);
    expect((await readdir(folder)).toSorted()).toEqual(['back', 'given', 'images']);
    await expect(store.putFile('file/object', join(folder, 'absent'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await readdir(join(root, '.making'))).toEqual([]);
  });

  it('knows what is there, in order, and forgets what is deleted', async () => {
    for (const key of ['list/b', 'list/a/2', 'list/a/1', 'list2/x']) await store.put(key, bytes(1));
    expect(await store.list('list/')).toEqual(['list/a/1', 'list/a/2', 'list/b']);
    expect(await store.list('list/a')).toEqual(['list/a/1', 'list/a/2']);
    expect(await store.list('none/')).toEqual([]);
    await store.delete('list/b');
    await store.delete('list/b');
    expect(await store.has('list/b')).toBe(false);
    expect(await store.get('list/b')).toBeNull();
  });

  it('takes truncated, altered and extended objects for absent, and lets them be put again', async () => {
    const path = join(root, 'damage/object');
    const damages: readonly [string, () => Promise<void>][] = [
      ['truncated by one byte', () => truncate(path, 1000 + 31)],
      ['truncated to nothing', () => truncate(path, 0)],
      [
        'one bit',
        async () =>
          writeFile(
            path,
            (await readFile(path)).map((byte, at) => (at === 500 ? byte ^ 1 : byte)),
          ),
      ],
      ['one byte more', async () => writeFile(path, Buffer.concat([await readFile(path), bytes(0)]))],
    ];
    for (const [name, damage] of damages) {
      await store.put('damage/object', new Uint8Array(1000).fill(7));
      expect(await store.has('damage/object'), name).toBe(true);
      await damage();
      expect(await store.has('damage/object'), name).toBe(false);
      expect(await store.get('damage/object'), name).toBeNull();
    }
  });

  it('lets one key be put by many at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => store.put('once/key', bytes(1, 2, 3))));
    expect(await store.get('once/key')).toEqual(Buffer.from([1, 2, 3]));
    expect(await readdir(join(root, '.making'))).toEqual([]);
  });

  it('sweeps away what a killed process had half-made, and leaves what a living one is making', async () => {
    const living = `${process.ppid}.0.1`;
    await writeFile(join(root, '.making', '4194300.0.1'), 'half');
    await writeFile(join(root, '.making', living), 'half');
    await openFolderStore(root);
    expect(await readdir(join(root, '.making'))).toEqual([living]);
    await rm(join(root, '.making', living));
  });

  it('refuses keys that leave the folder', async () => {
    for (const key of ['../x', '/x', 'a//b', 'a/../b', 'A', '', 'a/', '.making/x']) {
      await expect(store.put(key, bytes(1)), key).rejects.toMatchObject({ code: 'BUG' });
    }
  });

  it('says where it cannot write', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openFolderStore(join(folder, 'file', 'images'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(join(folder, 'file')),
    });
  });

  it('calls a full disk EXHAUSTED and leaves no half object', async ({ skip }) => {
    const small = join(folder, 'small');
    await mkdir(small);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]).status !== 0) {
      skip('a small file system cannot be mounted here');
    }
    try {
      const full = await openFolderStore(join(small, 'images'));
      await full.put('a', new Uint8Array(1000));
      await expect(full.put('b', new Uint8Array(100_000))).rejects.toMatchObject({ code: 'EXHAUSTED' });
      expect(await full.list('')).toEqual(['a']);
      await full.put('b', new Uint8Array(1000));
      expect(await full.has('b')).toBe(true);
    } finally {
      spawnSync('umount', [small]);
    }
  });
});
