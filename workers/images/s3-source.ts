import type { S3Client } from '@aws-sdk/client-s3';
import { AppError } from '../../pipeline/errors.ts';
import { blocksOf } from './block-cache.ts';
import { blockBytes, blockSource } from './block-source.ts';
import { endpointOf, openS3Client, parseS3Url } from './s3-client.ts';
import { gathered, readS3, type Span } from './s3-object.ts';
import type { Source } from './source.ts';

let client: S3Client | null = null;

/**
 * An object of S3, read by ranges and pinned to its ETag.
 *
 * @throws AppError INPUT_INVALID for what is not there, is empty or may not be read; CONFIG_INVALID; UNAVAILABLE
 */
export async function openS3Source(uri: string): Promise<Source> {
  const place = parseS3Url(uri);
  // one for all sources of a thread: it keeps connections and credentials
  client ??= openS3Client();
  const reading = client;
  const read = async (span: Span, etag: string | null) => {
    const answer = await readS3(reading, place, span, etag).catch((error: unknown) => {
      throw asInput(error);
    });
    if (answer === null)
      throw new AppError('INPUT_INVALID', `${uri} does not exist.`, 'Check bucket and key.', { uri });
    const bytes = await gathered(answer, Math.min(span.length, answer.size - span.offset));
    return { ...answer, bytes };
  };
  const { size, etag, bytes } = await read({ offset: 0, length: blockBytes }, null);
  const readSpan = async (offset: number, length: number) => (await read({ offset, length }, etag)).bytes;
  const kept = await blocksOf(`${endpointOf()} ${uri}`, etag, size);
  return { ...blockSource({ uri, size, readSpan, close: async () => undefined }, bytes, kept), etag };
}

/** What is wrong with one object is wrong with the input, as it is with a local file that may not be read. */
function asInput(error: unknown): unknown {
  if (!(error instanceof AppError) || (error.code !== 'NOT_FOUND' && error.code !== 'FORBIDDEN')) return error;
  return new AppError('INPUT_INVALID', error.message, error.todo, error.details, error);
}
