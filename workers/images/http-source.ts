import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../../pipeline/errors.ts';
import { blocksOf } from './block-cache.ts';
import { blockBytes, blockSource } from './block-source.ts';
import { askHttp, refusal, shownUrl, webPage, type HttpAnswer } from './http-client.ts';
import type { Source } from './source.ts';

const attempts = 4;
const firstPauseMs = 200;

/**
 * A file behind https (or http, where the host is named for it), read by ranges and pinned to its ETag.
 *
 * @throws AppError INPUT_INVALID for what is not there, is a web page, gives no ranges or may not be asked; UNAVAILABLE
 */
export async function openHttpSource(url: string): Promise<Source> {
  const uri = shownUrl(url);
  const { head, size, version } = await patiently(async () => {
    const answer = await askHttp(url, { headers: rangeOf(0, blockBytes) });
    const found = await sizeOf(answer, url);
    return { ...found, head: await bytesOf(answer, Math.min(blockBytes, found.size), uri) };
  });
  if (/^\s*<(!doctype html|html)/i.test(Buffer.from(head.subarray(0, 64)).toString('latin1'))) throw webPage(url);
  const readSpan = (offset: number, length: number): Promise<Uint8Array> => {
    let done = 0;
    const bytes = Buffer.allocUnsafeSlow(length);
    return patiently(async () => {
      // goes on where the last answer broke off
      const answer = await askHttp(url, { headers: rangeOf(offset + done, length - done) });
      const now = await sizeOf(answer, url);
      if (now.size !== size || now.version !== version || now.offset !== offset + done) {
        answer.discard();
        throw new AppError(
          'INPUT_INVALID',
          `${uri} changed while it was read: ${version} of ${size} bytes became ${now.version} of ${now.size}.`,
          'Run again once nobody writes to it any more.',
          { uri },
        );
      }
      for await (const part of answer.parts) {
        const fitting = part.subarray(0, length - done);
        bytes.set(fitting, done);
        done += fitting.length;
      }
      if (done < length) throw short(uri);
      return bytes;
    });
  };
  const kept = await blocksOf(url, version, size);
  return { ...blockSource({ uri: url, size, readSpan, close: async () => undefined }, head, kept), etag: version };
}

const rangeOf = (offset: number, length: number) => ({ range: `bytes=${offset}-${offset + length - 1}` });

const short = (uri: string): AppError =>
  new AppError('UNAVAILABLE', `${uri} ended early: fewer bytes came than it has.`, 'Try again later.', { uri });

/** What an answer to a range says of the whole; the body stays unread. */
async function sizeOf(
  answer: HttpAnswer,
  url: string,
): Promise<{ readonly size: number; readonly version: string; readonly offset: number }> {
  const uri = shownUrl(url);
  const { status, headers } = answer;
  const refuse = (error: AppError): never => {
    answer.discard();
    throw error;
  };
  if (status === 416)
    refuse(new AppError('INPUT_INVALID', `${uri} is empty or shorter than it was.`, 'Check the file there.', { uri }));
  const refused = refusal(answer, url);
  if (refused !== null) refuse(refused);
  const encoding = headers['content-encoding'] ?? 'identity';
  const version = headers['etag'] ?? headers['last-modified'] ?? 'without ETag';
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  if (status === 206 && encoding === 'identity' && total !== undefined)
    return { size: Number(total), version, offset: Number(from) };
  const length = Number(headers['content-length'] ?? Infinity);
  if (status === 200 && encoding === 'identity' && length <= blockBytes) return { size: length, version, offset: 0 };
  return refuse(
    new AppError(
      'INPUT_INVALID',
      `${uri} is served whole only: its server gives no byte ranges (${status}, ${encoding}).`,
      'Download it and give the path, or serve it from S3 or a server with ranges.',
      { uri },
    ),
  );
}

async function bytesOf({ parts }: HttpAnswer, length: number, uri: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const part of parts) pieces.push(part);
  const bytes = Buffer.concat(pieces);
  if (bytes.length < length) throw short(uri);
  return bytes.subarray(0, length);
}

/** What a network loses now and then is asked for again at once; what stays away is the queue's to wait for. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let failed = 0; ; failed++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE' || failed + 1 >= attempts) throw error;
      await pause(firstPauseMs * 2 ** failed);
    }
  }
}
