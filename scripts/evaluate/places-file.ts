import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';
import type { SceneRequest } from '../../pipeline/request.ts';
import { splitPaths } from '../../workers/images/source.ts';
import { placesSchema } from './evaluation-format.ts';

/** A place of the file, its paths made absolute. */
export type PlaceEntry = Omit<z.infer<typeof placesSchema>['places'][number], 'before' | 'after'> & {
  readonly before: SceneRequest;
  readonly after: SceneRequest;
};

/**
 * Read `tianwatch-places/1`.
 *
 * @throws AppError NOT_FOUND, or CONFIG_INVALID naming the key
 */
export function readPlaces(path: string): PlaceEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('NOT_FOUND', `--places ${path} cannot be read.`, 'Check the path.', { path }, error);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new AppError(
      'CONFIG_INVALID',
      `--places ${path} is no JSON.`,
      'docs/formats.md has the keys.',
      { path },
      error,
    );
  }
  const parsed = placesSchema.safeParse(document);
  if (!parsed.success) {
    const said = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`).join('; ');
    throw new AppError('CONFIG_INVALID', `--places ${path} is not valid: ${said}.`, 'docs/formats.md has the keys.');
  }
  const folder = dirname(resolve(path));
  const sceneOf = (given: z.infer<typeof placesSchema>['places'][number]['before']): SceneRequest => {
    const { files, ...flags } = typeof given === 'string' ? { files: splitPaths(given) } : given;
    return { ...flags, files: files.map((file) => resolve(folder, file)) };
  };
  return parsed.data.places.map((place) => ({
    ...place,
    before: sceneOf(place.before),
    after: sceneOf(place.after),
    labels: resolve(folder, place.labels),
  }));
}
