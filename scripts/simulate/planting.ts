import type { SummerCrop } from './calendar.ts';
import { covers } from './cover.ts';
import { summerCrop, winterCrop, type Field } from './field-state.ts';
import type { WinterCrop } from './winter.ts';
import type { World } from './world.ts';

/** ZZSXDM: grain, other crops, grain in turn with others, not tilled. */
export type Planting = 'LS' | 'FLS' | 'LYFL' | 'WG';

export interface PlantingYear {
  /** of the largest share of the parcel */
  readonly winter: WinterCrop;
  readonly summer: SummerCrop;
  readonly status: Planting;
  /** share of the parcel with a grain season in the year, 0..1 */
  readonly grainFraction: number;
}

const grain: readonly SummerCrop[] = ['rice', 'late-rice', 'soy', 'maize'];

function statusOf(summer: SummerCrop, winter: WinterCrop): Planting {
  if (grain.includes(summer)) return winter === 'vegetables' ? 'LYFL' : 'LS';
  if (winter === 'wheat') return 'LYFL';
  return summer === 'weeds' || summer === 'bare-fallow' ? 'WG' : 'FLS';
}

/** Answers what grew on a cropland parcel in a year, strips of single farmers by their area. */
export function openPlanting({ sketch }: Pick<World, 'sketch'>): (parcel: number, year: number) => PlantingYear | null {
  const parcelOf = sketch.plots.parcelOf();
  const coverOf = sketch.plots.coverOf();
  const first = new Int32Array(sketch.parcels.length + 1);
  for (const parcel of parcelOf) first[parcel + 1]!++;
  for (let i = 0; i < sketch.parcels.length; i++) first[i + 1]! += first[i]!;
  return (parcel, year) => {
    const [ground, end] = [first[parcel]!, first[parcel + 1]!];
    const plots = end - ground === 1 ? [ground] : Array.from({ length: end - ground - 1 }, (_, i) => ground + 1 + i);
    const weights = new Map<string, { readonly field: Field; areaM2: number }>();
    let [total, grainM2] = [0, 0];
    for (const plot of plots) {
      const kind = covers[coverOf[plot]!]!.name;
      if (kind !== 'paddy' && kind !== 'upland') continue;
      const field = { seed: sketch.seed, kind, plot, parcel };
      const [summer, winter] = [summerCrop(field, year), winterCrop(field, year)];
      const areaM2 = plotAreaM2(sketch.plots.points(), sketch.plots.starts(), plot);
      const key = `${winter} ${summer}`;
      weights.set(key, { field, areaM2: (weights.get(key)?.areaM2 ?? 0) + areaM2 });
      total += areaM2;
      if (grain.includes(summer) || winter === 'wheat') grainM2 += areaM2;
    }
    if (total === 0) return null;
    const { field } = [...weights.values()].reduce((a, b) => (b.areaM2 > a.areaM2 ? b : a));
    const [summer, winter] = [summerCrop(field, year), winterCrop(field, year)];
    return { winter, summer, status: statusOf(summer, winter), grainFraction: grainM2 / total };
  };
}

function plotAreaM2(points: Float32Array, starts: Int32Array, plot: number): number {
  const [from, to] = [starts[plot]!, starts[plot + 1]!];
  let doubled = 0;
  for (let p = from; p < to; p++) {
    const q = p + 1 === to ? from : p + 1;
    doubled += points[2 * p]! * points[2 * q + 1]! - points[2 * q]! * points[2 * p + 1]!;
  }
  return Math.abs(doubled) / 2;
}
