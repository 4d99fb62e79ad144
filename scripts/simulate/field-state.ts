import { summerShares, winterShares, type FieldState, type SummerCrop } from './calendar.ts';
import { hash32, hashFraction, pickByWeight } from './random.ts';
import type { WinterCrop } from './winter.ts';

/** A field as the calendar needs it: plot and parcel numbers, and the seed of the land. */
export interface Field {
  readonly seed: number;
  readonly kind: 'paddy' | 'upland';
  readonly plot: number;
  readonly parcel: number;
}

/** Most parcels are worked by one farmer, the others strip by strip; the draw changes from year to year. */
function farmed({ seed, plot, parcel }: Field): number {
  return hashFraction(seed, parcel, 101) < 0.7 ? hash32(parcel, 7) : hash32(plot, 11, 3);
}

export function summerCrop(field: Field, year: number): SummerCrop {
  const farm = farmed(field);
  const perennial = hashFraction(field.seed, farm, 77) < 0.45;
  return pickByWeight(summerShares[field.kind], hashFraction(field.seed, farm, perennial ? 0 : year, 201));
}

/** Crop of the winter that ends in `year`. */
export function winterCrop(field: Field, year: number): WinterCrop {
  return pickByWeight(winterShares[field.kind], hashFraction(field.seed, farmed(field), year, 202));
}

/** @param wetness of the soil of the whole look, 0..1 */
export function fieldStateOn(field: Field, year: number, wetness: number): FieldState {
  const farm = farmed(field);
  const own = hashFraction(field.seed, farm, year, 204) + hashFraction(field.seed, farm, year, 205);
  return {
    summer: summerCrop(field, year),
    winter: winterCrop(field, year),
    nextWinter: winterCrop(field, year + 1),
    lateDays: Math.round((own - 1) * 22 + (hashFraction(field.seed, field.plot, year, 206) - 0.5) * 5),
    phase: hashFraction(field.seed, field.plot, year, 207),
    wetness: Math.min(1, Math.max(0, wetness + (hashFraction(field.seed, field.plot, year, 208) - 0.5) * 0.5)),
  };
}
