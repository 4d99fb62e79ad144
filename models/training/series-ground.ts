// What really covers each pixel of a simulated look, as the grounds of a series model: crops by what was sown that year.
import { covers, type CoverName } from '../../scripts/simulate/cover.ts';
import { yearDay } from '../../scripts/simulate/day.ts';
import { summerCrop } from '../../scripts/simulate/field-state.ts';
import type { SummerCrop } from '../../scripts/simulate/calendar.ts';
import { paintLabels } from '../../scripts/simulate/painting.ts';
import type { World } from '../../scripts/simulate/world.ts';

const ofCrop: Readonly<Record<SummerCrop, string>> = {
  rice: 'grain',
  'late-rice': 'grain',
  soy: 'grain',
  maize: 'grain',
  vegetables: 'vegetable',
  melon: 'vegetable',
  lotus: 'lotus',
  'bare-fallow': 'fallow',
  weeds: 'weeds',
};
const ofCover: Partial<Record<CoverName, string>> = {
  river: 'water',
  canal: 'water',
  pond: 'water',
  lake: 'water',
  mulberry: 'woods',
  orchard: 'woods',
  nursery: 'woods',
  woods: 'woods',
  'young-orchard': 'planting',
  'young-nursery': 'planting',
  'young-woods': 'planting',
  turf: 'turf',
  verge: 'verge',
  garden: 'verge',
  greenhouse: 'greenhouse',
  earthwork: 'bare',
  idle: 'idle',
};

/** @returns position in `names` of what fills the greater part of each pixel, `[row][col]`; what has no ground of its own is built */
export function groundOn(world: World, day: number, names: readonly string[]): Uint8Array {
  const { sketch, drawn, sizePx, sensor, sideM } = world;
  const { year } = yearDay(day);
  const kindOf = (seed: number, store: World['sketch']['plots'], plot: number): number => {
    const cover = covers[store.coverOf()[plot]!]!.name;
    const isField = cover === 'paddy' || cover === 'upland';
    const field = { seed, kind: cover === 'upland' ? 'upland' : 'paddy', plot, parcel: store.parcelOf()[plot]! } as const;
    return names.indexOf(isField ? ofCrop[summerCrop(field, year)] : (ofCover[cover] ?? 'built'));
  };
  const land = sketch.plots.count();
  const table = Uint8Array.from({ length: land + drawn.plots.count() }, (_, label) =>
    label < land ? kindOf(sketch.seed, sketch.plots, label) : kindOf(sketch.seed + 1, drawn.plots, label - land),
  );
  const { subPx } = sensor;
  const wide = sizePx * subPx;
  const labels = new Int32Array(wide * wide);
  paintLabels(world, { labels, width: wide, height: wide, leftM: 0, topM: sideM, stepM: sensor.gsdM / subPx }, day);
  const out = new Uint8Array(sizePx * sizePx);
  const votes = new Uint8Array(names.length);
  const built = names.indexOf('built');
  for (let row = 0, i = 0; row < sizePx; row++)
    for (let col = 0; col < sizePx; col++, i++) {
      votes.fill(0);
      for (let r = 0; r < subPx; r++)
        for (let c = 0; c < subPx; c++) {
          const label = labels[(row * subPx + r) * wide + col * subPx + c]!;
          votes[label < 0 ? built : table[label]!]!++;
        }
      let best = 0;
      for (let k = 1; k < votes.length; k++) if (votes[k]! > votes[best]!) best = k;
      out[i] = best;
    }
  return out;
}
