import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { madeBands, makePair } from '../../scripts/made-pair.ts';
import { openS3Client } from '../../workers/images/s3-client.ts';
import { key, validCertificate } from '../fixtures/certificates.ts';
import { countingProxy, type CountingProxy } from '../support/counting-proxy.ts';
import { answering, type AnsweringServer } from '../support/http-server.ts';
import { tianwatch } from '../support/run-command.ts';
import { readManifest, readSummary } from '../support/run-output.ts';
import { startS3 } from '../support/s3-server.ts';
import { cutScene, madeAffine, writeMadeScene } from '../support/scene-geotiff.ts';
import { servedBytes, type ServedBytes } from '../support/served-bytes.ts';
import { absentServices, type Services } from '../support/services.ts';

const absent = absentServices(['s3']);
if (absent) process.stdout.write(`${absent}: a run over scenes in S3 and behind https\n`);

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-remote-'));
const at = (name: string): string => join(folder, name);
/** the earlier scene covers one of the later one's blocks */
const sidePx = 1000;
const partPx = 400;
const stacItem = {
  type: 'Feature',
  stac_version: '1.0.0',
  id: 'after',
  properties: { datetime: '2026-08-12T02:30:00Z', platform: 'sentinel-2a' },
  assets: { all: { href: 'after.tif', type: 'image/tiff; application=geotiff; profile=cloud-optimized' } },
};
const kept = { ...process.env };
const names = ['TIANWATCH_HOSTS', 'NODE_EXTRA_CA_CERTS', 'TIANWATCH_S3_ENDPOINT'] as const;

describe.skipIf(absent)('a run over scenes in S3 and behind https', { timeout: 120_000 }, () => {
  let [s3, proxy, server]: [Services?, CountingProxy?, AnsweringServer?] = [];
  let after: ServedBytes;
  const sizes = { before: 0, after: 0 };
  beforeAll(async () => {
    const pair = makePair(sidePx, 8);
    const size = { width: sidePx, height: sidePx };
    const part = { col: 0, row: 0, width: partPx, height: partPx };
    const before = cutScene({ data: pair.before, ...size, bands: madeBands.length }, part);
    await writeMadeScene(at('before.tif'), { ...part, data: before, acquired: '2025-08-15' });
    await writeMadeScene(at('after.tif'), { ...size, data: pair.after, acquired: '2026-08-12' });
    const toLonLat = projector(crsFromEpsg(32651), crsFromEpsg(4326));
    const ring = [
      [20, 20],
      [300, 20],
      [300, 300],
      [20, 300],
      [20, 20],
    ].map(([col, row]) => toLonLat(madeAffine[2] + 10 * col!, madeAffine[5] - 10 * row!));
    writeFileSync(at('aoi.geojson'), JSON.stringify({ type: 'Polygon', coordinates: [ring] }));
    const content = readFileSync(at('after.tif'));
    sizes.after = content.length;
    after = servedBytes({ '/after.tif': content, '/item.json': Buffer.from(JSON.stringify(stacItem)) });
    server = await answering(after.listener, { key, cert: validCertificate });
    s3 = await startS3();
    const client = openS3Client();
    const Body = readFileSync(at('before.tif'));
    sizes.before = Body.length;
    await client.send(new PutObjectCommand({ Bucket: 'tianwatch', Key: 'scenes/before.tif', Body }));
    client.destroy();
    proxy = await countingProxy(s3.env['TIANWATCH_S3_ENDPOINT'] ?? '');
    writeFileSync(at('known.pem'), validCertificate);
    Object.assign(process.env, {
      TIANWATCH_HOSTS: '127.0.0.1',
      NODE_EXTRA_CA_CERTS: at('known.pem'),
      TIANWATCH_S3_ENDPOINT: proxy.url,
    });
  });
  afterAll(async () => {
    for (const name of names) {
      if (kept[name] === undefined) delete process.env[name];
      else process.env[name] = kept[name];
    }
    await proxy?.close();
    await server?.close();
    await s3?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (before: string, later: string, out: string) =>
    tianwatch(
      [
        'run',
        '--before',
        before,
        '--after',
        later,
        '--aoi',
        at('aoi.geojson'),
        '--model',
        'none',
        '--threads',
        '1',
        '--out',
        at(out),
      ],
      { data: at('data') },
    );

  it('finds what it finds in the same files here, and reads of a larger file only the part it needs', async () => {
    const near = await run(at('before.tif'), at('after.tif'), 'near');
    expect([near.exit, near.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
    const far = await run('s3://tianwatch/scenes/before.tif', `${server?.url}/item.json`, 'far');
    expect([far.exit, far.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
    for (const name of ['change.tif', 'classes_before.tif', 'classes_after.tif', 'category.tif'])
      expect([name, readFileSync(at(`far/${name}`)).equals(readFileSync(at(`near/${name}`)))]).toEqual([name, true]);
    expect(readSummary(at('far')).patches).toEqual(readSummary(at('near')).patches);
    const { inputs } = readManifest(at('far'));
    expect(inputs.map(({ file, etag }) => [file, etag])).toEqual([
      ['s3://tianwatch/scenes/before.tif', expect.stringMatching(/\w/)],
      [`${server?.url}/after.tif`, `"${sizes.after}"`],
      ['aoi.geojson', undefined],
    ]);
    // plan, chunk and report read it; what one of them has read this host keeps, and every opening asks for a block
    expect(proxy?.counted.bytes).toBeLessThan(1.5 * sizes.before);
    expect(after.served.bytes).toBeGreaterThan(100_000);
    expect(after.served.bytes).toBeLessThan(sizes.after);
  });
});
