import { createHash } from 'node:crypto';
import { canonicalJson } from '../database/event.ts';
import type { ImageStore } from '../images/store.ts';
import { pixelsVersion } from '../pixels-version.ts';

/**
 * A small fact that follows from `origin`, looked up before it is found out.
 *
 * @param kind word of the key
 * @param origin all that the fact follows from, besides the code, as JSON
 */
export async function cached<T>(images: ImageStore, kind: string, origin: unknown, find: () => Promise<T>): Promise<T> {
  const sha = createHash('sha256')
    .update(canonicalJson([origin, pixelsVersion()]))
    .digest('hex');
  const key = `series/${kind}/${sha.slice(0, 2)}/${sha}`;
  const known = await images.get(key);
  if (known !== null) {
    await images.touch(key);
    return JSON.parse(new TextDecoder().decode(known)) as T;
  }
  const text = JSON.stringify(await find());
  await images.put(key, new TextEncoder().encode(text));
  // as it will be read the next time: a number survives JSON, `undefined` does not
  return JSON.parse(text) as T;
}
