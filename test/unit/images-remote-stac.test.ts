import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRequest } from '../../pipeline/request.ts';
import { requestFiles } from '../../workers/compute/request-files.ts';
import { fileVersion } from '../../workers/images/file-version.ts';
import { listSources, openScene } from '../../workers/images/open-scene.ts';
import { beside, isThere, textIfThere } from '../../workers/images/read-text.ts';
import { locate, shownName } from '../../workers/images/source.ts';
import { listScenes } from '../../workers/series/list-scenes.ts';
import { tinyGeotiff } from '../support/tiny-geotiff.ts';
import { answering, type AnsweringServer } from '../support/http-server.ts';
import { servedBytes } from '../support/served-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'remote-stac-'));
const item = (href: string) =>
  JSON.stringify({
    type: 'Feature',
    stac_version: '1.0.0',
    id: 'scene',
    properties: { datetime: '2025-05-01T02:30:00Z', platform: 'sentinel-2a' },
    assets: { all: { href, type: 'image/tiff; application=geotiff' } },
  });
const catalogue = (href: string) =>
  JSON.stringify({ type: 'Collection', stac_version: '1.0.0', links: [{ rel: 'item', href }] });
const tiff = tinyGeotiff({
  width: 8,
  height: 8,
  bands: 4,
  dtype: 'uint16',
  descriptions: ['B', 'G', 'R', 'NIR'],
  scaling: [0.0001, 0],
});
const files: Record<string, Uint8Array> = {
  '/stac/catalogue.json': Buffer.from(catalogue('./items/one.json')),
  '/stac/broken.json': Buffer.from(catalogue('./items/gone.json')),
  '/stac/items/one.json': Buffer.from(item('../data/one_20250501.tif')),
  '/stac/items/thief.json': Buffer.from(item('file:///etc/passwd')),
  '/api/collections/s2/items/one': Buffer.from(item('s3://bucket/one.tif')),
  '/stac/data/one_20250501.tif': tiff,
  '/stac/data/one_20250501.tif.scene.json': Buffer.from('{"sensor":"Sentinel-2"}'),
};
let server: AnsweringServer;
const hosts = process.env['TIANWATCH_HOSTS'];
beforeAll(async () => {
  server = await answering(servedBytes(files).listener);
  process.env['TIANWATCH_HOSTS'] = '127.0.0.1';
});
afterAll(async () => {
  if (hosts === undefined) delete process.env['TIANWATCH_HOSTS'];
  else process.env['TIANWATCH_HOSTS'] = hosts;
  await server.close();
  rmSync(folder, { recursive: true });
});
const at = (path: string) => `${server.url}${path}`;
const pathsOf = async (item: string) => (await listSources([item])).map(({ path }) => path);

test('a STAC Item at a URL names its assets from there, and nothing on this machine', async () => {
  expect(await pathsOf(at('/stac/items/one.json'))).toEqual([at('/stac/data/one_20250501.tif')]);
  expect(await pathsOf(at('/api/collections/s2/items/one'))).toEqual(['s3://bucket/one.tif']);
  await expect(pathsOf(at('/stac/items/thief.json'))).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: /file:\/\/\/etc\/passwd, which cannot be read from here/,
  });
  const local = join(folder, 'item.json');
  writeFileSync(local, item(at('/stac/data/one_20250501.tif')));
  expect(await pathsOf(local)).toEqual([at('/stac/data/one_20250501.tif')]);
});

test('a catalogue at a URL is a list of scenes; one that leads nowhere is no short list', async () => {
  const { scenes } = await listScenes(at('/stac/catalogue.json'), folder);
  expect(scenes).toEqual([{ name: 'one.json', files: [at('/stac/items/one.json')] }]);
  await expect(listScenes(at('/stac/broken.json'), folder)).rejects.toMatchObject({ message: /gone\.json does not/ });
  await expect(listScenes(at('/stac/data/one_20250501.tif.scene.json'), folder)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: /is no STAC document/,
  });
});

test('a remote scene has its sidecar, is known by its ETag, and is another one when that changes', async () => {
  const path = '/stac/data/one_20250501.tif';
  const open = async () => {
    const { scene, close } = await openScene({ files: [at(path)] });
    await close();
    return scene;
  };
  const first = await open();
  expect(first).toMatchObject({ sensor: 'sentinel-2', acquired: '2025-05-01' });
  expect(first.files[0]).toMatchObject({ uri: at(path), etag: `"${tiff.length}"`, bytes: tiff.length });
  expect(await open()).toEqual(first);
  const version = await fileVersion(at(path));
  files[path] = Buffer.concat([tiff, Buffer.alloc(2)]);
  expect((await open()).id).not.toBe(first.id);
  expect(await fileVersion(at(path))).not.toEqual(version);
  files[path] = tiff;
  expect(await fileVersion(at('/nothing.tif'))).toEqual([]);
});

test('a run hangs on what stands beside its remote files, there or not', async () => {
  const plain = at('/stac/data/one_20250501.tif');
  const [before, after] = [{ files: [plain] }, { files: [at('/stac/items/one.json')] }];
  const request: RunRequest = { before, after, model: 'none', grid: 'before', out: folder, force: false };
  expect(await requestFiles(request)).toEqual(expect.arrayContaining([plain, `${plain}.scene.json`, `${plain}.msk`]));
  expect([await isThere(plain), await isThere(`${plain}.msk`)]).toEqual([true, false]);
  expect(await textIfThere(`${plain}.aux.xml`)).toBeNull();
});

test('names: what is beside a signed URL, what results show of it, and what a path is called everywhere', () => {
  expect(beside('https://a.example/x.tif?sig=1', '.msk')).toBe('https://a.example/x.tif.msk?sig=1');
  expect(beside('/data/x?y.tif', '.msk')).toBe('/data/x?y.tif.msk');
  expect(shownName('https://a.example/x.tif?sig=1')).toBe('https://a.example/x.tif');
  expect(shownName('/data/x?y.tif')).toBe('x?y.tif');
  expect(locate('s3://bucket/x.tif')).toBe('s3://bucket/x.tif');
  expect(locate('file:///data/x%20y.tif')).toBe('/data/x y.tif');
  expect(locate('x.tif')).toBe(join(process.cwd(), 'x.tif'));
});
