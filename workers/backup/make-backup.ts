import { createHash } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { codeVersion } from '../compute/code-version.ts';
import { canonicalJson } from '../database/event.ts';
import { fileError, syncFolder, temporaryMark, writeFileAtomic } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import { makeFolder } from '../make-folder.ts';
import { type BackupManifest, type DumpedRows, backupFormat, manifestFile, objectListFile } from './backup-format.ts';
import { copyObjects, referredKeys } from './copy-objects.ts';
import { writeLines } from './sealed-file.ts';

export interface BackupParts {
  /** absolute path; absent or an empty folder */
  readonly to: string;
  readonly images: ImageStore;
  /** see `dumpRows`; by whoever has the database open */
  readonly dump: (folder: string) => Promise<DumpedRows>;
  readonly withCache: boolean;
  readonly now: () => Date;
}

/**
 * Write rows and objects into a new folder, which appears under its name when it is whole.
 *
 * @throws AppError CONFLICT where `to` holds something already; EXHAUSTED, FORBIDDEN, UNAVAILABLE
 */
export async function makeBackup({ to, images, dump, withCache, now }: BackupParts): Promise<BackupManifest> {
  await requireEmpty(to);
  await makeFolder(dirname(to)).catch((error: unknown) => {
    throw fileError(error, to);
  });
  const making = `${to}${temporaryMark}${process.pid}`;
  try {
    await rm(making, { recursive: true, force: true });
    await makeFolder(making).catch((error: unknown) => {
      throw fileError(error, to);
    });
    const writtenAt = now().toISOString();
    const dumped = await dump(making);
    const referred = await referredKeys(making, dumped.tables);
    const { objects, absent } = await copyObjects(images, making, { referred, withCache });
    const listed = await writeLines(join(making, objectListFile), inLines(objects));
    const manifest = sealed({
      format: backupFormat,
      writtenAt,
      codeVersion: codeVersion(),
      schemaVersion: dumped.schemaVersion,
      tables: dumped.tables,
      objects: listed,
      absent,
      hasCache: withCache,
    });
    await writeFileAtomic(join(making, manifestFile), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
    await rename(making, to).catch((error: unknown) => {
      throw fileError(error, to);
    });
    await syncFolder(dirname(to));
    return manifest;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** What a manifest without its own hash should carry as that. */
export function digestOf({ digest: _digest, ...rest }: Partial<BackupManifest>): string {
  return createHash('sha256').update(canonicalJson(rest)).digest('hex');
}

function sealed(rest: Omit<BackupManifest, 'digest'>): BackupManifest {
  return { ...rest, digest: digestOf(rest) };
}

async function* inLines(values: readonly unknown[]): AsyncGenerator<string> {
  for (const value of values) yield JSON.stringify(value);
}

async function requireEmpty(to: string): Promise<void> {
  const found = await readdir(to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw fileError(error, to);
  });
  if (found.length === 0) return;
  throw new AppError('CONFLICT', `${to} holds something already (${found[0]}).`, 'Give --to a new folder.');
}
