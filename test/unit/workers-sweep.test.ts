import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import type { ImageStore, ObjectUse } from '../../workers/images/store.ts';
import { isGoingOn, planSweep, type SweptRun } from '../../workers/sweep/plan-sweep.ts';
import { sweepStores } from '../../workers/sweep/sweep-home.ts';
import { loadSweepLimits, type SweepLimits } from '../../workers/sweep/sweep-limits.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-11-27T12:00:00Z');
const limits: SweepLimits = {
  ...loadSweepLimits(),
  cacheBytes: 250,
  leastAgeHours: 24,
  scratchDays: 3,
  itemDays: 30,
  resultDays: 30,
};
const object = (key: string, hoursAgo: number, bytes = 100): ObjectUse => ({
  key,
  bytes,
  usedAtMs: nowMs - hoursAgo * hourMs,
});
const run = (runId: string, state: string, round = 1, hoursAgo = 1): SweptRun => ({
  runId,
  round,
  state,
  createdAt: new Date(nowMs - hoursAgo * hourMs).toISOString(),
});
const neededItems: ReadonlySet<string> = new Set(['stac-item/needed.json']);
const removedOf = (objects: readonly ObjectUse[], runs: readonly SweptRun[] = [], changed: Partial<SweepLimits> = {}) =>
  planSweep({ objects, runs, neededItems, limits: { ...limits, ...changed }, nowMs }).removals.map(({ key }) => key);

describe('a sweep', () => {
  const cache = [object('chunk/a', 50), object('series/survey/b', 400), object('chunk/c', 30), object('chunk/d', 2)];

  it('takes what was unused longest until the cache fits, and never what was used of late', () => {
    expect(removedOf(cache)).toEqual(['series/survey/b', 'chunk/a']);
    expect(removedOf(cache.toReversed())).toEqual(['series/survey/b', 'chunk/a']);
    expect(removedOf(cache, [], { cacheBytes: 0 })).toEqual(['series/survey/b', 'chunk/a', 'chunk/c']);
    expect(removedOf(cache, [], { cacheBytes: 400 })).toEqual([]);
  });

  it('takes nothing that a run that is going on may have found', () => {
    expect(removedOf(cache, [run('r', 'running', 1, 60)], { cacheBytes: 0 })).toEqual(['series/survey/b']);
    expect(removedOf(cache, [run('r', 'done', 1, 60)], { cacheBytes: 0 })).toHaveLength(3);
  });

  it('never takes layers, evidence, or kinds that it does not know', () => {
    const kept = ['layer/a', 'evidence/b', 'results/r.r1/run.json', 'other/x', 'a'].map((key) => object(key, 9999));
    expect(removedOf(kept, [], { cacheBytes: 0, resultDays: null })).toEqual([]);
  });

  it('takes what lay between stages of rounds that have ended, and leaves that of others', () => {
    const between = ['runs/r.r1/f/plan.json', 'runs/r.r2/f/plan.json', 'runs/gone.r1/s/x', 'series-record/y'];
    const old = between.map((key) => object(key, 80));
    expect(removedOf(old, [run('r', 'running', 2, 200)])).toEqual([between[0], between[2], between[3]]);
    expect(removedOf(old, [run('r', 'done', 2)])).toEqual(between);
    expect(removedOf(between.map((key) => object(key, 70)))).toEqual([]);
    expect(isGoingOn('r', [run('r', 'running', 2)])).toBe(true);
    expect(isGoingOn('r', [run('r', 'partial', 2)])).toBe(false);
  });

  it('takes Items that nothing refers to and no watch has listed for their days', () => {
    const items = [
      ['needed', 9999],
      ['listed', 24 * 29],
      ['left', 24 * 31],
    ] as const;
    expect(removedOf(items.map(([name, hours]) => object(`stac-item/${name}.json`, hours)))).toEqual([
      'stac-item/left.json',
    ]);
  });

  it('takes results as a whole, the manifest first, when their days are over', () => {
    const results = [
      object('results/a.r1/change.tif', 24 * 31),
      object('results/a.r1/run.json', 24 * 31),
      object('results/b.r1/change.tif', 24 * 31),
      object('results/b.r1/run.json', 24 * 29),
    ];
    expect(removedOf(results)).toEqual(['results/a.r1/run.json', 'results/a.r1/change.tif']);
  });

  describe('of a store and a folder', () => {
    let folder = '';
    let images: ImageStore;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tianwatch-sweep-'));
      images = await openFolderStore(join(folder, 'images'));
      const old = new Date(nowMs - 100 * hourMs);
      for (const key of ['chunk/old', 'chunk/touched', 'layer/kept']) {
        await images.put(key, Buffer.alloc(300));
        await utimes(join(folder, 'images', key), old, old);
      }
      await images.touch('chunk/touched');
      for (const name of ['ended', 'going']) {
        await mkdir(join(folder, 'runs', name), { recursive: true });
        await utimes(join(folder, 'runs', name), old, old);
      }
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('says first, then removes, and what was touched stays', async () => {
      const parts = { images, runs: [run('going', 'running', 1, 1)], neededItems, folder: join(folder, 'runs') };
      const said = await sweepStores(parts, { limits, isDry: true, nowMs });
      expect(said).toMatchObject({
        cacheBytes: 664,
        removed: { cache: { objects: 1, bytes: 332 } },
        folders: ['ended'],
      });
      expect(await images.list('')).toHaveLength(3);
      expect(await sweepStores(parts, { limits, isDry: false, nowMs })).toEqual(said);
      expect(await images.list('')).toEqual(['chunk/touched', 'layer/kept']);
      expect(await readdir(join(folder, 'runs'))).toEqual(['going']);
    });
  });
});
