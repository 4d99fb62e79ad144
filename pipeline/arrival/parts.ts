import { sceneNameOf } from '../scene/scene-group.ts';

/** Words at the end of a file's name that say which part of its scene it is: `10m`, `B04`. */
export function partWords(path: string): readonly string[] {
  const rest = path.slice(sceneNameOf(path).length).replace(/\.tiff?$/i, '');
  return rest.split(/[_-]/).filter((word) => word !== '');
}

/**
 * Which of the parts that every scene has are not among its files.
 *
 * @param parts as in names, e.g. `10m`, `20m`; upper and lower case are alike
 */
export function missingParts(files: readonly string[], parts: readonly string[]): readonly string[] {
  const present = new Set(files.flatMap((path) => partWords(path).map((word) => word.toLowerCase())));
  return parts.filter((part) => !present.has(part.toLowerCase()));
}
