import { curve } from './curve.ts';
import type { Mix } from './endmember.ts';

/** Moist or dry tilled soil; `wetness` 0..1. */
export const soilMix = (share: number, wetness: number): Mix => ({
  tilledMoist: share * wetness,
  tilledDry: share * (1 - wetness),
});

const riceCanopy = curve([0, 0.02, 12, 0.08, 28, 0.38, 45, 0.78, 60, 0.93, 95, 0.9, 112, 0.5, 128, 0.12, 140, 0]);
const riceRipe = curve([92, 0, 112, 0.45, 128, 0.84, 140, 0.95]);
const riceWater = curve([0, 0.9, 30, 0.75, 60, 0.6, 85, 0.3, 95, 0]);

/** Rice by days since the field is flooded: water, closing canopy, ripening, stubble from day 140 on. */
export function riceMix(day: number, wetness: number): Mix {
  if (day >= 140) return { stubble: 0.8, ...soilMix(0.2, wetness) };
  const [canopy, ripe] = [riceCanopy(day), riceRipe(day)];
  const left = Math.max(0, 1 - canopy - ripe);
  const water = left * riceWater(day);
  return { riceCanopy: canopy, riceRipe: ripe, floodWater: water, ...soilMix(left - water, 0.9) };
}

const standing = curve([0, 0, 0.2, 0.12, 0.5, 0.85, 0.65, 1, 0.9, 0.85, 1, 0]);

/** A crop that closes, stands and is cleared; `share` 0..1 of its time on the field, `most` its closest canopy. */
export function standMix(share: number, most: number, wetness: number): Mix {
  const canopy = most * standing(share);
  return { uplandCanopy: canopy, ...soilMix(1 - canopy, wetness) };
}

const vegetables = curve([0, 0.1, 0.08, 0.05, 0.28, 0.55, 0.45, 0.85, 0.88, 0.8, 0.93, 0.1, 1, 0.1]);

/** Vegetables follow one another with bare weeks between; `phase` 0..1 says where the plot is in its round. */
export function vegetableMix(dayOfYear: number, phase: number, wetness: number): Mix {
  const roundDays = 55 + 45 * phase;
  const at = (dayOfYear / roundDays + phase * 7.3) % 1;
  const film = phase > 0.9 && at < 0.3 ? 0.1 : 0;
  const canopy = vegetables(at) * (1 - film);
  return { uplandCanopy: canopy, film, ...soilMix(1 - canopy - film, wetness) };
}

const lotusLeaf = curve([120, 0, 150, 0.25, 180, 0.75, 235, 0.88, 270, 0.6, 300, 0.15, 320, 0.05]);

export function lotusMix(dayOfYear: number): Mix {
  if (dayOfYear < 110) return { floodWater: 0.5, ...soilMix(0.5, 1) };
  const leaf = lotusLeaf(dayOfYear);
  return { uplandCanopy: leaf * 0.7, riceCanopy: leaf * 0.3, floodWater: 1 - leaf };
}

const weeds = curve([60, 0.3, 120, 0.7, 250, 0.8, 330, 0.4]);

export function weedMix(dayOfYear: number, wetness: number): Mix {
  const green = weeds(dayOfYear);
  return { grass: green, stubble: (1 - green) * 0.5, ...soilMix((1 - green) * 0.5, wetness) };
}
