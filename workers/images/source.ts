import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ByteSource } from '../../pipeline/ports.ts';
import { shownUri } from '../../pipeline/scene/uri.ts';
import { keyOfKept } from './kept-document.ts';

/** Bytes of an image, wherever it is. */
export interface Source extends ByteSource {
  /** what changes when the bytes do, as its server says (ETag, else time of change); null: a file of this machine */
  readonly etag: string | null;
}

/** Whether a name is a URL of the network or of an image store, not a path: `s3://`, `https://`, `http://`, `image-store:`. */
export const isRemote = (uri: string): boolean => /^((s3|https?):\/\/|image-store:)/i.test(uri);

/** What somebody named, so that it means the same everywhere: a URL as it is, a path absolute. */
export function locate(given: string): string {
  if (isRemote(given)) return given;
  return resolve(/^file:\/\//i.test(given) ? fileURLToPath(given) : given);
}

/** What results call a file: its name without the folders of one machine, or its URL without a signature; of a kept document its key. */
export const shownName = (uri: string): string => keyOfKept(uri) ?? (isRemote(uri) ? shownUri(uri) : basename(uri));

/** A comma-separated list of paths and URLs; a path that holds a comma is taken whole where it exists. */
export function splitPaths(text: string): string[] {
  if (existsSync(text)) return [text];
  return text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}
