import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../pipeline/errors.ts';
import { fetchResult, requestIn, roundName, withSharedFiles } from '../../workers/compute/shared-files.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import type { ImageStore } from '../../workers/images/store.ts';
import type { RunContext } from '../../workers/work.ts';
import { differences, readTree } from '../fault/kill.ts';
import { createDummyWork, dummyRequest } from '../support/dummy-work.ts';

describe('machines that share nothing but the image store', () => {
  let folder = '';
  let images: ImageStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-shared-'));
    images = await openFolderStore(join(folder, 'images'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const asked = () => dummyRequest('pair', join(folder, 'asked', 'out'));
  async function machine(name: string) {
    const own = join(folder, name, roundName('r', 1));
    await mkdir(own, { recursive: true });
    const signal = new AbortController().signal;
    const run: RunContext = { runId: 'r', request: requestIn(own, asked()), folder: own, images, signal };
    return { run, work: withSharedFiles(createDummyWork({ chunks: 5, stepMs: 0 }, { images })) };
  }

  it('do the stages of one run in turn, and whoever asked gets its result', async () => {
    const [a, b, c] = [await machine('a'), await machine('b'), await machine('c')];
    await a.work.openRun(a.run);
    for (let index = 0; index < 5; index += 1) {
      const { run, work } = [a, b, c][index % 3] ?? a;
      await work.computeChunk(run, index);
    }
    await expect(fetchResult(images, { runId: 'r', round: 1, out: asked().out })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await a.work.stitch(a.run, []);
    await b.work.detect(b.run, []);
    await c.work.raise(c.run, []);
    await c.work.report(c.run, []);
    await fetchResult(images, { runId: 'r', round: 1, out: asked().out });

    const alone = { ...a.run, folder: join(folder, 'alone'), request: dummyRequest('pair', join(folder, 'alone-out')) };
    await mkdir(alone.folder);
    const work = createDummyWork({ chunks: 5, stepMs: 0 }, { images });
    await work.stitch(alone, []);
    await work.detect(alone, []);
    await work.report(alone, []);
    const result = await readTree(asked().out);
    expect([...result.keys()]).toEqual(['patches.json', 'run.json', 'stitched.bin']);
    expect(differences(await readTree(alone.request.out), result)).toEqual([]);
  });

  it('say which of them cannot read an input', async () => {
    const { run } = await machine('d');
    const failing = { ...createDummyWork({ chunks: 1, stepMs: 0 }, { images }) };
    const missing = () =>
      Promise.reject(new AppError('INPUT_INVALID', '/a.tif does not exist.', 'Check.', { path: '/a.tif' }));
    await expect(withSharedFiles({ ...failing, openRun: missing }).openRun(run)).rejects.toMatchObject({
      message: expect.stringMatching(/\/a\.tif does not exist\. \(machine .+\)/),
      todo: expect.stringContaining('s3://'),
    });
  });
});
