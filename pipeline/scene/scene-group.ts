import { nameOfText, numberOfText } from './band-name.ts';

/** Files that are one scene by their names. */
export interface SceneGroup {
  /** what the files share: path without extension, resolution and band */
  readonly name: string;
  /** sorted */
  readonly files: readonly string[];
}

const resolution = /^\d{1,3}m$/i;

/** A word that says which part of a scene a file holds: `10m`, `B04`, `nir`, `SCL`; a lone letter may as well be a place. */
function isPart(word: string): boolean {
  if (word.length < 2) return false;
  return resolution.test(word) || numberOfText(word) !== null || nameOfText(word) !== null;
}

/** Path of a scene's file without extension and without the words at its end that say which part it is. */
export function sceneNameOf(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  let name = path.slice(slash).replace(/\.tiff?$/i, '');
  for (;;) {
    const cut = Math.max(name.lastIndexOf('_'), name.lastIndexOf('-'));
    if (cut < 1 || !isPart(name.slice(cut + 1))) return path.slice(0, slash) + name;
    name = name.slice(0, cut);
  }
}

/**
 * Group files into scenes by equal name.
 *
 * @param paths of GeoTIFFs, any order
 * @returns by name
 */
export function groupScenes(paths: readonly string[]): readonly SceneGroup[] {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const name = sceneNameOf(path);
    groups.set(name, [...(groups.get(name) ?? []), path]);
  }
  return [...groups]
    .map(([name, files]) => ({ name, files: files.toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
