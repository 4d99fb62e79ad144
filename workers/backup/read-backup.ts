import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { listMigrations } from '../database/migrate.ts';
import {
  type BackupManifest,
  type ObjectEntry,
  backupManifestSchema,
  manifestFile,
  objectEntrySchema,
  objectFile,
  objectListFile,
  tableFile,
} from './backup-format.ts';
import { digestOf } from './make-backup.ts';
import { checkSeal, readLines } from './sealed-file.ts';

const todo = 'Take another copy of this backup; nothing was restored.';

export interface CheckedBackup {
  readonly manifest: BackupManifest;
  readonly objects: readonly ObjectEntry[];
}

/**
 * Read what a backup holds and hold every file against its hash.
 *
 * @throws AppError NOT_FOUND without a manifest, INPUT_INVALID that names the damaged file, CONFLICT when a newer program wrote it
 */
export async function checkBackup(folder: string): Promise<CheckedBackup> {
  const manifest = await readManifest(folder);
  for (const table of manifest.tables) await checkSeal(join(folder, tableFile(table.name)), table);
  const listPath = join(folder, objectListFile);
  await checkSeal(listPath, manifest.objects);
  const objects: ObjectEntry[] = [];
  for await (const line of readLines(listPath)) objects.push(objectEntrySchema.parse(JSON.parse(line)));
  for (const object of objects) await checkSeal(join(folder, objectFile(object.key)), object);
  return { manifest, objects };
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const path = join(folder, manifestFile);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new AppError(
      'NOT_FOUND',
      `There is no backup in ${folder}: ${path} cannot be read.`,
      'Give the folder that `tianwatch backup --to` made.',
    );
  });
  const parsed = backupManifestSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const { path: where = [], message = '' } = parsed.error.issues[0] ?? {};
    throw new AppError('INPUT_INVALID', `${path} is no manifest of a backup (${where.join('.')}: ${message}).`, todo);
  }
  const manifest = parsed.data;
  if (digestOf(manifest) !== manifest.digest)
    throw new AppError('INPUT_INVALID', `${path} is damaged: its digest does not follow from its content.`, todo);
  const known = (await listMigrations()).length;
  if (manifest.schemaVersion > known)
    throw new AppError(
      'CONFLICT',
      `The backup has schema version ${manifest.schemaVersion}, this program knows ${known}.`,
      `Use the program that wrote it (version ${manifest.codeVersion}) or a newer one.`,
    );
  return manifest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
