import { openFolderStore } from './folder-store.ts';
import type { ImageStore } from './store.ts';

/**
 * The image store at a place: `s3://bucket/prefix`, or the path of a folder (made if absent).
 *
 * @throws AppError where the place cannot be used
 */
export async function openImages(place: string): Promise<ImageStore> {
  if (!place.startsWith('s3://')) return openFolderStore(place);
  // the client of S3 takes a quarter of a second to load; a folder needs none
  const { openS3Store } = await import('./s3-store.ts');
  return openS3Store(place);
}
