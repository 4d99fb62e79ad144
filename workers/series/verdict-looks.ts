import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { equalAreaFrame, ringToFrame } from '../../pipeline/geo/frame.ts';
import type { StoredVerdict } from '../../pipeline/report/label-export.ts';
import { categories, type Category } from '../../pipeline/rule/reason.ts';
import { polygonsOnGrid } from '../../pipeline/tile/aoi.ts';
import { verdictReport } from '../../pipeline/track/verdict-look.ts';
import type { LookReport } from '../../pipeline/track/sighting.ts';
import type { Grid } from '../../pipeline/types.ts';
import { frameCentreOf } from './detect-look.ts';

type Ring = readonly (readonly [number, number])[];

const isChange: Readonly<Record<string, boolean>> = { confirmed: true, lawful: true, refuted: false, restored: false };

/** Whether the middle of it lies on the grid: ground elsewhere is another series' affair. */
function isOnGrid(grid: Grid, ground: readonly (readonly Ring[])[]): boolean {
  const points = polygonsOnGrid(grid, ground).flat(2);
  const middle = (axis: 0 | 1): number => {
    const values = points.map((point) => point[axis]);
    return (Math.min(...values) + Math.max(...values)) / 2;
  };
  const [col, row] = [middle(0), middle(1)];
  return col >= 0 && row >= 0 && col < grid.width && row < grid.height;
}

/**
 * Verdicts on changed ground of a grid as looks for tracking, up to a day; those on planting, and those whose track says
 * neither classes nor category, are left out.
 *
 * @param today ISO-8601 day: later ones are of the future
 */
export function verdictLooks(verdicts: readonly StoredVerdict[], grid: Grid, today: string): readonly LookReport[] {
  const [frame, crs] = [equalAreaFrame(frameCentreOf(grid)), crsFromEpsg(4326)];
  return verdicts.flatMap(({ id, axis, says, date, ground, classBefore, classAfter, category }) => {
    const isChanged = isChange[says];
    const known = categories.find((name): name is Category => name === category);
    if (axis !== 'land-class' || isChanged === undefined || date > today || ground === null) return [];
    if (isChanged && (classBefore === null || classAfter === null || known === undefined)) return [];
    const lonLat = ground.map((rings) => rings.map((ring) => ring.map(([x, y]) => [x!, y!] as const)));
    if (!isOnGrid(grid, lonLat)) return [];
    const polygons = lonLat.map((rings) => rings.map((ring) => ringToFrame(ring, crs, frame, Infinity)));
    return [
      verdictReport({
        id,
        date,
        isChanged,
        polygons,
        classBefore: classBefore ?? '',
        classAfter: classAfter ?? '',
        category: known ?? 'none',
      }),
    ];
  });
}
