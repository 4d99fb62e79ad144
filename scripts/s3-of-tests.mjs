// s3rver, mended in two places where it is unlike S3: an object appears whole or not at all, and before its writer is answered; a copy
// of an object onto itself renews its time. Arguments: folder, port.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const S3rver = require('s3rver');
const Store = require('s3rver/lib/stores/filesystem');
const { copyObject } = Store.prototype;

Store.prototype.putObject = async function putObject({ bucket, key, content, metadata }) {
  const path = this.getResourcePath(bucket, key, 'object');
  const pieces = [];
  if (Buffer.isBuffer(content)) pieces.push(content);
  else for await (const piece of content) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const md5 = createHash('md5').update(bytes).digest('hex');
  await mkdir(dirname(path), { recursive: true });
  const draft = join(this.rootDirectory, `draft-${randomUUID()}`);
  try {
    await writeFile(draft, bytes);
    await this.putMetadata(bucket, key, metadata, md5);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return { size: bytes.length, md5 };
};

Store.prototype.copyObject = async function copy(...places) {
  const [fromBucket, fromKey, bucket, key] = places;
  const now = new Date();
  if (fromBucket === bucket && fromKey === key) await utimes(this.getResourcePath(bucket, key, 'object'), now, now);
  return copyObject.apply(this, places);
};

const [directory, port] = process.argv.slice(2);
const options = { directory, address: '127.0.0.1', port: Number(port), vhostBuckets: false };
await new S3rver({ ...options, configureBuckets: [{ name: 'tianwatch' }] }).run();
