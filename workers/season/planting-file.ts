import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { judgeAbandonment } from '../../pipeline/season/abandonment.ts';
import { tellAbandonment } from '../../pipeline/season/abandonment-told.ts';
import { plantingFindings, type ParcelYear, type PlantingFinding } from '../../pipeline/season/finding.ts';
import { judgePlanting, plantingCodes, type PlantingBasis } from '../../pipeline/season/planting.ts';
import type { SeasonRules } from '../../pipeline/season/season-rules.ts';
import { tableText } from '../../pipeline/rule/csv-table.ts';
import type { ParcelMeans } from './parcel-means.ts';

/** Columns of `planting.csv`, in this order. */
export const plantingColumns = [
  'parcel',
  'county',
  'year',
  'status',
  'code',
  'confidence',
  'grainProbability',
  'looks',
  'pixels',
  'evidence',
  'model',
  'abandonment',
  'finding',
] as const;

export interface PlantingRow extends ParcelYear {
  /** position in the survey */
  readonly feature: number;
  readonly parcel: string;
  readonly county: string;
  readonly pixels: number;
  /** what asks somebody to look; null: nothing */
  readonly finding: PlantingFinding | null;
}

/** Rules of seasons, with the region and the models of `judgePlanting`. */
export interface ParcelBasis extends Omit<PlantingBasis, 'rules'> {
  readonly rules: SeasonRules;
}

/**
 * Judge every parcel in every year, as the parcels' means come.
 *
 * @param years crop years, each named after its summer
 * @param basis null: no calendar is known for the place, nothing is judged
 */
export async function* judgeParcels(
  means: AsyncIterable<ParcelMeans>,
  {
    layer,
    years,
    basis,
  }: { readonly layer: ParcelLayer; readonly years: readonly number[]; readonly basis: ParcelBasis | null },
): AsyncGenerator<PlantingRow> {
  if (basis === null) return;
  const { rules, ...rest } = basis;
  const columns = layer.columns;
  for await (const { feature, pixels, series } of means) {
    const countyCode = columns['county']?.[feature] ?? '';
    const county = countyCode === '' ? null : countyCode;
    // fallow is what the survey declares: no image tells it
    const isDeclaredFallow = columns['planting']?.[feature] === plantingCodes.fallow;
    const seen = years.map((year): ParcelYear => {
      const question = { series, year, county, isDeclaredFallow };
      return {
        judgement: judgePlanting(question, { rules: rules.planting, ...rest }),
        abandonment: judgeAbandonment(series, year, rules.abandonment),
      };
    });
    const judged = tellAbandonment(seen);
    const findings = plantingFindings(judged, rules, series.dates.toSorted().at(-1) ?? '');
    const common = { feature, parcel: columns['id']?.[feature] ?? String(feature + 1), county: countyCode, pixels };
    for (const [at, year] of judged.entries()) yield { ...common, ...year, finding: findings[at]! };
  }
}

/** One row of `planting.csv`; reasons are separated by a semicolon, a date stands after its reason. */
export function plantingCells(row: PlantingRow): readonly string[] {
  const { parcel, county, pixels, judgement, abandonment, finding } = row;
  const { year, status, code, confidence, grainProbability, looks, evidence, model } = judgement;
  return [
    parcel,
    county,
    String(year),
    status,
    code,
    confidence.toFixed(3),
    grainProbability === null ? '' : grainProbability.toFixed(3),
    String(looks),
    String(pixels),
    evidence.map(({ zh, date }) => (date === null ? zh : `${zh} ${date}`)).join('；'),
    model ?? '',
    abandonment.state,
    finding?.rule.category ?? '',
  ];
}

/** A block of `planting.csv`; the first has the byte order mark and the head. */
export function plantingText(rows: readonly PlantingRow[], isFirst: boolean): string {
  const cells = rows.map(plantingCells);
  return isFirst ? tableText([plantingColumns, ...cells]) : tableText(cells).replace('\uFEFF', '');
}
