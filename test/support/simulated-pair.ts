import { openFineTruth } from '../../scripts/simulate/fine-truth.ts';
import { openLook } from '../../scripts/simulate/render.ts';
import { openSky } from '../../scripts/simulate/sky.ts';
import { openTruth } from '../../scripts/simulate/truth.ts';
import { makeWorld } from '../../scripts/simulate/world.ts';
import type { Raster } from '../../pipeline/types.ts';

export interface SimulatedPair {
  /** reflectance, bands blue, green, red, nir and at 10 m swir16, swir22 */
  readonly before: Raster<Float32Array>;
  readonly after: Raster<Float32Array>;
  /** codes of `fine-13` as painted, before and after */
  readonly fine: readonly [Uint8Array, Uint8Array];
  /** kind of the change that has the greater part of each pixel, null where the ground is as it was */
  readonly kindAt: (pixel: number) => string | null;
}

/** Two Augusts of a simulated landscape without cloud, the second one exactly on the grid of the first. */
export function simulatedPair(seed: number, sizePx: number, gsd: '10' | '2' = '10'): SimulatedPair {
  const world = makeWorld({ seed, size: sizePx, gsd, looks: 2 });
  const { sensor, sideM, looks } = world;
  const [first, last] = [looks[0]!, looks.at(-1)!].map((look) => ({
    ...look,
    cloudFraction: 0,
    shiftPx: { col: 0, row: 0 },
  })) as [(typeof looks)[number], (typeof looks)[number]];
  const raster = (look: (typeof looks)[number]): Raster<Float32Array> => {
    const rows = openLook(world, look, { sensor, sky: openSky(look, { seed, sideM }), sizePx }).rows(0, sizePx);
    return { data: Float32Array.from(rows, (dn) => dn / 10_000), width: sizePx, height: sizePx, bands: sensor.bands };
  };
  const wanted = { gsdM: sensor.gsdM, subPx: sensor.subPx, sizePx, days: [first.day, last.day] } as const;
  const { owner } = openTruth(world, wanted)({ fromRow: 0, count: sizePx });
  const [fineBefore, fineAfter] = openFineTruth(world, wanted)({ fromRow: 0, count: sizePx });
  return {
    fine: [fineBefore!, fineAfter!],
    before: raster(first),
    after: raster(last),
    kindAt: (pixel) => (owner[pixel] === 0 ? null : world.changes[owner[pixel]! - 1]!.kind.id),
  };
}
