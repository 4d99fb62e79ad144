import { stat } from 'node:fs/promises';
import { AppError } from '../../pipeline/errors.ts';
import { keyOfKept } from './kept-document.ts';
import { openSource } from './open-source.ts';
import { isRemote } from './source.ts';

/**
 * What changes when a file does: size and time of change, of a remote file size and ETag; empty where there is none, and of
 * a kept document, whose key says its version.
 *
 * @throws AppError UNAVAILABLE where the server cannot say
 */
export async function fileVersion(uri: string): Promise<readonly (string | number | null | undefined)[]> {
  if (keyOfKept(uri) !== null) return [];
  if (!isRemote(uri)) {
    const facts = await stat(uri).catch(() => null);
    return [facts?.size, facts?.mtimeMs];
  }
  try {
    const source = await openSource(uri);
    await source.close();
    return [source.size, source.etag];
  } catch (error) {
    // the run itself will say what is wrong with it
    if (error instanceof AppError && error.code === 'INPUT_INVALID') return [];
    throw error;
  }
}
