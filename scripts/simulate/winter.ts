import { curve } from './curve.ts';
import type { Mix } from './endmember.ts';
import { soilMix, vegetableMix } from './summer.ts';

export type WinterCrop = 'wheat' | 'rape' | 'green-manure' | 'vegetables' | 'stubble';

export interface WinterField {
  readonly crop: WinterCrop;
  /** days by which this plot is late (negative: early) */
  readonly lateDays: number;
  readonly phase: number;
  readonly wetness: number;
}

const stubble = curve([-60, 0.75, 60, 0.45, 140, 0.3]);
const regrowth = curve([-60, 0.05, 30, 0.25, 100, 0.45, 140, 0.4]);
const cereal = curve([-40, 0, -15, 0.12, 20, 0.25, 60, 0.5, 90, 0.88, 120, 0.92, 136, 0.55, 148, 0.15, 152, 0]);
const ripe = curve([118, 0, 136, 0.4, 148, 0.8, 151, 0.8, 152, 0]);
const flowering = curve([76, 0, 86, 0.75, 98, 0.75, 110, 0]);
const rapeEnd = curve([125, 1, 140, 0.1, 145, 0]);
const manure = curve([-40, 0.05, 40, 0.35, 90, 0.85, 112, 0.9, 118, 0.1, 130, 0.05]);

/** A field from November to May; `day` of the year of the harvest, negative before New Year. */
export function winterMix({ crop, lateDays, phase, wetness }: WinterField, day: number): Mix {
  const own = day - 0.6 * lateDays;
  switch (crop) {
    case 'vegetables':
      return vegetableMix((day + 365) % 365, phase, wetness);
    case 'stubble': {
      const [straw, green] = [stubble(day), regrowth(day)];
      return { stubble: straw, grassWinter: green, ...soilMix(Math.max(0, 1 - straw - green), wetness) };
    }
    case 'wheat': {
      const [green, gold] = [cereal(own), ripe(own)];
      return { cerealCanopy: green, riceRipe: gold, ...soilMix(Math.max(0, 1 - green - gold), wetness) };
    }
    case 'rape': {
      const canopy = cereal(own);
      const flower = canopy * flowering(day);
      const green = (canopy - flower) * rapeEnd(own);
      const left = 1 - green - flower;
      return { cerealCanopy: green, rapeFlower: flower, stubble: left / 2, ...soilMix(left / 2, wetness) };
    }
    default: {
      const green = manure(day);
      return { grass: green, ...soilMix(1 - green, wetness) };
    }
  }
}
