import type { ArrivedScene } from '../../pipeline/arrival/pair.ts';
import type { NotReady } from '../../pipeline/arrival/reason.ts';
import { AppError, asAppError } from '../../pipeline/errors.ts';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { requireSubstance } from '../../pipeline/scene/describe.ts';
import type { SceneFlags } from '../../pipeline/scene/hint.ts';
import type { Scene } from '../../pipeline/types.ts';
import { openSource } from '../images/open-source.ts';
import { listSources, openScene } from '../images/open-scene.ts';
import { surveyLook } from '../series/survey-look.ts';

/** A scene that is whole and understood. */
export interface InspectedScene extends ArrivedScene {
  /** absolute paths or URIs */
  readonly files: readonly string[];
  readonly scene: Scene;
}

export type Inspection =
  | { readonly say: 'whole'; readonly scene: Omit<InspectedScene, 'name' | 'files'> }
  | { readonly say: 'not'; readonly reason: NotReady['reason']; readonly detail: string };

/**
 * Opens a file and decodes its last block: a file that is still being written has its end last, whatever its size says.
 *
 * @throws AppError INPUT_INVALID
 */
async function requireWhole(path: string): Promise<void> {
  const source = await openSource(path);
  try {
    const file = await openGeotiff(source, { cacheBytes: 0 });
    requireSubstance(file);
    const { width, height, bands } = file;
    await file.readWindow(
      { col: width - 1, row: height - 1, width: 1, height: 1 },
      bands.map((_band, index) => index),
    );
  } finally {
    await source.close();
  }
}

const detailOf = (error: AppError): string => `${error.message} ${error.todo}`.trim().replaceAll(/\s*\n\s*/g, ' ');

/**
 * Whether the files of a scene are whole, and what they show.
 *
 * @param withClouds also measures how cloudy it is, which reads pixels
 * @throws AppError of flags that cannot be read
 */
export async function inspectScene(
  files: readonly string[],
  flags: SceneFlags,
  withClouds: boolean,
): Promise<Inspection> {
  try {
    for (const { path } of await listSources(files)) await requireWhole(path);
  } catch (error) {
    const found = asAppError(error);
    if (found.code === 'UNAVAILABLE') return { say: 'not', reason: 'UNREACHABLE', detail: detailOf(found) };
    if (found.code !== 'INPUT_INVALID') throw found;
    return { say: 'not', reason: 'NOT_WHOLE', detail: detailOf(found) };
  }
  try {
    const { scene, close } = await openScene({ files: [...files], ...flags });
    await close();
    const cloudFraction = withClouds ? (await surveyLook(scene)).cloudFraction : null;
    const { id, acquired, sensor } = scene;
    return { say: 'whole', scene: { id, acquired, sensor, cloudFraction, scene } };
  } catch (error) {
    const found = asAppError(error);
    if (found.code === 'UNAVAILABLE') return { say: 'not', reason: 'UNREACHABLE', detail: detailOf(found) };
    if (found.code !== 'INPUT_INVALID') throw found;
    return { say: 'not', reason: 'UNREADABLE', detail: detailOf(found) };
  }
}
