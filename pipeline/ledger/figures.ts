import { areasBy } from '../parcel/ledger.ts';
import { shareOutMu } from '../parcel/mu.ts';

/** Areas of a row of the ledger (m²), all of which add up over rows. */
export const areaFigures = [
  'planned',
  'reported',
  'observed',
  'underWay',
  'deviating',
  'tolerated',
  'idle',
  'unclear',
  'unobserved',
  'worked',
  'claimedNotSeen',
  'outside',
  'seenInMonth',
  'compared',
] as const;
export type AreaFigure = (typeof areaFigures)[number];

/** Of them those that make up the ground of a row. */
export const groundFigures = [
  'observed',
  'underWay',
  'deviating',
  'tolerated',
  'idle',
  'unclear',
  'unobserved',
] as const satisfies readonly AreaFigure[];

/** 0 or more. */
export type Figures = Readonly<Record<AreaFigure, number>>;

export const figuresBy = (valueOf: (figure: AreaFigure) => number): Figures =>
  Object.fromEntries(areaFigures.map((figure) => [figure, valueOf(figure)])) as Record<AreaFigure, number>;

/** Sums of rows for each key, in the order of the keys' code units; the order of the rows does not show in them. */
export function sumsBy<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  valueOf: (row: T) => number,
): ReadonlyMap<string, number> {
  return areasBy(
    rows.map((row) => ({ areaM2: valueOf(row), key: keyOf(row) })),
    ({ key }) => key,
  );
}

/**
 * Areas (m²) of rows as hundredths of a 亩, shared out from the whole over counties, towns and rows: towns add up to
 * their county, counties to the whole, and the whole is its own rounding.
 *
 * @param towns 9 digits of each row, the first six of which are its county
 */
export function muHundredths(areasM2: readonly number[], towns: readonly string[]): readonly number[] {
  const whole = (mu: number): number => Math.round(100 * mu);
  const positions = areasM2.map((_, i) => i);
  const areaOf = (i: number): number => areasM2[i]!;
  const out = areasM2.map(() => 0);
  const counties = sumsBy(positions, (i) => towns[i]!.slice(0, 6), areaOf);
  const countyMu = shareOutMu([...counties.values()]);
  [...counties.keys()].forEach((county, k) => {
    const own = positions.filter((i) => towns[i]!.slice(0, 6) === county);
    const byTown = sumsBy(own, (i) => towns[i]!, areaOf);
    const townMu = shareOutMu([...byTown.values()], 2, countyMu[k]!);
    [...byTown.keys()].forEach((town, t) => {
      const rows = own.filter((i) => towns[i] === town);
      shareOutMu(rows.map(areaOf), 2, townMu[t]!).forEach((mu, r) => (out[rows[r]!] = whole(mu)));
    });
  });
  return out;
}
