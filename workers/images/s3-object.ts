import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { AppError } from '../../pipeline/errors.ts';
import type { S3Place } from './s3-client.ts';
import { s3Error } from './s3-error.ts';

/** Part of an object on its way. */
export interface S3Reading {
  /** size of the whole object (bytes) */
  readonly size: number;
  readonly etag: string;
  /** the bytes in order; goes on by a range where the connection broke */
  readonly parts: AsyncIterable<Uint8Array>;
}

export interface Span {
  /** first byte */
  readonly offset: number;
  /** bytes; fewer come at the end of the object */
  readonly length: number;
}

const attempts = 3;

/**
 * Begin to read an object, or a span of it that begins within it.
 *
 * @param etag what the object has to have still; null where any will do
 * @returns null where there is no such object
 * @throws AppError UNAVAILABLE when the connection breaks thrice, INPUT_INVALID when it is not `etag` any more; see `s3Error`
 */
export async function readS3(
  client: S3Client,
  place: S3Place,
  span: Span | null = null,
  etag: string | null = null,
): Promise<S3Reading | null> {
  const where = `s3://${place.bucket}/${place.key}`;
  // a scene that changed is no scene any more; an object of the store may be asked for again
  const replaced = () =>
    new AppError(
      etag === null ? 'UNAVAILABLE' : 'INPUT_INVALID',
      `${where} changed while it was read: it was replaced.`,
      'Run again once nobody writes to it any more.',
      { where },
    );
  const ask = async (from: number, pinned: string | null) => {
    const until = span === null ? '' : span.offset + span.length - 1;
    const command = new GetObjectCommand({
      Bucket: place.bucket,
      Key: place.key,
      ...((span !== null || from > 0) && { Range: `bytes=${from}-${until}` }),
      ...(pinned !== null && { IfMatch: pinned }),
    });
    const answer = await client.send(command).catch((error: unknown) => {
      throw error instanceof Error && error.name === 'PreconditionFailed' ? replaced() : error;
    });
    // not every server heeds If-Match
    if (pinned !== null && answer.ETag !== pinned) throw replaced();
    if (from > 0 && !answer.ContentRange?.startsWith(`bytes ${from}-`))
      throw new AppError('INPUT_INVALID', `${where}: its server gives no byte ranges.`, 'Use a server that does.');
    return answer;
  };
  try {
    const first = await ask(span?.offset ?? 0, etag);
    const pinned = first.ETag ?? '';
    const length = first.ContentLength ?? 0;
    const size = Number(/\/(\d+)$/.exec(first.ContentRange ?? '')?.[1] ?? length);
    return { size, etag: pinned, parts: partsOf(first) };

    async function* partsOf(answer: Awaited<ReturnType<typeof ask>>): AsyncGenerator<Uint8Array> {
      let [done, failed] = [0, 0];
      for (let { Body } = answer; done < length;) {
        try {
          for await (const part of Body as AsyncIterable<Uint8Array>) {
            done += part.length;
            yield part;
          }
          if (done < length) throw Object.assign(new Error('the answer is short'), { code: 'ECONNRESET' });
        } catch (error) {
          failed += 1;
          if (failed >= attempts) throw s3Error(error, where);
          ({ Body } = await ask((span?.offset ?? 0) + done, pinned).catch((again: unknown) => {
            throw s3Error(again, where);
          }));
        }
      }
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return null;
    throw s3Error(error, where);
  }
}

/** The parts as one array of at most `length` bytes. */
export async function gathered({ parts }: S3Reading, length: number): Promise<Buffer> {
  // not zeroed: every byte is overwritten or cut off
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  for await (const part of parts) {
    bytes.set(part.subarray(0, length - done), done);
    done += Math.min(part.length, length - done);
  }
  return done < length ? bytes.subarray(0, done) : bytes;
}
