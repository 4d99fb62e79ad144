import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openImages } from '../../workers/images/open-images.ts';
import { openS3Client, parseS3Url } from '../../workers/images/s3-client.ts';
import { gathered, readS3 } from '../../workers/images/s3-object.ts';
import { answering, type AnsweringServer } from '../support/http-server.ts';

/** An S3 that does what a bucket's name says. */
const content = Buffer.from(Array.from({ length: 3000 }, (_, at) => at % 251));
const asked: Record<string, number> = {};
const listener: RequestListener = (request, response) => {
  const [, bucket = ''] = (request.url ?? '').split(/[/?]/);
  const times = (asked[bucket] = (asked[bucket] ?? 0) + 1);
  const refuse = (status: number, code: string) => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>said so</Message></Error>`);
  };
  const list = () =>
    response.end('<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
  const [, status, code] = /^(\d{3})-(\w+)$/.exec(bucket.replace('a-', '')) ?? [];
  if (status !== undefined && code !== undefined) return refuse(Number(status), names[code] ?? code);
  if (bucket === 'late' && times < 3) return refuse(503, 'SlowDown');
  if (bucket === 'late') return list();
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const etag = bucket === 'replaced' && times > 1 ? '"two"' : '"one"';
  response.writeHead(from > 0 ? 206 : 200, {
    etag,
    'content-length': content.length - from,
    ...(from > 0 && { 'content-range': `bytes ${from}-2999/3000` }),
  });
  if (bucket === 'whole') return response.end(content.subarray(from));
  // a thousand bytes, then the cable is cut
  const sent = bucket === 'stuck' ? 10 : 1000;
  response.write(content.subarray(from, from + sent), () => setImmediate(() => response.socket?.destroy()));
};
const names: Readonly<Record<string, string>> = {
  bucket: 'NoSuchBucket',
  id: 'InvalidAccessKeyId',
  secret: 'SignatureDoesNotMatch',
  denied: 'AccessDenied',
  clock: 'RequestTimeTooSkewed',
  region: 'AuthorizationHeaderMalformed',
  broken: 'InternalError',
  quota: 'XMinioStorageFull',
};

let server: AnsweringServer;
const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' };
const before = { ...process.env };
beforeAll(async () => {
  server = await answering(listener);
  Object.assign(process.env, env, { TIANWATCH_S3_ENDPOINT: server.url });
});
afterAll(async () => {
  for (const name of [...Object.keys(env), 'TIANWATCH_S3_ENDPOINT']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await server.close();
});

test.each([
  ['a-404-bucket', 'NOT_FOUND', /bucket that does not exist/],
  ['a-403-id', 'FORBIDDEN', /access key is not known/],
  ['a-403-secret', 'FORBIDDEN', /secret key does not belong/],
  ['a-403-denied', 'FORBIDDEN', /may not be used/],
  ['a-403-clock', 'FORBIDDEN', /clocks .* too far apart/],
  ['a-400-region', 'CONFIG_INVALID', /another region/],
  ['a-507-quota', 'EXHAUSTED', /takes no more/],
])('%s: the store does not open, and says why and where', async (bucket, code, message) => {
  const error = await openImages(`s3://${bucket}/p`).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(error).toMatchObject({ message: expect.stringContaining(`s3://${bucket}/p (${server.url})`) });
  expect(error).toMatchObject({ todo: expect.stringMatching(/\w/) });
});

test('a server that cannot now is asked again, and what stays broken may be tried later', async () => {
  await expect(openImages('s3://late/p')).resolves.toBeDefined();
  expect(asked['late']).toBe(3);
  await expect(openImages('s3://a-500-broken/p')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('nobody at the address, and a variable that is no address, are told apart', async () => {
  process.env['TIANWATCH_S3_ENDPOINT'] = 'http://127.0.0.1:1';
  await expect(openImages('s3://whole/p')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: /nothing listens/ });
  process.env['TIANWATCH_S3_ENDPOINT'] = 'here';
  await expect(openImages('s3://whole/p')).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: /ENDPOINT/ });
  process.env['TIANWATCH_S3_ENDPOINT'] = server.url;
  for (const url of ['s3://', 's3://A/b', 'https://a/b']) expect(() => parseS3Url(url)).toThrow(/no place in S3/);
  expect(parseS3Url('s3://abc//d/e/')).toEqual({ bucket: 'abc', key: 'd/e' });
});

test('a reading goes on where the connection broke, and gives up where it always breaks', async () => {
  const client = openS3Client();
  const read = async (bucket: string) => {
    const reading = await readS3(client, { bucket, key: 'k' });
    return gathered(reading!, reading!.size);
  };
  expect(content.equals(await read('whole'))).toBe(true);
  expect(content.equals(await read('cut'))).toBe(true);
  await expect(read('replaced')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: /changed while it was read/ });
  await expect(read('stuck')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: /s3:\/\/stuck\/k/ });
  expect(asked['stuck']).toBe(3);
  client.destroy();
});
