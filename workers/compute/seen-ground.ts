import { join } from 'node:path';
import type { GroundDeg } from '../../pipeline/alert/case.ts';
import { applyAffine, invertAffine } from '../../pipeline/geo/affine.ts';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { type Grid, unobserved } from '../../pipeline/types.ts';
import { openFileSource } from '../images/file-source.ts';
import type { RunPlan } from './run-plan.ts';
import { rasterFiles } from './stitch.ts';

/** Columns where the middle line of a row crosses the outlines, ascending. */
function crossings(rings: readonly (readonly (readonly [number, number])[])[], row: number): number[] {
  const y = row + 0.5;
  const found: number[] = [];
  for (const ring of rings)
    for (let i = 1; i < ring.length; i++) {
      const [[px, py], [qx, qy]] = [ring[i - 1]!, ring[i]!];
      if (py > y !== qy > y) found.push(px + ((y - py) * (qx - px)) / (qy - py));
    }
  return found.sort((a, b) => a - b);
}

/** Outlines in pixels of the grid. */
function onGrid(ground: GroundDeg, grid: Grid): readonly (readonly (readonly [number, number])[])[] {
  const toGrid = projector(crsFromEpsg(4326), grid.crs);
  const inverse = invertAffine(grid.affine);
  return ground.flat().map((ring) => ring.map(([lon, lat]) => applyAffine(inverse, ...toGrid(lon, lat))));
}

/**
 * Share of each ground (0..1, by pixels) that a run saw on both dates, by the `change.tif` in its staging folder; null
 * where the place of the ground is not known. What lies outside the grid was not seen.
 */
export async function seenFractions(
  { grid }: Pick<RunPlan, 'grid'>,
  staging: string,
  grounds: readonly (GroundDeg | null)[],
): Promise<readonly (number | null)[]> {
  const file = await openGeotiff(await openFileSource(join(staging, rasterFiles.change)));
  try {
    const fractions: (number | null)[] = [];
    for (const ground of grounds) {
      if (ground === null) {
        fractions.push(null);
        continue;
      }
      const rings = onGrid(ground, grid);
      const points = rings.flat();
      const [from, end] = [
        Math.floor(Math.min(...points.map(([, row]) => row))),
        Math.ceil(Math.max(...points.map(([, row]) => row))),
      ];
      let [seen, all] = [0, 0];
      for (let row = from; row < end; row++) {
        const cols = crossings(rings, row);
        if (cols.length < 2) continue;
        const first = Math.max(0, Math.floor(cols[0]!));
        const width = Math.min(grid.width, Math.ceil(cols.at(-1)!)) - first;
        const isInside = row >= 0 && row < grid.height && width > 0;
        const data = isInside ? (await file.readWindow({ col: first, row, width, height: 1 }, [0])).data : null;
        for (let k = 0; k + 1 < cols.length; k += 2)
          for (let col = Math.ceil(cols[k]! - 0.5); col + 0.5 < cols[k + 1]!; col++) {
            all += 1;
            const value = data?.[col - first] ?? unobserved;
            if (value !== unobserved) seen += 1;
          }
      }
      fractions.push(all === 0 ? 0 : seen / all);
    }
    return fractions;
  } finally {
    await file.close();
  }
}
