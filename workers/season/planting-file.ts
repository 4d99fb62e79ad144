import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { judgePlanting, type PlantingBasis, type PlantingJudgement } from '../../pipeline/season/planting.ts';
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
] as const;

export interface PlantingRow {
  readonly parcel: string;
  readonly county: string;
  readonly pixels: number;
  readonly judgement: PlantingJudgement;
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
  }: { readonly layer: ParcelLayer; readonly years: readonly number[]; readonly basis: PlantingBasis | null },
): AsyncGenerator<PlantingRow> {
  if (basis === null) return;
  const [ids, counties] = [layer.columns['id'], layer.columns['county']];
  for await (const { feature, pixels, series } of means)
    for (const year of years) {
      const county = counties?.[feature] ?? '';
      const judgement = judgePlanting({ series, year, county: county === '' ? null : county }, basis);
      yield { parcel: ids?.[feature] ?? String(feature + 1), county, pixels, judgement };
    }
}

/** One row of `planting.csv`; reasons are separated by a semicolon, a date stands after its reason. */
export function plantingCells({ parcel, county, pixels, judgement }: PlantingRow): readonly string[] {
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
  ];
}

/** A block of `planting.csv`; the first has the byte order mark and the head. */
export function plantingText(rows: readonly PlantingRow[], isFirst: boolean): string {
  const cells = rows.map(plantingCells);
  return isFirst ? tableText([plantingColumns, ...cells]) : tableText(cells).replace('\uFEFF', '');
}
