import { openBench } from '../../workers/compute/bench.ts';
import { planRun } from '../../workers/compute/open.ts';
import type { Place } from './place.ts';

/**
 * A rule of thumb as baseline: vegetation index lost plus built-up index gained, (NDVI₁ − NDVI₂) + (NDBI₂ − NDBI₁), 0..1 from a
 * sum of 0 to one of 1; `[row][col]` on the grid of the finest before file. 0 where a band or a pixel is missing.
 */
export async function indexRule({ before, after }: Pick<Place, 'before' | 'after'>): Promise<Float32Array> {
  const plan = await planRun(
    {
      before: { files: [...before] },
      after: { files: [...after] },
      model: 'none',
      grid: 'before',
      out: '/nowhere',
      force: false,
    },
    {},
    () => undefined,
  );
  const bench = await openBench(plan);
  const { width, height } = plan.grid;
  const out = new Float32Array(width * height);
  const bands = plan.evidenceBands;
  const [red, nir, swir] = [bands.indexOf('red'), bands.indexOf('nir'), bands.indexOf('swir16')];
  if (red >= 0 && nir >= 0 && swir >= 0)
    for (const { keep } of plan.chunks) {
      const [first, second] = [await bench.tools.look('before', keep), await bench.tools.look('after', keep)];
      const size = keep.width * keep.height;
      const value = (data: Float32Array, band: number, i: number): number => data[band * size + i]!;
      const rise = (data: Float32Array, i: number): number =>
        (value(data, swir, i) - value(data, nir, i)) / (value(data, swir, i) + value(data, nir, i)) -
        (value(data, nir, i) - value(data, red, i)) / (value(data, nir, i) + value(data, red, i));
      for (let i = 0; i < size; i++) {
        const sum = rise(second.raster.data, i) - rise(first.raster.data, i);
        const to = (keep.row + Math.floor(i / keep.width)) * width + keep.col + (i % keep.width);
        out[to] = sum > 0 ? Math.min(1, sum) : 0;
      }
    }
  await bench.close();
  return out;
}
