import { basename } from 'node:path';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import type { ParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import type { Dictionary } from './attributes.ts';
import type { Draft, ImportBasis, ReadRows, RepairedRow } from './draft.ts';
import type { Preview } from './preview.ts';
import { type QuickLook, quickLimits } from './quick-look.ts';
import { type SelfOverlap, selfOverlaps } from './self-overlap.ts';
import { findGaps } from './survey-gaps.ts';

const m2PerMu = 2000 / 3;
const cents = (value: number): number => Math.round(value * 100) / 100;
const areas = (areaM2: number) => ({ areaM2: cents(areaM2), areaMu: cents(areaM2 / m2PerMu) });

export interface AsOf {
  readonly date: string | null;
  readonly how: string;
}

/**
 * The date a file describes: the option, else 31 December of the year that its rows name (the day the annual survey
 * refers to).
 */
export function asOfOf(option: string | undefined, { years, problems }: Pick<ReadRows, 'years' | 'problems'>): AsOf {
  if (option !== undefined) return { date: option, how: '--as-of' };
  const latest = years.at(-1);
  if (latest === undefined) return { date: null, how: 'nothing says it' };
  if (years.length > 1)
    problems.add('YEARS_DIFFER', {
      what: `rows name the years ${years.join(', ')}`,
      todo: `${latest} counts; --as-of says another date.`,
    });
  return { date: `${latest}-12-31`, how: 'year of the rows (SJNF)' };
}

/**
 * What was found, for people; overlaps and gaps are looked for here.
 *
 * Permits may overlap each other and what they permit, so of them nothing is said.
 */
export function describeDraft(draft: Draft, asOf: AsOf, basis: ImportBasis, index: ParcelIndex): Preview {
  const { kind, layer, repaired } = draft;
  const { listedRows, overlap } = basis.limits;
  const mayOverlap = kind === 'permit' || kind === 'sub-project';
  const overlaps = mayOverlap ? null : selfOverlaps(layer, index, overlap.leastM2);
  const largest = (overlaps ?? []).toSorted((a, b) => b.areaM2 - a.areaM2).slice(0, listedRows);
  const rowOf = (feature: number): number => Number(layer.columns['row']?.[feature] ?? feature + 1);
  const sharedM2 = (overlaps ?? []).reduce((sum, { areaM2 }) => sum + areaM2, 0);
  if (overlaps && overlaps.length > 0) tellOverlaps(draft, { overlaps, largest, sharedM2, rowOf });
  const gaps = kind === 'land-survey' ? gapsOfDraft(draft, basis, index) : null;
  const codes = layer.columns[kind === 'sub-project' ? 'plannedCode' : 'code'] ?? [];
  return {
    ...describeRows({ ...draft, areaM2: layer.areaM2, codes, boundsDeg: boundsOf(layer) }, asOf, basis),
    repaired: repaired
      .toSorted(byChange)
      .slice(0, listedRows)
      .map((row) => ({ ...row, areaBeforeM2: cents(row.areaBeforeM2), areaAfterM2: cents(row.areaAfterM2) })),
    repairedRows: repaired.length,
    overlaps: overlaps && {
      pairs: overlaps.length,
      areaM2: cents(sharedM2),
      first: largest.map(({ features, areaM2 }) => ({ rows: features.map(rowOf), areaM2: cents(areaM2) })),
    },
    gaps,
    notCovered: [],
  };
}

function gapsOfDraft({ problems }: Draft, { limits, dictionary }: ImportBasis, index: ParcelIndex): Preview['gaps'] {
  const { listedRows, gap } = limits;
  const townName = (code: string): string => dictionary.towns.get(code)?.name ?? '';
  return findGaps(index, { leastM2: gap.leastM2, listedRows, townName, problems });
}

/** The same of a quick look, which knows of no repairs, overlaps and gaps. */
export function describeLook(look: QuickLook, asOf: AsOf, basis: ImportBasis): Preview {
  const unknown = { repaired: [], repairedRows: 0, overlaps: null, gaps: null, notCovered: [...quickLimits] };
  return { ...describeRows(look, asOf, basis), ...unknown };
}

type Described = Omit<QuickLook, 'areaM2'> & { readonly areaM2: ArrayLike<number> };

function describeRows(
  read: Described,
  asOf: AsOf,
  { dictionary }: ImportBasis,
): Omit<Preview, 'repaired' | 'repairedRows' | 'overlaps' | 'gaps' | 'notCovered'> {
  const { source, kind, zone, map, rows, givenAreaM2, boundsDeg, problems } = read;
  const areaM2 = Array.from(read.areaM2);
  return {
    format: 'tianwatch-import/1',
    file: basename(source.path),
    fileFormat: source.format,
    fileLayer: source.layer,
    kind,
    zone,
    asOf: asOf.date,
    asOfHow: asOf.how,
    rows,
    withoutGround: areaM2.filter((area) => !(area > 0)).length,
    ...areas(areaM2.reduce((sum, area) => sum + area, 0)),
    givenAreaM2: givenAreaM2 === null ? null : cents(givenAreaM2),
    boundsDeg: boundsDeg && [six(boundsDeg[0]), six(boundsDeg[1]), six(boundsDeg[2]), six(boundsDeg[3])],
    crs: { epsg: source.crs.epsg, name: source.crs.name, how: source.crsHow },
    encoding: source.encoding,
    encodingHow: source.encodingHow,
    columns: { mapped: { ...map.columns }, missing: [...map.missing], unknown: [...map.unknown] },
    codes: codesOf(read.codes, areaM2, dictionary),
    problems: [...problems.list()],
  };
}

const six = (value: number): number => Math.round(value * 1e6) / 1e6;

/** The largest change of area first. */
const byChange = (a: RepairedRow, b: RepairedRow): number =>
  Math.abs(b.areaAfterM2 - b.areaBeforeM2) - Math.abs(a.areaAfterM2 - a.areaBeforeM2) || a.row - b.row;

function tellOverlaps(
  { problems }: Draft,
  found: {
    readonly overlaps: readonly SelfOverlap[];
    readonly largest: readonly SelfOverlap[];
    readonly sharedM2: number;
    readonly rowOf: (feature: number) => number;
  },
): void {
  const { overlaps, largest, sharedM2, rowOf } = found;
  const pairs = largest
    .slice(0, 3)
    .map(({ features, areaM2 }) => `${features.map(rowOf).join(' and ')} ${areaM2.toFixed(2)} m²`);
  problems.add('OVERLAP', {
    what: `${overlaps.length} pairs of rows overlap, ${sharedM2.toFixed(2)} m² in all: rows ${pairs.join(', ')}${overlaps.length > 3 ? ' …' : ''}`,
    todo: 'Shared ground counts for both; correct the outlines where that matters.',
  });
}

function codesOf(codes: readonly string[], areaM2: readonly number[], { landCodes }: Dictionary): Preview['codes'] {
  const found = new Map<string, { rows: number; areaM2: number }>();
  for (const [feature, code] of codes.entries()) {
    if (code === '') continue;
    const entry = found.get(code) ?? { rows: 0, areaM2: 0 };
    found.set(code, entry);
    entry.rows += 1;
    entry.areaM2 += areaM2[feature] ?? 0;
  }
  return [...found]
    .toSorted(([a, x], [b, y]) => y.areaM2 - x.areaM2 || (a < b ? -1 : 1))
    .map(([code, { rows, areaM2 }]) => ({ code, name: landCodes.get(code)?.name ?? '', rows, ...areas(areaM2) }));
}

/** A box in degrees that holds the layer: the outline of its box in the frame, mapped. */
function boundsOf({ coordinates, centre }: ParcelLayer): Preview['boundsDeg'] {
  if (coordinates.length === 0) return null;
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < coordinates.length; i += 2) {
    const [x, y] = [coordinates[i] as number, coordinates[i + 1] as number];
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  const { toLonLat } = equalAreaFrame(centre);
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const outline = steps.flatMap((t) => {
    const [x, y] = [minX + t * (maxX - minX), minY + t * (maxY - minY)];
    return [toLonLat(x, minY), toLonLat(x, maxY), toLonLat(minX, y), toLonLat(maxX, y)];
  });
  const [lons, lats] = [outline.map(([lon]) => lon), outline.map(([, lat]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
