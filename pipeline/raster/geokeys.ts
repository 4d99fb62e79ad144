import { tagNumbers, tagText, type Ifd, type Tiff } from './ifd.ts';

/** Key id → a code, a number, several numbers or text. */
export type GeoKeys = ReadonlyMap<number, number | readonly number[] | string>;

const tags = { directory: 34_735, doubles: 34_736, texts: 34_737 } as const;

/** The keys of a file; what points outside its values is left out. */
export async function readGeoKeys(tiff: Tiff, ifd: Ifd): Promise<GeoKeys> {
  const keys = new Map<number, number | readonly number[] | string>();
  const directory = await tagNumbers(tiff, ifd, tags.directory);
  if (directory === null) return keys;
  const doubles = (await tagNumbers(tiff, ifd, tags.doubles)) ?? new Float64Array(0);
  const texts = (await tagText(tiff, ifd, tags.texts)) ?? '';
  for (let at = 4; at + 3 < directory.length && at < 4 + (directory[3] ?? 0) * 4; at += 4) {
    const [key = 0, place, count = 0, value = 0] = directory.subarray(at, at + 4);
    if (place === 0) keys.set(key, value);
    else if (place === tags.doubles && value + count <= doubles.length) {
      const numbers = [...doubles.subarray(value, value + count)];
      keys.set(key, numbers.length === 1 ? (numbers[0] as number) : numbers);
    } else if (place === tags.texts) keys.set(key, texts.slice(value, value + count).replace(/\|$/, ''));
    else if (place === tags.directory) keys.set(key, directory[value] ?? 0);
  }
  return keys;
}
