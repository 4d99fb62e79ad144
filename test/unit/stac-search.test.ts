import { existsSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstQuestions, nextQuestion, stacPageSchema } from '../../pipeline/arrival/stac-search.ts';
import { askStac } from '../../workers/watch/ask-stac.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { readText } from '../../workers/images/read-text.ts';
import { type StacArrivals, listStac } from '../../workers/watch/stac-arrivals.ts';

const item = (id: string, cloud: number, href = `./${id}.tif`) => ({
  type: 'Feature',
  stac_version: '1.0.0',
  id,
  collection: 's2',
  properties: { datetime: '2026-08-12T02:00:00Z', 'eo:cloud_cover': cloud },
  assets: { image: { href, type: 'image/tiff; application=geotiff' } },
  links: [{ rel: 'root', href: 'https://elsewhere.example/' }],
});

/** A STAC API of three Items on two pages; `knowsPost: false` refuses POST, `html` answers with a page. */
function stacServer(how: { knowsPost: boolean; isHtml?: boolean; isLooping?: boolean }, asked: unknown[]): Server {
  return createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += String(bytes)));
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, body: body === '' ? null : JSON.parse(body) });
      if (how.isHtml) return void response.setHeader('content-type', 'text/html').end('<html>log in</html>');
      if (request.method === 'POST' && !how.knowsPost) return void response.writeHead(405).end('{}');
      const isSecond = /page=2/.test(`${request.url} ${body}`.replace('"page":2', 'page=2'));
      const next =
        request.method === 'POST'
          ? { rel: 'next', href: '/api/search', method: 'POST', body: { page: 2 }, merge: true }
          : { rel: 'next', href: '/api/search?page=2' };
      const features = isSecond ? [item('c', 5)] : [item('a', 10), item('b', 90)];
      const links = isSecond && !how.isLooping ? [] : [next];
      response.setHeader('content-type', 'application/geo+json');
      response.end(JSON.stringify({ type: 'FeatureCollection', features, links }));
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-stac-'));
const servers: Server[] = [];
let store: Pick<StacArrivals, 'images' | 'place' | 'kept' | 'now'>;
let nowMs = Date.now();
const hosts = process.env['TIANWATCH_HOSTS'];
beforeAll(async () => {
  store = { images: await openFolderStore(folder), place: folder, kept: new Map(), now: () => new Date(nowMs) };
  process.env['TIANWATCH_HOSTS'] = '127.0.0.1';
});
afterAll(() => {
  if (hosts === undefined) delete process.env['TIANWATCH_HOSTS'];
  else process.env['TIANWATCH_HOSTS'] = hosts;
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function search(how: Parameters<typeof stacServer>[0], asked: unknown[] = []) {
  const server = stacServer(how, asked);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/collections/s2`;
  return listStac({
    search: { url, bbox: [120, 30, 121, 31], from: '2026-01-01', cloudPercent: 60 },
    ...store,
    ask: askStac,
  });
}

describe('a search of a STAC API', () => {
  it('asks by place, time and cloud, goes through all pages, and keeps Items that stand for themselves', async () => {
    const asked: unknown[] = [];
    const files = await search({ knowsPost: true }, asked);
    expect(files.map(({ item: id, cloudFraction }) => `${id} ${cloudFraction}`).toSorted()).toEqual([
      'a 0.1',
      'b 0.9',
      'c 0.05',
    ]);
    const first = {
      bbox: [120, 30, 121, 31],
      datetime: '2026-01-01T00:00:00Z/..',
      limit: 100,
      collections: ['s2'],
      query: { 'eo:cloud_cover': { lte: 60 } },
    };
    expect(asked).toEqual([
      { method: 'POST', url: '/api/search', body: first },
      { method: 'POST', url: '/api/search', body: { ...first, page: 2 } },
    ]);
    const kept = JSON.parse(await readText(files.find(({ item: id }) => id === 'a')!.path)) as {
      readonly assets: { readonly image: { readonly href: string } };
    };
    expect(kept.assets.image.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/a\.tif$/);
  });

  it('asks by GET where the server knows no POST', async () => {
    const asked: unknown[] = [];
    expect(await search({ knowsPost: false }, asked)).toHaveLength(3);
    expect(asked.map((question) => (question as { readonly method: string }).method)).toEqual(['POST', 'GET', 'GET']);
  });

  it('says that a log-in page is no catalogue, and that pages without end have none', async () => {
    await expect(search({ knowsPost: true, isHtml: true })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(search({ knowsPost: false, isLooping: true })).rejects.toThrow(/names itself as its next page/);
  });

  it('gives an Item another version only when its properties or assets are others', async () => {
    const pages = stacPageSchema.parse({ type: 'FeatureCollection', features: [item('a', 1)] });
    const ask = () => Promise.resolve(pages);
    const at = { url: 'https://stac.example', bbox: [0, 0, 1, 1], from: '2026-01-01', cloudPercent: 100 } as const;
    const signed = { ...pages, features: [item('a', 1, './a.tif?signature=1')] };
    const versions = [
      await listStac({ ...store, search: at, ask }),
      await listStac({ ...store, search: at, ask: () => Promise.resolve(signed) }),
    ].map(([file]) => file!);
    expect(versions[0]).toEqual({ ...versions[1], bytes: versions[0]!.bytes });
    // the address that is read is the one that was signed last
    expect(await readText(versions[0]!.path)).toContain('./a.tif?signature=1'.slice(1));
  });

  it('says every few hours that a listed Item is in use, and keeps one anew that is gone', async () => {
    const ask = () => Promise.resolve({ type: 'FeatureCollection', features: [item('swept', 1), item('used', 1)] });
    const at = { url: 'https://stac.example', bbox: [0, 0, 1, 1], from: '2026-01-01', cloudPercent: 100 } as const;
    const list = () => listStac({ ...store, search: at, ask });
    const [swept, used] = (await list()).toSorted((a, b) => (a.item! < b.item! ? -1 : 1)).map(({ path }) => path);
    const fileOf = (uri: string | undefined): string => join(folder, uri!.split('!/')[1]!);
    const old = new Date(nowMs - 40 * 86_400_000);
    const isOld = (): boolean => statSync(fileOf(used)).mtimeMs < old.getTime() + 1000;
    utimesSync(fileOf(used), old, old);
    rmSync(fileOf(swept));
    await list();
    expect([isOld(), existsSync(fileOf(swept))]).toEqual([true, false]);
    nowMs += 7 * 3_600_000;
    await list();
    expect([isOld(), existsSync(fileOf(swept))]).toEqual([false, true]);
  });

  it('has no page after the last', () => {
    const [question] = firstQuestions({
      url: 'https://stac.example/search/',
      bbox: [0, 0, 1, 1],
      from: '2026-01-01',
      cloudPercent: 100,
    });
    expect(question).toMatchObject({ url: 'https://stac.example/search', body: { limit: 100 } });
    expect(nextQuestion({ type: 'FeatureCollection', features: [] }, question)).toBeNull();
  });
});
