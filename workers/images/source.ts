import type { ByteSource } from '../../pipeline/ports.ts';

/** Bytes of an image, wherever it is. */
export interface Source extends ByteSource {
  /** what changes when the bytes do, as its server says (ETag, else time of change); null: a file of this machine */
  readonly etag: string | null;
}

/** Whether a name is a URL of the network, not a path: `s3://`, `https://`, `http://`. */
export const isRemote = (uri: string): boolean => /^(s3|https?):\/\//i.test(uri);
