import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AppError } from '../../pipeline/errors.ts';
import type { S3Place } from './s3-client.ts';
import { s3Error } from './s3-error.ts';

/** S3 takes 5 MiB and more, and 10,000 parts: up to 156 GiB an object. */
const partBytes = 16 << 20;

/**
 * Write an object and, as its last bytes, their sha256: in one request, or in parts where it is large.
 *
 * Nothing stands under the key before all is there. Parts that a killed process sent stay in the bucket until its
 * lifecycle rule for unfinished uploads removes them.
 */
export async function writeS3(
  client: S3Client,
  { bucket: Bucket, key: Key }: S3Place,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const sealed = sealedParts(content);
  try {
    const first = await sealed.next();
    const second = await sealed.next();
    if (first.done || second.done) await client.send(new PutObjectCommand({ Bucket, Key, Body: first.value }));
    else await writeParts(client, { Bucket, Key }, followed([first.value, second.value], sealed));
  } catch (error) {
    throw s3Error(error, `s3://${Bucket}/${Key}`);
  } finally {
    await sealed.return(undefined);
  }
}

async function writeParts(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  parts: AsyncIterable<Buffer>,
): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
  if (UploadId === undefined) throw new AppError('UNAVAILABLE', 'The S3 server began no upload.', 'Check the server.');
  try {
    const sent: { PartNumber: number; ETag: string | undefined }[] = [];
    for await (const Body of parts) {
      const PartNumber = sent.length + 1;
      const { ETag } = await client.send(new UploadPartCommand({ ...object, UploadId, PartNumber, Body }));
      sent.push({ PartNumber, ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts: sent } }));
  } catch (error) {
    // what led here is the news; a server that is gone cannot be cleaned either
    await client.send(new AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => undefined);
    throw error;
  }
}

async function* followed(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

/** The content and its hash in buffers of `partBytes`, the last one shorter; at least one. */
async function* sealedParts(
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, undefined> {
  const hash = createHash('sha256');
  let pieces: Uint8Array[] = [];
  let held = 0;
  for await (const given of content) {
    hash.update(given);
    for (let at = 0; at < given.length;) {
      const piece = given.subarray(at, at + partBytes - held);
      pieces.push(piece);
      held += piece.length;
      at += piece.length;
      if (held < partBytes) continue;
      yield Buffer.concat(pieces);
      [pieces, held] = [[], 0];
    }
  }
  yield Buffer.concat([...pieces, hash.digest()]);
}
