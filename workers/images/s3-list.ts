import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { endpointOf, openS3Client, parseS3Url } from './s3-client.ts';
import { s3Error } from './s3-error.ts';

/** An object as a listing shows it. */
export interface ListedObject {
  readonly uri: string;
  readonly bytes: number;
  /** changes whenever the object is written: ETag, size and second of the writing */
  readonly version: string;
}

interface Told {
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
}

// listings and answers differ in the quotes of an ETag, and an answer has whole seconds
const versionOf = ({ ETag, LastModified }: Told, bytes: number): string =>
  `${ETag?.replaceAll('"', '')}:${bytes}:${Math.floor((LastModified?.getTime() ?? 0) / 1000)}`;

/**
 * Objects below `s3://bucket/prefix`, by key.
 *
 * @throws AppError as `s3Error`
 */
export async function listS3(url: string): Promise<readonly ListedObject[]> {
  const { bucket, key } = parseS3Url(url);
  const client = openS3Client();
  const found: ListedObject[] = [];
  try {
    for (let token: string | undefined; ;) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: key === '' ? '' : `${key}/`,
          ...(token !== undefined && { ContinuationToken: token }),
        }),
      );
      for (const { Key, Size = 0, ...told } of page.Contents ?? [])
        // a key that ends with a slash is the folder that consoles make
        if (Key !== undefined && !Key.endsWith('/'))
          found.push({ uri: `s3://${bucket}/${Key}`, bytes: Size, version: versionOf(told, Size) });
      if (!page.IsTruncated || page.NextContinuationToken === undefined) return found;
      token = page.NextContinuationToken;
    }
  } catch (error) {
    throw s3Error(error, `${url} (${endpointOf()})`);
  } finally {
    client.destroy();
  }
}

/** Version of one object now; null: it is gone. @throws AppError as `s3Error` */
export async function versionInS3(uri: string): Promise<string | null> {
  const { bucket, key } = parseS3Url(uri);
  const client = openS3Client();
  try {
    const told = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return versionOf(told, told.ContentLength ?? 0);
  } catch (error) {
    if (error instanceof Error && ['NotFound', 'NoSuchKey'].includes(error.name)) return null;
    throw s3Error(error, uri);
  } finally {
    client.destroy();
  }
}
