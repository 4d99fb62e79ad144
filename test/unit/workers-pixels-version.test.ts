import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChunkOrigin, chunkKey, pixelSources, pixelsVersion } from '../../workers/pixels-version.ts';

const root = new URL('../..', import.meta.url).pathname;

const change = async (target: string, path: string) => {
  await writeFile(join(target, path), `${await readFile(join(target, path), 'utf8')}\n// changed\n`);
};
const origin = (version: string): ChunkOrigin => ({
  beforeId: 'a',
  afterId: 'b',
  modelSha256: null,
  grid: {
    crs: { epsg: 4326, definition: '+proj=longlat', name: 'WGS 84', isGeographic: true },
    affine: [1, 0, 0, 0, -1, 0],
    width: 10,
    height: 10,
  },
  pairStatistics: { shiftPx: [0.25, 0] },
  chunk: { index: 0, keep: { col: 0, row: 0, width: 10, height: 10 }, tiles: [] },
  pixelsVersion: version,
});

describe('PIXELS_VERSION', () => {
  let folder = '';
  const copy = async (name: string): Promise<string> => {
    const target = join(folder, name);
    for (const part of ['pipeline', 'models', 'workers/compute', 'workers/series']) {
      await cp(join(root, part), join(target, part), {
        recursive: true,
        filter: (path) => !/training|weights/.test(path),
      });
    }
    return target;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-pixels-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is the same for the same sources wherever they lie', async () => {
    expect(pixelsVersion(await copy('same'))).toBe(pixelsVersion(root));
    expect(pixelSources(root)).toEqual(expect.arrayContaining(['pipeline/tile/plan.ts', 'workers/compute/judge.ts']));
  });

  it('changes with every source that makes pixels, and so does the chunk key', async () => {
    const target = await copy('changed');
    const before = pixelsVersion(target);
    const seen = new Set([before]);
    for (const [position, path] of pixelSources(target).entries()) {
      await change(target, path);
      // the version is read once a root: another spelling of the path is another root
      const after = pixelsVersion(target + '/.'.repeat(position + 1));
      seen.add(after);
      expect(chunkKey(origin(after)), path).not.toBe(chunkKey(origin(before)));
    }
    expect(seen.size).toBe(pixelSources(target).length + 1);
  });

  it('stays when something else changes: old inference is used again', async () => {
    const target = await copy('other');
    const before = pixelsVersion(target);
    await change(target, 'pipeline/errors.ts');
    expect(pixelsVersion(`${target}/.`)).toBe(before);
  });

  it('gives a key that does not depend on the order of keys, and changes with every part', () => {
    const one = origin('v1');
    const reversed = Object.fromEntries(Object.entries(one).toReversed()) as Partial<ChunkOrigin> as ChunkOrigin;
    expect(chunkKey(reversed)).toBe(chunkKey(one));
    const others: readonly ChunkOrigin[] = [
      { ...one, beforeId: 'x' },
      { ...one, afterId: 'x' },
      { ...one, modelSha256: 'x' },
      { ...one, grid: { ...one.grid, width: 11 } },
      { ...one, pairStatistics: { shiftPx: [0.26, 0] } },
      { ...one, chunk: { ...one.chunk, keep: { ...one.chunk.keep, width: 9 } } },
      { ...one, pixelsVersion: 'v2' },
    ];
    expect(new Set([one, ...others].map(chunkKey)).size).toBe(others.length + 1);
    expect(chunkKey(one)).toMatch(/^chunk\/[0-9a-f]{2}\/[0-9a-f]{64}$/);
  });
});
