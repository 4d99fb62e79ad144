import { AppError } from '../../pipeline/errors.ts';
import type { BandName, Scene, SceneBand } from '../../pipeline/types.ts';

/** Bands that IR-MAD, change vectors and the cloud mask work on, where both dates have them. */
const evidenceNames: readonly BandName[] = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'];
const maskNames: readonly BandName[] = ['scl', 'cloudmask'];
const fewestBands = 3;

/** Bands that are read of each date: the shared evidence bands first, in the same order on both dates. */
export interface LookBands {
  readonly evidence: readonly BandName[];
  readonly before: readonly SceneBand[];
  readonly after: readonly SceneBand[];
}

/**
 * @param modelBands bands of the network, read where a scene has them
 * @throws AppError INPUT_INVALID where the dates share fewer than three optical bands
 */
export function chooseBands(before: Scene, after: Scene, modelBands: readonly BandName[]): LookBands {
  const has = (scene: Scene, name: BandName): boolean => scene.bands.some((band) => band.name === name);
  const evidence = evidenceNames.filter((name) => has(before, name) && has(after, name));
  if (evidence.length < fewestBands) {
    const list = (scene: Scene): string => scene.bands.map(({ name }) => name).join(', ') || 'none';
    throw new AppError(
      'INPUT_INVALID',
      `The two dates share ${evidence.length} optical bands; ${fewestBands} are needed. before: ${list(before)}; after: ${list(after)}.`,
      'Give the missing files of the scene (comma-separated), or name the bands with --bands.',
      { before: before.bands.map(({ name }) => name), after: after.bands.map(({ name }) => name) },
    );
  }
  const pick = (scene: Scene): SceneBand[] =>
    [...evidence, ...modelBands.filter((name) => !evidence.includes(name)), ...maskNames].flatMap(
      (name) => scene.bands.find((band) => band.name === name) ?? [],
    );
  return { evidence, before: pick(before), after: pick(after) };
}
