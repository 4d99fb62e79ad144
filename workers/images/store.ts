import { AppError } from '../../pipeline/errors.ts';

/**
 * Immutable objects under keys made from what the content is made of.
 *
 * An implementation must publish atomically (a reader sees the whole object or none, also after a kill),
 * must find truncated and altered objects when they are read (they count as absent), must let the same key
 * be put twice at once, and throws AppError EXHAUSTED on a full disk, UNAVAILABLE when the device fails.
 * Keys are `a/b-c.ext`: lower-case letters, digits, `.`, `_`, `-` and `/`, no `..`, no leading slash.
 */
export interface ImageStore {
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** as `put`, with the bytes of a file, however large; never held in memory */
  putFile(key: string, path: string): Promise<void>;
  /** the bytes as they were put, or null when the object is absent or damaged */
  get(key: string): Promise<Uint8Array | null>;
  /**
   * Copy the bytes into a file, however large, in the place of what is there. Its folder exists.
   *
   * @returns false, and no file is touched, when the object is absent or damaged
   */
  getFile(key: string, path: string): Promise<boolean>;
  /** true when `get` would give bytes; reads the object to know */
  has(key: string): Promise<boolean>;
  /** keys that begin with `prefix`, sorted; damaged objects included */
  list(prefix: string): Promise<readonly string[]>;
  /** Size and last use (last put or touched) of what `list` lists, in the same order. */
  uses(prefix: string): Promise<readonly ObjectUse[]>;
  /** Say that an object was used now: what is longest unused may be swept first. No error when absent. */
  touch(key: string): Promise<void>;
  /** no error when absent */
  delete(key: string): Promise<void>;
}

export interface ObjectUse {
  readonly key: string;
  /** as stored, the hash at its end included */
  readonly bytes: number;
  readonly usedAtMs: number;
}

/** An object is its bytes and then their sha256, so many bytes long. */
export const hashBytes = 32;

const keyForm = /^(?!.*\.\.)[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/;

/** The key, where it is one. @throws AppError BUG */
export function checkKey(key: string): string {
  if (keyForm.test(key)) return key;
  throw new AppError('BUG', `The image store got the key ${JSON.stringify(key)}.`, 'Keys are a/b-c.ext in lower case.');
}
