import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import type { ByteSink, Spool } from '../../pipeline/ports.ts';

/** A file in the making: under a temporary name until `publish`, then whole under its own. */
export interface FileSink extends ByteSink {
  /** bytes written so far */
  readonly size: () => number;
  /** Flush to the device and rename into place, over an older file of that name. */
  publish(): Promise<void>;
  /** Remove what was written; harmless after `publish`. */
  discard(): Promise<void>;
}

/** Word in the names of files that nobody finished; a sweep may delete them. */
export const temporaryMark = '.part-';

const ioBytes = 1 << 20;

/** Foreign file errors as ours. */
export function fileError(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError(
      'EXHAUSTED',
      `The disk is full: ${path} cannot be written (${code}).`,
      'Free space and run again.',
      { path },
      error,
    );
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new AppError(
      'FORBIDDEN',
      `${path} cannot be written (${code}).`,
      'Give a folder that this user may write to.',
      { path },
      error,
    );
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new AppError(
      'NOT_FOUND',
      `${path} cannot be written: its folder does not exist (${code}).`,
      'Create the folder or give another.',
      { path },
      error,
    );
  return new AppError(
    'UNAVAILABLE',
    `${path} cannot be written (${code}).`,
    'Check the device and run again.',
    { path },
    error,
  );
}

async function translated<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw fileError(error, path);
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Make a rename or a new name survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  await translated(folder, async () => {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Gathers small writes, so that a tile of a few hundred bytes is no system call. */
function gather(put: (bytes: Uint8Array) => Promise<void>) {
  const buffer = new Uint8Array(ioBytes);
  let used = 0;
  const flush = async () => {
    const bytes = buffer.subarray(0, used);
    used = 0;
    if (bytes.length > 0) await put(bytes);
  };
  const add = async (bytes: Uint8Array) => {
    if (used + bytes.length > buffer.length) await flush();
    if (bytes.length > buffer.length) return put(bytes);
    buffer.set(bytes, used);
    used += bytes.length;
  };
  return { add, flush };
}

/**
 * Open a file for writing; nothing stands under `path` before `publish`.
 *
 * @throws AppError EXHAUSTED, FORBIDDEN, NOT_FOUND, UNAVAILABLE
 */
export async function openFileSink(path: string): Promise<FileSink> {
  const temporary = `${path}${temporaryMark}${randomUUID()}`;
  const handle = await translated(path, () => open(temporary, 'wx'));
  let size = 0;
  let flushed = 0;
  let isOpen = true;
  const { add, flush } = gather(async (bytes) => {
    await writeAll(handle, bytes, flushed);
    flushed += bytes.length;
  });
  const close = async () => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    size: () => size,
    write: (bytes) =>
      translated(path, async () => {
        size += bytes.length;
        await add(bytes);
      }),
    patch: (offset, bytes) =>
      translated(path, async () => {
        await flush();
        await writeAll(handle, bytes, offset);
      }),
    publish: () =>
      translated(path, async () => {
        await flush();
        await handle.sync();
        await close();
        await rename(temporary, path);
        await syncFolder(dirname(path));
      }),
    async discard() {
      await close();
      await rm(temporary, { force: true });
    },
  };
}

/** Write a small file whole or not at all. */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const sink = await openFileSink(path);
  try {
    await sink.write(bytes);
    await sink.publish();
  } finally {
    await sink.discard();
  }
}

/**
 * A factory of spools in `folder` (made if absent): unlinked while open, so a killed process leaves nothing behind.
 */
export function fileSpools(folder: string): () => Promise<Spool> {
  return () =>
    translated(folder, async () => {
      await mkdir(folder, { recursive: true });
      const path = join(folder, `spool${temporaryMark}${randomUUID()}`);
      const handle = await open(path, 'wx+');
      await rm(path);
      return spoolOver(handle, folder);
    });
}

function spoolOver(handle: FileHandle, name: string): Spool {
  let size = 0;
  let isOpen = true;
  const { add, flush } = gather(async (bytes) => {
    await writeAll(handle, bytes, size);
    size += bytes.length;
  });
  return {
    write: (bytes) => translated(name, () => add(bytes)),
    async *read() {
      await translated(name, flush);
      for (let at = 0; at < size;) {
        const chunk = new Uint8Array(Math.min(ioBytes, size - at));
        const { bytesRead } = await translated(name, () => handle.read(chunk, 0, chunk.length, at));
        if (bytesRead === 0)
          throw new AppError('UNAVAILABLE', `A spool in ${name} ends early.`, 'Check the device and run again.');
        at += bytesRead;
        yield chunk.subarray(0, bytesRead);
      }
    },
    async close() {
      if (isOpen) await handle.close();
      isOpen = false;
    },
  };
}
