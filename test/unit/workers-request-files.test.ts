import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunRequest } from '../../pipeline/request.ts';
import { requestFiles } from '../../workers/compute/request-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const request = (before: string, after: string): RunRequest => ({
  before: { files: [before] },
  after: { files: [after] },
  model: 'none',
  grid: 'before',
  out: join(folder, 'out'),
  force: false,
});

it('a run hangs on sidecars and on the assets of its STAC Items, not on the named files alone', async () => {
  const asset = join(folder, 'b04.tif');
  writeFileSync(asset, '');
  const item = join(folder, 'item.json');
  writeFileSync(
    item,
    JSON.stringify({
      type: 'Feature',
      stac_version: '1.0.0',
      id: 'a',
      properties: {},
      assets: { B04: { href: 'b04.tif' } },
    }),
  );
  const plain = join(folder, 'a.tif');
  const files = await requestFiles(request(plain, item));
  expect(files).toEqual(expect.arrayContaining([plain, `${plain}.scene.json`, item, asset, `${asset}.scene.json`]));
});

it('an Item that cannot be read stands for itself', async () => {
  const item = join(folder, 'broken.json');
  writeFileSync(item, '{');
  expect(await requestFiles(request(item, join(folder, 'a.tif')))).toContain(item);
});
