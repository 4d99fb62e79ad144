import { fileURLToPath } from 'node:url';
import { openFileSource } from './file-source.ts';
import type { Source } from './source.ts';

/**
 * A path, `file://`, `s3://bucket/key` or `https://` URL as a source of bytes. What is remote is read by ranges, never whole,
 * and refuses to go on when it was replaced meanwhile.
 *
 * @throws AppError INPUT_INVALID for what is not there or cannot be used, UNAVAILABLE where device or server fail,
 * CONFIG_INVALID for settings of S3
 */
export async function openSource(uri: string): Promise<Source> {
  // what speaks to the network is loaded by who needs it
  if (/^s3:/i.test(uri)) return (await import('./s3-source.ts')).openS3Source(uri);
  if (/^https?:/i.test(uri)) return (await import('./http-source.ts')).openHttpSource(uri);
  const path = /^file:/i.test(uri) ? fileURLToPath(uri) : uri;
  return { ...(await openFileSource(path)), etag: null };
}
