import type { ParcelLayer } from '../parcel/layer.ts';
import type { ObservationFact } from './facts.ts';
import { areasByCode, observedAreas } from './ground-cells.ts';
import { isSeen } from './ground-code.ts';

/** A share of a parcel as a byte: 250 = all of it. */
export const shareScale = 250;

/** Share of each parcel that was seen, × 250, rounded down: what was not all seen is never all. */
export function seenSharesOf(survey: ParcelLayer, cellsOf: (parcel: number) => Uint8Array): Uint8Array {
  return Uint8Array.from({ length: survey.featureCount }, (_, parcel) => {
    const cells = cellsOf(parcel);
    let seen = 0;
    for (let i = 0; i < cells.length; i++) if (isSeen(cells[i]!)) seen++;
    return cells.length === 0 ? 0 : Math.floor((shareScale * seen) / cells.length);
  });
}

/** How much of the parcels of each town was seen, in the order of the towns' codes. */
export function townObservations(
  survey: ParcelLayer,
  cellsOf: (parcel: number) => Uint8Array,
  outline: string,
): readonly ObservationFact[] {
  const byTown = new Map<string, { areaM2: number; readonly areas: Float64Array }>();
  for (let parcel = 0; parcel < survey.featureCount; parcel++) {
    const town = survey.columns['town']?.[parcel] ?? '';
    const sums = byTown.get(town) ?? { areaM2: 0, areas: new Float64Array(256) };
    byTown.set(town, sums);
    const areaM2 = survey.areaM2[parcel]!;
    const areas = areasByCode(cellsOf(parcel), areaM2);
    sums.areaM2 += areaM2;
    for (let code = 0; code < 256; code++) sums.areas[code]! += areas[code]!;
  }
  return [...byTown]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([town, { areaM2, areas }]) => ({
      subject: 'town',
      subjectId: town,
      town,
      areaM2,
      ...observedAreas(areas),
      outline,
      cells: null,
    }));
}
