import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { threadId } from 'node:worker_threads';
import { CopyObjectCommand, DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { diskError } from '../disk-error.ts';
import { endpointOf, openS3Client, parseS3Url } from './s3-client.ts';
import { s3Error } from './s3-error.ts';
import { gathered, readS3, type S3Reading } from './s3-object.ts';
import { writeS3 } from './s3-write.ts';
import { checkKey, hashBytes, type ImageStore, type ObjectUse } from './store.ts';

let drafts = 0;

/**
 * Objects below `s3://bucket/prefix`, in the form of the folder's: the bytes and then their sha256.
 *
 * @throws AppError FORBIDDEN, NOT_FOUND (no such bucket), CONFIG_INVALID, UNAVAILABLE when the place cannot be used
 */
export async function openS3Store(url: string): Promise<ImageStore> {
  const { bucket, key: prefix } = parseS3Url(url);
  const client = openS3Client();
  const base = prefix === '' ? '' : `${prefix}/`;
  const placeOf = (key: string) => ({ bucket, key: base + checkKey(key) });
  const translated = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw s3Error(error, `${url} (${endpointOf()})`);
    });
  const page = (below: string, token?: string, most = 1000) =>
    translated(
      client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: base + below, ContinuationToken: token, MaxKeys: most }),
      ),
    );
  // wrong credentials and buckets are told at start, not in the middle of a run
  await page('', undefined, 1);

  const get = async (key: string): Promise<Uint8Array | null> => {
    const reading = await readS3(client, placeOf(key));
    if (reading === null) return null;
    const stored = await gathered(reading, reading.size);
    const bytes = stored.subarray(0, Math.max(0, stored.length - hashBytes));
    return sha256(bytes).equals(stored.subarray(bytes.length)) ? bytes : null;
  };

  const uses = async (below: string): Promise<readonly ObjectUse[]> => {
    const found: ObjectUse[] = [];
    for (let token: string | undefined, isDone = false; !isDone;) {
      const { Contents = [], NextContinuationToken } = await page(below, token);
      for (const { Key = '', Size = 0, LastModified } of Contents)
        found.push({ key: Key.slice(base.length), bytes: Size, usedAtMs: LastModified?.getTime() ?? 0 });
      token = NextContinuationToken;
      isDone = token === undefined;
    }
    return found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  };

  return {
    get,
    has: async (key) => (await get(key)) !== null,
    put: async (key, bytes) => writeS3(client, placeOf(key), [bytes]),
    putFile: async (key, path) => writeS3(client, placeOf(key), partsOf(path)),
    async getFile(key, path) {
      const reading = await readS3(client, placeOf(key));
      if (reading === null) return false;
      const draft = `${path}.${process.pid}.${threadId}.${(drafts += 1)}`;
      try {
        if (!(await copyOut(reading, draft))) return false;
        await rename(draft, path);
        return true;
      } catch (error) {
        throw diskError(error, path);
      } finally {
        await rm(draft, { force: true });
      }
    },
    list: async (below) => (await uses(below)).map(({ key }) => key),
    uses,
    async touch(key) {
      // a copy onto itself is how S3 renews the time of an object
      const { key: Key } = placeOf(key);
      const command = new CopyObjectCommand({
        Bucket: bucket,
        Key,
        CopySource: encodeURI(`${bucket}/${Key}`),
        MetadataDirective: 'REPLACE',
      });
      await translated(
        client.send(command).catch((error: unknown) => {
          if (!(error instanceof Error && ['NoSuchKey', 'NotFound'].includes(error.name))) throw error;
        }),
      );
    },
    async delete(key) {
      await translated(client.send(new DeleteObjectCommand({ Bucket: bucket, Key: placeOf(key).key })));
    },
  };
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

async function* partsOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw diskError(error, path);
  }
}

/** @returns false when the object is damaged; `path` then holds what is to be thrown away */
async function copyOut({ parts, size }: S3Reading, path: string): Promise<boolean> {
  const hash = createHash('sha256');
  const seal = Buffer.alloc(hashBytes);
  const length = size - hashBytes;
  const file = await open(path, 'wx');
  try {
    let done = 0;
    for await (const part of parts) {
      const content = part.subarray(0, Math.max(0, length - done));
      hash.update(content);
      await file.writeFile(content);
      if (part.length > content.length) seal.set(part.subarray(content.length), done + content.length - length);
      done += part.length;
    }
    await file.sync();
    return done === size && hash.digest().equals(seal);
  } finally {
    await file.close();
  }
}
