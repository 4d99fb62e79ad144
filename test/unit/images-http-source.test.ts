import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSource } from '../../workers/images/open-source.ts';
import { readHttpText } from '../../workers/images/http-client.ts';
import { expiredCertificate, key, validCertificate } from '../fixtures/certificates.ts';
import { answering, type AnsweringServer } from '../support/http-server.ts';
import { servedBytes } from '../support/served-bytes.ts';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31 + (at >> 8)) & 255));
const plain = servedBytes({
  '/file.tif': content,
  '/empty.tif': Buffer.alloc(0),
  '/text.json': Buffer.from('{"a":1}'),
});
const asked: Record<string, number> = {};

type Answer = (request: IncomingMessage, response: ServerResponse, times: number) => unknown;
/** One path, one trouble. */
const troubles: Readonly<Record<string, Answer>> = {
  '/page.tif': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'),
  '/hidden-page.tif': (_, response) =>
    response.writeHead(200, { 'content-length': 40 }).end('<!DOCTYPE html><html>log in first</html>'.padEnd(40)),
  '/whole.tif': (_, response) => response.writeHead(200, { 'content-length': content.length }).end(content),
  '/zipped.tif': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
  '/forbidden.tif': (_, response) => response.writeHead(403).end(),
  '/down.tif': (_, response) => response.writeHead(503).end(),
  '/once-down.tif': (request, response, times) =>
    times === 1 ? response.writeHead(502).end() : part(request, response),
  '/short.tif': (request, response, times) => {
    if (times % 2 === 1) return part(request, response);
    // says all, gives a thousand bytes
    return part(request, response, '"one"', 1000);
  },
  '/replaced.tif': (request, response, times) => part(request, response, times === 1 ? '"one"' : '"two"'),
  '/moved.tif': (_, response) => response.writeHead(302, { location: '/file.tif' }).end(),
  '/round.tif': (_, response) => response.writeHead(302, { location: '/round.tif' }).end(),
  '/away.tif': (_, response) => response.writeHead(302, { location: 'https://169.254.169.254/secret' }).end(),
};

function part(request: IncomingMessage, response: ServerResponse, etag = '"one"', most = Infinity): void {
  const [, from = '0', to = '0'] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
  const body = content.subarray(Number(from), Number(to) + 1);
  response.writeHead(206, {
    etag,
    'content-length': body.length,
    'content-range': `bytes ${from}-${Number(from) + body.length - 1}/${content.length}`,
  });
  if (body.length <= most) response.end(body);
  else response.write(body.subarray(0, most), () => setImmediate(() => response.socket?.destroy()));
}

let server: AnsweringServer;
const hosts = process.env['TIANWATCH_HOSTS'];
beforeAll(async () => {
  server = await answering((request, response) => {
    const url = request.url ?? '';
    const times = (asked[url] = (asked[url] ?? 0) + 1);
    const trouble = troubles[url];
    if (trouble === undefined) plain.listener(request, response);
    else trouble(request, response, times);
  });
  process.env['TIANWATCH_HOSTS'] = '127.0.0.1';
});
afterAll(async () => {
  if (hosts === undefined) delete process.env['TIANWATCH_HOSTS'];
  else process.env['TIANWATCH_HOSTS'] = hosts;
  await server.close();
});

const readAll = async (path: string): Promise<Uint8Array> => {
  const source = await openSource(`${server.url}${path}`);
  return source.read(0, source.size);
};

test.each([
  ['/nothing.tif', 'INPUT_INVALID', /does not exist \(404\)/],
  ['/page.tif', 'INPUT_INVALID', /is a web page/],
  ['/hidden-page.tif', 'INPUT_INVALID', /is a web page/],
  ['/whole.tif', 'INPUT_INVALID', /served whole only/],
  ['/zipped.tif', 'INPUT_INVALID', /served whole only.*gzip/],
  ['/forbidden.tif', 'INPUT_INVALID', /may not be read \(403\)/],
  ['/empty.tif', 'INPUT_INVALID', /is empty/],
  ['/down.tif', 'UNAVAILABLE', /cannot be served now \(503\)/],
  ['/replaced.tif', 'INPUT_INVALID', /changed while it was read: "one" .* became "two"/],
  ['/round.tif', 'INPUT_INVALID', /redirects more than 5 times/],
  ['/away.tif', 'INPUT_INVALID', /169\.254\.169\.254 is .*no host/],
])('%s: refused in one clear line', async (path, code, message) => {
  await expect(readAll(path)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test.each(['/file.tif', '/moved.tif', '/short.tif', '/once-down.tif'])(
  '%s: comes whole in the end, whatever breaks in between',
  async (path) => expect(content.equals(await readAll(path))).toBe(true),
);

test('small reads of one neighbourhood cost one request, and reading in order few', async () => {
  const before = { ...plain.served };
  const source = await openSource(`${server.url}/file.tif`);
  for (let at = 0; at < 60_000; at += 1000) await source.read(at, 100);
  expect(plain.served.requests - before.requests).toBe(1);
  await source.read(299_000, 1000);
  expect(plain.served.bytes - before.bytes).toBeLessThan(65_536 + 65_536);
  for (let at = 0; at < 300_000; at += 1000) await source.read(at, 1000);
  expect(plain.served.requests - before.requests).toBeLessThanOrEqual(5);
  expect(plain.served.bytes - before.bytes).toBe(300_000);
});

test('a text comes from a server that knows no ranges too, and a page in its place is refused', async () => {
  expect(await readHttpText(`${server.url}/text.json`)).toBe('{"a":1}');
  await expect(readHttpText(`${server.url}/page.tif`)).rejects.toMatchObject({ message: /is a web page/ });
});

test('a signature in a URL stands in no message', async () => {
  const error = await openSource(`${server.url}/nothing.tif?X-Amz-Signature=abc`).catch(String);
  expect(error).toMatch(/nothing\.tif does not exist/);
  expect(error).not.toMatch(/abc/);
});

test('a certificate has to be valid now and known here', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const known = join(folder, 'known.pem');
  writeFileSync(known, `${validCertificate}${expiredCertificate}`);
  const sourceModule = new URL('../../workers/images/open-source.ts', import.meta.url).href;
  const script = `const { openSource } = await import(${JSON.stringify(sourceModule)});
    const say = (url) => openSource(url).then(({ size }) => size + ' bytes', (error) => error.code + ' ' + error.message);
    for (const url of process.argv.slice(1)) console.log(await say(url));`;
  const servers = [
    await answering(plain.listener, { key, cert: validCertificate }),
    await answering(plain.listener, { key, cert: expiredCertificate }),
  ];
  const ask = (extra: string): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      const args = [
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        script,
        '--',
        ...servers.map(({ url }) => `${url}/file.tif`),
      ];
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: extra };
      execFile(process.execPath, args, { env }, (error, stdout) =>
        error ? reject(error) : resolve(stdout.split('\n')),
      );
    });
  try {
    const [[valid, expired], [unknown]] = await Promise.all([ask(known), ask('')]);
    expect(valid).toBe('300000 bytes');
    expect(expired).toMatch(/^INPUT_INVALID .*its certificate has expired \(CERT_HAS_EXPIRED\)/);
    expect(unknown).toMatch(/^INPUT_INVALID .*its certificate is signed by itself/);
  } finally {
    for (const one of servers) await one.close();
    rmSync(folder, { recursive: true });
  }
});
