import type { Mix } from './endmember.ts';
import { lotusMix, riceMix, soilMix, standMix, vegetableMix, weedMix } from './summer.ts';
import { winterMix, type WinterCrop } from './winter.ts';

/** What may stand on a field in summer. */
export type SummerCrop =
  | 'rice'
  | 'late-rice'
  | 'soy'
  | 'maize'
  | 'vegetables'
  | 'lotus'
  | 'melon'
  | 'weeds'
  | 'bare-fallow';

type Shares<K extends string> = Readonly<Record<'paddy' | 'upland', Readonly<Partial<Record<K, number>>>>>;

/** Shares of paddy and of upland by crop: regional practice, not a statistic. */
export const summerShares: Shares<SummerCrop> = {
  paddy: {
    rice: 79,
    'late-rice': 5,
    soy: 3,
    maize: 2,
    vegetables: 4,
    lotus: 2.5,
    melon: 2,
    weeds: 1.5,
    'bare-fallow': 1,
  },
  upland: { vegetables: 58, soy: 14, maize: 12, melon: 8, weeds: 5, 'bare-fallow': 3 },
};

export const winterShares: Shares<WinterCrop> = {
  paddy: { wheat: 42, rape: 13, 'green-manure': 9, vegetables: 4, stubble: 32 },
  upland: { vegetables: 62, rape: 14, wheat: 6, stubble: 18 },
};

export interface FieldState {
  readonly summer: SummerCrop;
  /** crop of the winter that ends in this year's May */
  readonly winter: WinterCrop;
  /** crop of the winter that begins in this year's November */
  readonly nextWinter: WinterCrop;
  /** days by which this plot is late (negative: early) */
  readonly lateDays: number;
  /** 0..1, where in its round a plot of vegetables is */
  readonly phase: number;
  /** 0..1, wetness of bare soil on the day */
  readonly wetness: number;
}

/** Sowing day of the year, days on the field, closest canopy. */
const stands = { soy: [165, 125, 0.93], maize: [120, 115, 0.9], melon: [105, 120, 0.7] } as const;

/**
 * What covers a field on a day of the year (1..366).
 *
 * Winter crop until late May, then the summer crop, harvest mid October to mid November, and the next winter crop.
 */
export function fieldMix(state: FieldState, day: number): Mix {
  const { summer, wetness, phase, lateDays, winter, nextWinter } = state;
  if (day > 325 + lateDays * 0.5) return winterMix({ ...state, crop: nextWinter }, day - 365);
  const before = (): Mix => winterMix({ ...state, crop: winter }, day);
  switch (summer) {
    case 'rice': {
      const flooded = (winter === 'wheat' || winter === 'rape' ? 163 : 156) + lateDays;
      return day < flooded ? before() : riceMix(day - flooded, wetness);
    }
    case 'late-rice': {
      const [first, second] = [112 + lateDays * 0.4, 208 + lateDays * 0.5];
      if (day < first) return { stubble: 0.4, ...soilMix(0.6, wetness) };
      return day < second ? riceMix((day - first) * 1.45, wetness) : riceMix((day - second) * 1.15, wetness);
    }
    case 'vegetables':
      return vegetableMix(day, phase, wetness);
    case 'lotus':
      return lotusMix(day - lateDays);
    case 'weeds':
      return weedMix(day, wetness);
    case 'bare-fallow':
      return day < 150 ? before() : { ...soilMix(0.85, wetness), grass: 0.15 };
    default: {
      const [start, length, most] = stands[summer];
      if (day < start + lateDays) return before();
      const share = (day - start - lateDays) / length;
      return share < 1 ? standMix(share, most, wetness) : vegetableMix(day, phase, wetness);
    }
  }
}
