import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { type Gap, gapsOf } from '../../pipeline/parcel/gaps.ts';
import type { ParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import type { Preview } from './preview.ts';
import type { ProblemList } from './problem.ts';

type FoundGaps = NonNullable<Preview['gaps']>;

const m2PerMu = 2000 / 3;
const cents = (value: number): number => Math.round(value * 100) / 100;
const areas = (areaM2: number) => ({ areaM2: cents(areaM2), areaMu: cents(areaM2 / m2PerMu) });
/** Neighbours that one gap names. */
const namedRows = 5;

/** Ground between the parcels of a survey that no parcel has: told with area, place and towns, never a reason to refuse. */
export function findGaps(
  index: ParcelIndex,
  how: {
    readonly leastM2: number;
    readonly listedRows: number;
    readonly townName: (code: string) => string;
    readonly problems: ProblemList;
  },
): FoundGaps {
  const { leastM2, listedRows, townName, problems } = how;
  const { layer } = index;
  const frame = equalAreaFrame(layer.centre);
  const gaps = gapsOf(index, leastM2).map((gap) => ({ ...gap, towns: townsAt(gap, layer.columns['town'] ?? []) }));
  const sumM2 = (own: readonly Gap[]): number => own.reduce((sum, { areaM2 }) => sum + areaM2, 0);
  const described = gaps.slice(0, listedRows).map(({ areaM2, centre, neighbours, towns }) => {
    const [lonDeg, latDeg] = frame.toLonLat(...centre);
    const rows = neighbours
      .slice(0, namedRows)
      .map((feature) => Number(layer.columns['row']?.[feature] ?? feature + 1));
    return { ...areas(areaM2), lonDeg: sixth(lonDeg), latDeg: sixth(latDeg), towns: [...towns], rows };
  });
  const byTown = [...groupsOf(gaps, ({ towns }) => towns[0] ?? '')]
    .toSorted(([, a], [, b]) => sumM2(b) - sumM2(a))
    .map(([town, own]) => ({ town, name: townName(town), gaps: own.length, ...areas(sumM2(own)) }));
  if (gaps.length > 0) {
    const places = described.slice(0, 3).map(({ areaM2, lonDeg, latDeg, towns }) => {
      const names = towns.map((town) => townName(town) || town).join(' ');
      return `${areaM2.toFixed(2)} m² at ${lonDeg.toFixed(6)}, ${latDeg.toFixed(6)}${names === '' ? '' : ` (${names})`}`;
    });
    problems.add('GAP', {
      what: `${gaps.length} gaps between parcels, ${sumM2(gaps).toFixed(2)} m² in all: ${places.join('; ')}${gaps.length > 3 ? ' …' : ''}`,
      todo: 'Nothing is known of this ground and no balance counts it; ask for the missing parcels where that matters.',
    });
  }
  return { count: gaps.length, ...areas(sumM2(gaps)), first: described, byTown };
}

const sixth = (value: number): number => Math.round(value * 1e6) / 1e6;

function groupsOf<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Towns of the parcels around, that of most of them first. */
function townsAt({ neighbours }: Gap, towns: readonly string[]): readonly string[] {
  const known = neighbours.flatMap((feature) => towns[feature] || []);
  return [...groupsOf(known, (town) => town)]
    .toSorted(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([town]) => town);
}
