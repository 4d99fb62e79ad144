import { createHash } from 'node:crypto';
import type { SeenFile } from '../../pipeline/arrival/settle.ts';
import { sharedGround } from '../../pipeline/tile/shared-ground.ts';
import type { Arrivals } from './arrivals.ts';
import { type InspectedScene, type Inspection, inspectScene } from './inspect-scene.ts';
import type { LookOptions } from './look.ts';
import type { WatchRequest } from './watch-request.ts';

const replaced: Inspection = { say: 'not', reason: 'REPLACED', detail: '' };

/** Inspects each version of a scene once, and knows which scenes share their ground. */
export function openInspector(
  { flags, cloudFraction }: WatchRequest,
  arrivals: Arrivals,
): Pick<LookOptions, 'inspect' | 'isSameGround'> {
  const inspected = new Map<string, Inspection>();
  const shared = new Map<string, boolean>();
  return {
    async inspect(files, images) {
      const key = keyOf(files);
      const known = inspected.get(key);
      if (known !== undefined) return known;
      const found = await inspectScene(images, flags, cloudFraction < 1);
      for (const { path, version } of files) if ((await arrivals.version(path)) !== version) return replaced;
      // an asset may come, or become whole, without a change of the Item that names it
      const isItem = files.some(({ item }) => item !== undefined);
      if (found.say === 'whole' || (found.reason !== 'UNREACHABLE' && !isItem)) inspected.set(key, found);
      return found;
    },
    isSameGround(a: InspectedScene, b: InspectedScene) {
      const key = [a.id, b.id].toSorted().join(' ');
      const known = shared.get(key) ?? sharedGround(a.scene.grid, b.scene.grid).ofLarger > 0.5;
      shared.set(key, known);
      return known;
    },
  };
}

function keyOf(files: readonly SeenFile[]): string {
  return createHash('sha256')
    .update(JSON.stringify(files.map(({ path, version }) => [path, version])))
    .digest('hex');
}
