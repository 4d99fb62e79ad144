import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { AppError } from '../../pipeline/errors.ts';
import { keyOfKept, readKept } from './kept-document.ts';
import { isRemote } from './source.ts';

const mostBytes = 64_000_000;

/**
 * A text document at a path or URL: a STAC Item, a sidecar.
 *
 * @throws AppError INPUT_INVALID for what is not there or cannot be read, UNAVAILABLE where its server cannot now
 */
export async function readText(uri: string): Promise<string> {
  if (/^https?:/i.test(uri)) return (await import('./http-client.ts')).readHttpText(uri);
  if (keyOfKept(uri) !== null) return readKept(uri);
  if (isRemote(uri)) return readObject(uri);
  try {
    return await readFile(uri, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const isMissing = reason === 'ENOENT';
    throw new AppError(
      'INPUT_INVALID',
      `${uri} ${isMissing ? 'does not exist' : `cannot be read (${reason})`}.`,
      'Check the path and its rights.',
      { path: uri },
      error,
    );
  }
}

async function readObject(uri: string): Promise<string> {
  const source = await (await import('./open-source.ts')).openSource(uri);
  try {
    if (source.size > mostBytes)
      throw new AppError('INPUT_INVALID', `${uri} is a text of more than 64 MB.`, 'Check the key.', { uri });
    return Buffer.from(await source.read(0, source.size)).toString('utf8');
  } finally {
    await source.close();
  }
}

/** What stands beside a file: its URI with an ending, before the query that a URL may have. */
export function beside(uri: string, ending: string): string {
  if (!isRemote(uri)) return `${uri}${ending}`;
  const at = uri.search(/[?#]/);
  return at < 0 ? `${uri}${ending}` : `${uri.slice(0, at)}${ending}${uri.slice(at)}`;
}

/** Text of a file that need not be there; a server that refuses it or sends a page in its place has none. */
export async function textIfThere(uri: string): Promise<string | null> {
  if (!isRemote(uri)) return existsSync(uri) ? readText(uri) : null;
  return readText(uri).catch(unlessUnavailable);
}

/** Whether there is such a file. @throws AppError UNAVAILABLE where its server cannot say */
export async function isThere(uri: string): Promise<boolean> {
  if (!isRemote(uri)) return existsSync(uri);
  const { openSource } = await import('./open-source.ts');
  const source = await openSource(uri).catch(unlessUnavailable);
  await source?.close();
  return source !== null;
}

function unlessUnavailable(error: unknown): null {
  if (error instanceof AppError && error.code === 'INPUT_INVALID') return null;
  throw error;
}
