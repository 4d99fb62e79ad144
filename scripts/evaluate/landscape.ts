import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { simulate } from '../simulate/simulate.ts';
import type { Place } from './place.ts';

export interface LandscapesWanted {
  readonly seeds: readonly number[];
  /** px */
  readonly size: number;
  /** where they are made, and found again */
  readonly folder: string;
}

/** Simulated landscapes, two Augusts a year apart, with their truth: change of any kind is change. */
export async function landscapePairs({ seeds, size, folder }: LandscapesWanted): Promise<Place[]> {
  const places: Place[] = [];
  for (const seed of seeds) {
    const out = join(folder, `${seed}-${size}`);
    if (!existsSync(join(out, 'simulation.json'))) await simulate({ seed, size, gsd: '10', looks: 2 }, out);
    const scenes = readdirSync(join(out, 'scenes'))
      .filter((file) => file.endsWith('.tif'))
      .toSorted()
      .map((file) => join(out, 'scenes', file));
    places.push({
      name: `simulated ${seed}`,
      before: [scenes[0]!],
      after: [scenes.at(-1)!],
      mask: join(out, 'truth', 'change.tif'),
      truthOf: (value) => (value === 0 ? 1 : 2),
    });
  }
  return places;
}
