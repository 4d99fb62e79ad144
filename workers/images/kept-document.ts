import { AppError } from '../../pipeline/errors.ts';
import { openImages } from './open-images.ts';

const form = /^image-store:(.+)!\/([^!]+)$/s;

/** URI of a document in an image store, by which every host that reaches the store reads it: `image-store:<place>!/<key>`. */
export const keptUri = (place: string, key: string): string => `image-store:${place}!/${key}`;

/** Key of a document in an image store; null for any other path or URL. */
export const keyOfKept = (uri: string): string | null => form.exec(uri)?.[2] ?? null;

/** @throws AppError INPUT_INVALID where it is missing or damaged, UNAVAILABLE where the store cannot be reached */
export async function readKept(uri: string): Promise<string> {
  const [, place = '', key = ''] = form.exec(uri) ?? [];
  const bytes = await (await openImages(place)).get(key);
  if (bytes !== null) return new TextDecoder().decode(bytes);
  const todo = 'Give the command again that found the scene: it keeps the Item anew.';
  throw new AppError('INPUT_INVALID', `${key} is missing from the image store ${place} or damaged.`, todo, { uri });
}
