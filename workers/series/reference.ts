import { byDate } from '../../pipeline/scene/look-sieve.ts';
import { kindOfScene } from '../../pipeline/track/look.ts';
import type { OpenedLook } from './series-plan.ts';

/** A look of which less was seen is no reference while there is a clearer one. */
const clearFraction = 0.9;

/** The first look by date that is clear, else the clearest. A later scene never changes a clear one. */
export function firstClear(looks: readonly OpenedLook[]): OpenedLook | undefined {
  const sorted = looks.toSorted(byDate);
  const clear = sorted.find(({ seenFraction }) => seenFraction >= clearFraction);
  return (
    clear ??
    sorted.reduce<OpenedLook | undefined>(
      (best, look) => (best === undefined || look.seenFraction > best.seenFraction ? look : best),
      undefined,
    )
  );
}

const isMosaic = ({ sensor, scene }: OpenedLook): boolean => kindOfScene({ sensor, gsdM: scene.gsdM }) === 'uav';

/**
 * The look that all others are registered to and compared with: the first that is clear, else the clearest. A later scene
 * never changes it, so that what was computed stays. A mosaic of a drone, which shows a village, is it only where nothing else is.
 *
 * @param looks at least one
 */
export function referenceOf(looks: readonly OpenedLook[]): OpenedLook {
  const scenes = looks.filter((look) => !isMosaic(look));
  return firstClear(scenes.length > 0 ? scenes : looks)!;
}
