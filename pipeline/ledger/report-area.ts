import { muM2 } from '../parcel/mu.ts';
import { type AreaUnit, areaUnits, type ReportColumn } from './report-columns.ts';

const unitM2: Readonly<Record<AreaUnit, number>> = { M2: 1, Mu: muM2, Ha: 10_000 };
const unitZh: Readonly<Record<AreaUnit, string>> = { M2: 'm²', Mu: '亩', Ha: '公顷' };

/** How far the printed digits of a sum may be off (m²): a digit and a half of two decimals, in hectares of four. */
export const sumToleranceM2: Readonly<Record<AreaUnit, number>> = { M2: 0.015, Mu: 0.015 * muM2, Ha: 1.5 };

/** An area as people read it: in the unit of the file, then in m². */
export function areaText(areaM2: number, unit: AreaUnit): string {
  const m2 = `${areaM2.toFixed(2)} m²`;
  return unit === 'M2' ? m2 : `${(areaM2 / unitM2[unit]).toFixed(unit === 'Ha' ? 4 : 2)} ${unitZh[unit]} (${m2})`;
}

/** A number of people: spaces and thousands' commas apart; null = empty, NaN = none. */
function numberOf(text: string): number | null {
  const plain = text.normalize('NFKC').replaceAll(/[\s,]/g, '');
  if (plain === '' || plain === '-') return null;
  return /^-?\d+(\.\d*)?(e[+-]?\d{1,3})?$/i.test(plain) ? Number(plain) : Number.NaN;
}

/** Half of the last digit that a text prints, in its own unit. */
function halfDigit(text: string): number {
  const decimals = /\.(\d+)/.exec(text.normalize('NFKC'))?.[1]?.length ?? 0;
  return 0.5 * 10 ** -decimals;
}

/** An area as a row says it. */
export interface ReadArea {
  /** null: not said; NaN: no number */
  readonly areaM2: number | null;
  /** that it stands in; of several the first of m², 亩, 公顷 */
  readonly unit: AreaUnit;
  /** as the file has it */
  readonly text: string;
  /** half of its last digit (m²) */
  readonly halfDigitM2: number;
  /** what another unit says that is another area; null: all agree */
  readonly other: string | null;
}

/** What a row says of an area, in whatever units it says it. */
export function readArea(of: (column: ReportColumn) => string, which: 'planned' | 'reported'): ReadArea {
  const said = areaUnits.flatMap((unit) => {
    const text = of(`${which}${unit}`);
    const value = numberOf(text);
    return value === null
      ? []
      : [{ unit, text, areaM2: value * unitM2[unit], halfDigitM2: halfDigit(text) * unitM2[unit] }];
  });
  const [first, ...rest] = said;
  if (first === undefined) return { areaM2: null, unit: 'M2', text: '', halfDigitM2: 0, other: null };
  const other = rest.find(
    ({ areaM2, halfDigitM2 }) =>
      !(Math.abs(areaM2 - first.areaM2) <= 1.1 * (halfDigitM2 + first.halfDigitM2)) && !Number.isNaN(first.areaM2),
  );
  return { ...first, other: other === undefined ? null : `${other.text} ${unitZh[other.unit]}` };
}
