import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunRequest } from '../../pipeline/request.ts';
import { draftRun } from '../../workers/compute/draft.ts';
import { planRun } from '../../workers/compute/open.ts';
import { tinyGeotiff } from '../support/tiny-geotiff.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'draft-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function image(name: string, value: number): string {
  const path = join(folder, name);
  const descriptions = ['B02', 'B03', 'B04', 'B08'];
  writeFileSync(path, tinyGeotiff({ width: 40, height: 40, bands: 4, descriptions, value: () => value }));
  return path;
}

const requestOf = (before: string, after: string, aoi?: string): RunRequest => ({
  before: { files: [before] },
  after: { files: [after] },
  model: 'none',
  grid: 'before',
  ...(aoi !== undefined && { aoi }),
  out: join(folder, 'out'),
  force: false,
});

async function draft(before: string, after: string, aoi?: string) {
  const made = await draftRun(requestOf(before, after, aoi));
  await made.close();
  return made;
}

it('says that a file compared with itself cannot differ, and nothing of the kind of two files', async () => {
  const [a, b] = [image('a_20200501.tif', 500), image('b_20210501.tif', 600)];
  const codes = async (after: string) => (await draft(a, after)).warnings.map(({ code }) => code);
  expect(await codes(a)).toContain('SAME_FILE');
  expect(await codes(b)).not.toContain('SAME_FILE');
});

it('reads an area of interest that begins with a byte order mark, as Windows programs write it', async () => {
  const ring = [
    [120, 30],
    [121, 30],
    [121, 31],
    [120, 30],
  ];
  const aoi = join(folder, 'aoi.json');
  writeFileSync(aoi, `\uFEFF${JSON.stringify({ type: 'Polygon', coordinates: [ring] })}`);
  const { areaOfInterest } = await draft(image('a_20200501.tif', 500), image('b_20210501.tif', 600), aoi);
  expect(areaOfInterest?.polygons).toEqual([[ring]]);
});

it('warns that two constant images say nothing about change', async () => {
  const request = requestOf(image('a_20200501.tif', 500), image('b_20210501.tif', 600));
  const { warnings } = await planRun(request, {}, () => {});
  expect(warnings.map(({ code }) => code)).toContain('DATES_UNRELATED');
});
