import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { createDummyWork, dummyRequest } from '../support/dummy-work.ts';
import { type Command, type Kill, differences, killRepeatedly, readTree, seeded } from './kill.ts';

const script = new URL('./dummy-run.ts', import.meta.url).pathname;
/** `npm run test:long` asks for 20 */
const kills = Number(process.env['TIANWATCH_KILLS'] ?? 1);
const chunks = 12;

describe('a run without pixels that is killed', () => {
  let folder = '';
  const out = (name: string) => join(folder, name, 'out');
  const command = (name: string): Command => ({
    file: process.execPath,
    args: [
      '--import',
      'tsx',
      script,
      join(folder, name, 'data'),
      'pair',
      out(name),
      JSON.stringify({ chunks, stepMs: 60 }),
    ],
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-kill-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The same work without queue, processes or haste. */
  async function doUndisturbed(outFolder: string): Promise<void> {
    const images = await openFolderStore(join(folder, 'images'));
    const work = createDummyWork({ chunks, stepMs: 0 }, { images });
    const request = dummyRequest('pair', outFolder);
    const run = { runId: 'r', request, folder, images, signal: new AbortController().signal };
    for (let index = 0; index < chunks; index += 1) await work.computeChunk(run, index);
    await work.stitch(run, []);
    await work.detect(run, []);
    await work.report(run, []);
  }

  it(
    `again and again, ${kills} times, gives the same bytes in the end`,
    { timeout: (kills + 2) * 60_000 },
    async () => {
      await doUndisturbed(out('undisturbed'));
      const expected = await readTree(out('undisturbed'));
      expect([...expected.keys()]).toEqual(['patches.json', 'run.json', 'stitched.bin']);

      const random = seeded(20261123);
      // a killed run gets a few chunks further each time; the last kills hit stitching, detection and the report
      const moments = Array.from({ length: kills }, (): Kill => ({
        afterLines: 1 + Math.floor(random() * 8),
        plusMs: random() * 80,
      }));
      const { last, hits } = await killRepeatedly(command('killed'), moments);
      expect(last).toMatchObject({ code: 0, stderr: '' });
      expect(hits).toBeGreaterThan(0);
      expect(differences(expected, await readTree(out('killed')))).toEqual([]);
    },
  );
});
