/** Interfaces to the outside world; the only thing `pipeline/` knows of it. */

/**
 * Random access to the bytes of one immutable object (file, S3 object).
 *
 * An implementation must return exactly `length` bytes, fewer only at the end of the object, and must
 * throw AppError UNAVAILABLE when the device fails. Calls may overlap.
 */
export interface ByteSource {
  /** what messages call it: a path or URI */
  readonly uri: string;
  /** object size (bytes) */
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Where a streaming writer puts bytes; `write` appends, `patch` rewrites bytes already written.
 *
 * An implementation throws AppError EXHAUSTED on a full disk.
 */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
  patch(offset: number, bytes: Uint8Array): Promise<void>;
}

/**
 * Temporary bytes of one writer: appended, then read once from the front, then discarded.
 *
 * An implementation keeps nothing after `close`, and throws AppError EXHAUSTED on a full disk. A chunk
 * given to `write` may be reused by the caller once the promise resolves.
 */
export interface Spool {
  write(bytes: Uint8Array): Promise<void>;
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
