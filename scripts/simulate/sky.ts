import type { Look } from './look.ts';
import { fractalNoise, valueNoise } from './random.ts';

/** Values of a cloud mask, as `cloudClass` of the product. */
export const skyCodes = { clear: 0, cloud: 1, thin: 2, shadow: 3 } as const;

/** What is above each place of one look. */
export interface Sky {
  /** 0..1, how much of the ground a cloud hides */
  opacity(xM: number, yM: number): number;
  /** 0..1, how much direct light a cloud takes away */
  shade(xM: number, yM: number): number;
  /** haze at a place, about the look's own */
  haze(xM: number, yM: number): number;
  /** value of `skyCodes` */
  code(xM: number, yM: number): number;
}

const soft = (value: number): number => {
  if (value <= 0) return 0;
  if (value >= 1) return 1;
  const t = value;
  return t * t * (3 - 2 * t);
};

/** Values on a lattice, read between its points. */
function lattice(sideM: number, marginM: number, stepM: number, valueAt: (x: number, y: number) => number) {
  const size = Math.ceil((sideM + 2 * marginM) / stepM) + 2;
  const values = new Float32Array(size * size);
  for (let row = 0; row < size; row++)
    for (let col = 0; col < size; col++)
      values[row * size + col] = valueAt(col * stepM - marginM, row * stepM - marginM);
  const read = (x: number, y: number): number => {
    const u = Math.min(size - 2, Math.max(0, (x + marginM) / stepM));
    const v = Math.min(size - 2, Math.max(0, (y + marginM) / stepM));
    const col = Math.floor(u);
    const s = u - col;
    const t = v - Math.floor(v);
    const at = Math.floor(v) * size + col;
    const top = values[at]! * (1 - s) + values[at + 1]! * s;
    return top * (1 - t) + (values[at + size]! * (1 - s) + values[at + size + 1]! * s) * t;
  };
  return { values, read };
}

/** Width of a typical cumulus (m). */
const cloudM = 1500;
/** Noise between the rim of a cloud and its opaque middle. */
const rim = 0.09;

export function openSky(look: Look, options: { readonly seed: number; readonly sideM: number }): Sky {
  const { sideM } = options;
  const seed = options.seed * 31 + look.index * 7 + 1;
  const waveM = Math.min(cloudM, sideM / 4);
  const hazes = lattice(
    sideM,
    0,
    Math.max(60, sideM / 256),
    (x, y) => 1 + 0.4 * valueNoise(seed + 5, x / 7000, y / 7000),
  );
  const haze = (x: number, y: number): number => look.haze * hazes.read(x, y);
  if (look.cloudFraction === 0) return { opacity: () => 0, shade: () => 0, haze, code: () => skyCodes.clear };
  if (look.cloudFraction >= 1) return { opacity: () => 1, shade: () => 1, haze, code: () => skyCodes.cloud };
  const reachM = look.cloudBaseM * Math.tan((look.sunZenithDeg * Math.PI) / 180);
  const towards = (look.sunAzimuthDeg * Math.PI) / 180;
  const [east, north] = [reachM * Math.sin(towards), reachM * Math.cos(towards)];
  const field = lattice(sideM, reachM + 100, Math.max(12, waveM / 36), (x, y) =>
    fractalNoise(seed, x / waveM, y / waveM, 4),
  );
  const sorted = field.values.toSorted();
  const threshold = sorted[Math.floor((1 - look.cloudFraction) * (sorted.length - 1))]! - rim / 2;
  const opacity = (x: number, y: number): number => soft((field.read(x, y) - threshold) / rim);
  const shade = (x: number, y: number): number => opacity(x + east, y + north);
  return {
    opacity,
    shade,
    haze,
    code(x, y) {
      const hidden = opacity(x, y);
      if (hidden > 0.5) return skyCodes.cloud;
      if (hidden > 0.08) return skyCodes.thin;
      return shade(x, y) > 0.3 ? skyCodes.shadow : skyCodes.clear;
    },
  };
}
