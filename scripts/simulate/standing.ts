import { curve } from './curve.ts';
import type { CoverName } from './cover.ts';
import type { Mix } from './endmember.ts';
import { hashFraction } from './random.ts';
import { soilMix } from './summer.ts';

/** What a plot that is no field needs to be known by. */
export interface Standing {
  readonly seed: number;
  readonly plot: number;
  readonly year: number;
  /** of the year, 1..366 */
  readonly day: number;
  /** wetness of bare soil, 0..1 */
  readonly wetness: number;
}

/** Leaves of deciduous trees through the year, 0..1. */
const leafOn = curve([70, 0, 112, 0.75, 150, 1, 285, 0.95, 322, 0.15, 335, 0]);
/** Evergreen broad-leaved ground is a little paler in winter. */
const greenOn = curve([30, 0.15, 120, 1, 300, 1, 350, 0.2]);
const warmOn = curve([60, 0.2, 170, 1, 270, 1, 330, 0.3]);
/** Mulberry is cut back after the spring silkworms. */
const prunedOn = curve([150, 1, 156, 0.35, 200, 0.9]);

const trees = (share: number, day: number): Mix => ({
  forest: share * greenOn(day),
  forestWinter: share * (1 - greenOn(day)),
});
const sward = (share: number, day: number): Mix => ({
  grass: share * greenOn(day),
  grassWinter: share * (1 - greenOn(day)),
});
const rows = (share: number, day: number): Mix => ({
  orchard: share * leafOn(day),
  orchardBare: share * (1 - leafOn(day)),
});

function sum(...mixes: readonly Mix[]): Mix {
  const out: Mix = {};
  for (const mix of mixes)
    for (const name in mix) out[name as keyof Mix] = (out[name as keyof Mix] ?? 0) + mix[name as keyof Mix]!;
  return out;
}

/** Water of fish ponds: green or brown by pond and date, drained for cleaning in some winters. */
function pondMix({ seed, plot, year, day, wetness }: Standing): Mix {
  const drained = hashFraction(seed, plot, year, 301) < (day < 55 || day > 340 ? 0.22 : 0.015);
  if (drained) return { ...soilMix(0.8, 0.5 + 0.5 * wetness), floodWater: 0.2 };
  const warm = warmOn(day);
  const algae = 0.55 * warm * hashFraction(seed, plot, year, 302) * hashFraction(seed, plot, day, 303);
  const turbid = (1 - algae) * (0.15 + 0.6 * hashFraction(seed, plot, 304));
  return { algae, waterTurbid: turbid, waterClear: 1 - algae - turbid };
}

/** What covers ground that is no field, and why it looks different on another day. */
export function standingMix(cover: CoverName, at: Standing): Mix {
  const { seed, plot, year, day, wetness } = at;
  const own = (key: number): number => hashFraction(seed, plot, key);
  const murk = hashFraction(seed, 9, year, day);
  switch (cover) {
    case 'mulberry': {
      const pruned = prunedOn(day);
      return sum(rows(0.85 * pruned, day), sward(0.1, day), soilMix(0.05 + 0.85 * (1 - pruned), wetness));
    }
    case 'orchard':
      return sum(rows(0.6 + 0.25 * own(1), day), sward(0.1, day), soilMix(0.3 - 0.25 * own(1), wetness));
    case 'nursery': {
      const dug = hashFraction(seed, plot, year, 305) < 0.09;
      const canopy = dug ? 0.15 : 0.55 + 0.35 * own(2);
      return sum(trees(canopy, day), sward((1 - canopy) * 0.4, day), soilMix((1 - canopy) * 0.6, wetness));
    }
    case 'woods':
      return sum(trees(0.6, day), rows(0.3, day), sward(0.1, day));
    case 'verge':
      return sum(sward(0.6, day), trees(0.15 + 0.2 * own(3), day), soilMix(0.25 - 0.2 * own(3), wetness));
    case 'turf':
      return sum(sward(0.95, day), soilMix(0.05, wetness));
    case 'river':
      return { waterTurbid: 0.45 + 0.3 * murk, waterClear: 0.55 - 0.3 * murk };
    case 'canal':
      return { waterTurbid: 0.4, waterClear: 0.3, algae: 0.3 };
    case 'pond':
      return pondMix(at);
    case 'lake':
      return { waterTurbid: 0.25 + 0.3 * murk, waterClear: 0.7 - 0.3 * murk, algae: 0.05 };
    case 'garden':
      return sum(trees(0.25, day), rows(0.15, day), sward(0.25, day), { concrete: 0.15 }, soilMix(0.2, wetness));
    case 'greenhouse': {
      const film = 0.12 + 0.2 * hashFraction(seed, plot, year, Math.floor(day / 40));
      return { film, uplandCanopy: 0.3 * (1 - film), ...soilMix(0.7 * (1 - film), wetness) };
    }
    case 'earthwork': {
      const weeds = 0.12 * hashFraction(seed, plot, year, 306);
      const light = own(4) * 0.6;
      return sum(
        { earthLight: (1 - weeds) * light, earth: (1 - weeds) * (0.9 - light), gravel: (1 - weeds) * 0.1 },
        sward(weeds, day),
      );
    }
    case 'idle':
      return sum({ earth: 0.25, gravel: 0.2, concrete: 0.1 }, sward(0.45, day));
    case 'young-orchard':
      return sum(rows(0.3 + 0.15 * own(5), day), sward(0.12, day), soilMix(0.58 - 0.15 * own(5), wetness));
    case 'young-nursery':
      return sum(trees(0.45 + 0.2 * own(5), day), soilMix(0.55 - 0.2 * own(5), wetness));
    case 'young-woods':
      return sum(trees(0.4 + 0.15 * own(5), day), sward(0.25, day), soilMix(0.35 - 0.15 * own(5), wetness));
    case 'photovoltaic':
      return sum({ panel: 0.55 }, sward(0.25, day), soilMix(0.2, wetness));
    case 'site-ground':
      return sum({ earthLight: 0.35 + 0.3 * own(7), gravel: 0.15, earth: 0.4 - 0.3 * own(7) }, soilMix(0.1, wetness));
    default:
      return builtMix(cover, own(6));
  }
}

/** What stands in rows, and what lies between them; of other covers both are the whole. */
export function rowMix(cover: CoverName, at: Standing): { readonly on: Mix; readonly off: Mix } {
  const { seed, plot, year, day, wetness } = at;
  const own = (key: number): number => hashFraction(seed, plot, key);
  const alley = (green: number): Mix => sum(sward(green, day), soilMix(1 - green, wetness));
  switch (cover) {
    case 'mulberry': {
      const pruned = prunedOn(day);
      return { on: sum(rows(pruned, day), soilMix(1 - pruned, wetness)), off: alley(0.2 + 0.3 * own(1)) };
    }
    case 'orchard':
    case 'young-orchard':
      return own(8) < 0.4
        ? { on: trees(1, day), off: alley(0.15 + 0.6 * own(1)) }
        : { on: rows(1, day), off: alley(0.15 + 0.6 * own(1)) };
    case 'nursery':
    case 'young-nursery': {
      const dug = hashFraction(seed, plot, year, 305) < 0.09;
      if (dug) return { on: sum(trees(0.2, day), soilMix(0.8, wetness)), off: alley(0.1) };
      return { on: own(8) < 0.7 ? trees(1, day) : rows(1, day), off: alley(0.05 + 0.4 * own(1)) };
    }
    case 'young-woods':
      return { on: sum(trees(0.6, day), rows(0.4, day)), off: alley(0.35 + 0.4 * own(1)) };
    case 'photovoltaic':
      // over fish ponds too
      return { on: { panel: 1 }, off: own(8) < 0.3 ? { waterTurbid: 0.6, waterClear: 0.4 } : alley(0.7 * own(1)) };
    case 'greenhouse': {
      const film = 0.2 + 0.45 * hashFraction(seed, plot, year, Math.floor(day / 40));
      return {
        on: { film, uplandCanopy: 0.35 * (1 - film), ...soilMix(0.65 * (1 - film), wetness) },
        off: alley(0.25 + 0.4 * own(1)),
      };
    }
    default: {
      const whole = standingMix(cover, at);
      return { on: whole, off: whole };
    }
  }
}

function builtMix(cover: CoverName, fresh: number): Mix {
  switch (cover) {
    case 'roof-dark':
      return { roofDark: 0.95, algae: 0.05 };
    case 'roof-red':
      return { roofRed: 0.45, roofDark: 0.55 };
    case 'roof-blue':
      return { roofBlue: 0.92, roofMetal: 0.08 };
    case 'roof-metal':
      return { roofMetal: 0.9, roofWhite: 0.1 };
    case 'roof-white':
      return { roofWhite: 0.75, roofMetal: 0.25 };
    case 'hardstand':
      return { concreteNew: 0.3 + 0.5 * fresh, concrete: 0.7 - 0.5 * fresh };
    case 'asphalt':
      return { asphalt: 0.92, concrete: 0.08 };
    case 'lane':
      return { concrete: 0.75, gravel: 0.25 };
    case 'shade':
      return { roofDark: 0.4, waterClear: 0.6 };
    case 'site-stack':
      return fresh < 0.3 ? { roofBlue: 0.7, roofMetal: 0.3 } : { gravel: 0.5, concreteNew: 0.3, roofMetal: 0.2 };
    case 'site-net':
      return { dustNet: 0.85, earthLight: 0.15 };
    case 'site-frame':
      return { concreteNew: 0.35 + 0.4 * fresh, concrete: 0.45 - 0.4 * fresh, earth: 0.2 };
    default:
      return { concrete: 0.7, gravel: 0.15, asphalt: 0.15 };
  }
}
