import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { AppError } from '../../pipeline/errors.ts';
import { fileError } from '../images/file-sink.ts';

export interface Seal {
  readonly bytes: number;
  readonly sha256: string;
}

/** Size and hash of a file, once it is surely on the disk. @throws AppError NOT_FOUND, UNAVAILABLE */
export async function sealOf(path: string): Promise<Seal> {
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    const file = await open(path, 'r');
    try {
      await file.sync();
      for await (const part of file.createReadStream({
        autoClose: false,
        highWaterMark: 1 << 20,
      }) as AsyncIterable<Buffer>) {
        hash.update(part);
        bytes += part.length;
      }
    } finally {
      await file.close();
    }
    return { bytes, sha256: hash.digest('hex') };
  } catch (error) {
    throw fileError(error, path);
  }
}

/** @throws AppError INPUT_INVALID that names the file when it is absent or not as it was written */
export async function checkSeal(path: string, expected: Seal): Promise<void> {
  const found = await sealOf(path).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
    throw error;
  });
  const todo = 'Take another copy of this backup; nothing was restored.';
  if (found === null) throw new AppError('INPUT_INVALID', `The backup lacks the file ${path}.`, todo);
  if (found.bytes === expected.bytes && found.sha256 === expected.sha256) return;
  throw new AppError(
    'INPUT_INVALID',
    `The backup's file ${path} is damaged: ${found.bytes} bytes with sha256 ${found.sha256.slice(0, 12)}…, written were ${expected.bytes} with ${expected.sha256.slice(0, 12)}….`,
    todo,
  );
}

/** Write lines, compressed. @returns how many, and the seal of the file */
export async function writeLines(
  path: string,
  lines: AsyncIterable<string>,
): Promise<Seal & { readonly count: number }> {
  let count = 0;
  async function* counted(): AsyncGenerator<string> {
    for await (const line of lines) {
      count += 1;
      yield `${line}\n`;
    }
  }
  // what the database says wrong is an error of its own, not of the file
  const asked = counted();
  const file = createWriteStream(path, { flags: 'wx' });
  let diskFailure: unknown = null;
  file.on('error', (error) => (diskFailure = error));
  try {
    await pipeline(Readable.from(asked), createGzip(), file);
  } catch (error) {
    throw diskFailure === null ? error : fileError(diskFailure, path);
  }
  return { count, ...(await sealOf(path)) };
}

/** The lines of a file that `writeLines` wrote. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const text = createGunzip();
  file.on('error', (error) => text.destroy(error));
  yield* createInterface({ input: file.pipe(text), crlfDelay: Infinity });
}
