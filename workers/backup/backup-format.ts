import { z } from 'zod';
import { checkKey } from '../images/store.ts';

export const backupFormat = 'tianwatch-backup/1';

/** Names of a backup's files; tables lie in `table/`, objects in `object/` under their keys. */
export const manifestFile = 'manifest.json';
export const objectListFile = 'objects.jsonl.gz';
export const tableFile = (name: string): string => `table/${name}.jsonl.gz`;
export const objectFile = (key: string): string => `object/${key}`;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.int().min(0);
const tableName = z.string().regex(/^[a-z][a-z0-9_]*$/);

export const tableEntrySchema = z.object({
  name: tableName.describe('table of the schema `tianwatch`; its rows are JSON lines in `table/<name>.jsonl.gz`'),
  rows: z.int().min(0).describe('lines of the file'),
  bytes: bytes.describe('size of the file (bytes)'),
  sha256: sha256.describe('of the file'),
});
export type TableEntry = z.infer<typeof tableEntrySchema>;

/** The rows of one moment, written as files. */
export const dumpedRowsSchema = z.object({
  schemaVersion: z.int().min(1),
  tables: z.array(tableEntrySchema).readonly(),
});
export type DumpedRows = z.infer<typeof dumpedRowsSchema>;

export const objectEntrySchema = z.object({
  key: z.string().transform(checkKey),
  bytes,
  sha256,
});
export type ObjectEntry = z.infer<typeof objectEntrySchema>;

export const backupManifestSchema = z.object({
  format: z.literal(backupFormat),
  writtenAt: z.iso.datetime().describe('when the rows were read, UTC'),
  codeVersion: z.string().describe('version of the program that wrote it'),
  schemaVersion: z.int().min(1).describe('number of the last migration of the database'),
  tables: z.array(tableEntrySchema).readonly().describe('in an order in which each comes after those it refers to'),
  objects: z
    .object({ count: z.int().min(0), bytes, sha256 })
    .describe('`objects.jsonl.gz`: one line an object with key, bytes and sha256; its own size and hash'),
  absent: z
    .array(z.string())
    .readonly()
    .describe('objects that rows refer to and that were lost or damaged already when this was written'),
  hasCache: z.boolean().describe('whether what can be computed again (chunks, weighed looks) is here too'),
  digest: sha256.describe('sha256 over the canonical JSON of all other keys'),
});
export type BackupManifest = z.infer<typeof backupManifestSchema>;
