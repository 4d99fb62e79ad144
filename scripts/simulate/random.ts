/** Mixes integers into 32 bits; equal arguments give equal bits. */
export function hash32(a: number, b = 0, c = 0, d = 0): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ b, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ c, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16) ^ d, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash as a fraction, 0 ≤ x < 1. */
export function hashFraction(a: number, b = 0, c = 0, d = 0): number {
  return hash32(a, b, c, d) / 4294967296;
}

export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  range(low: number, high: number): number;
  /** 0 ≤ n < `below` */
  whole(below: number): number;
  chance(fraction: number): boolean;
  /** mean 0, standard deviation 1, within ±3.5 (sum of four uniforms) */
  bell(): number;
  pick<T>(items: readonly [T, ...T[]]): T;
}

/** A stream of numbers of its own for every list of keys (Mulberry32). */
export function randomOf(seed: number, ...keys: readonly number[]): Random {
  let state = keys.reduce((mixed, key) => hash32(mixed, key, 0x5bd1), hash32(seed));
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    range: (low, high) => low + (high - low) * next(),
    whole: (below) => Math.floor(next() * below),
    chance: (fraction) => next() < fraction,
    bell: () => (next() + next() + next() + next() - 2) * Math.sqrt(3),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
  };
}

/** Keys and running sums of weights by table: the same tables are asked a million times. */
const ladders = new WeakMap<object, { readonly keys: readonly string[]; readonly sums: readonly number[] }>();

/** Picks a key of `weights` by weight, with `fraction` in 0..1 as the draw. */
export function pickByWeight<K extends string>(weights: Readonly<Partial<Record<K, number>>>, fraction: number): K {
  let ladder = ladders.get(weights);
  if (ladder === undefined) {
    let sum = 0;
    const sums = Object.values<number | undefined>(weights).map((weight) => (sum += weight ?? 0));
    ladder = { keys: Object.keys(weights), sums };
    ladders.set(weights, ladder);
  }
  const { keys, sums } = ladder;
  const wanted = fraction * sums.at(-1)!;
  let at = 0;
  while (at < keys.length - 1 && sums[at]! <= wanted) at++;
  return keys[at] as K;
}

/** Smooth noise in -1..1 whose values are independent one unit apart. */
export function valueNoise(seed: number, x: number, y: number): number {
  const col = Math.floor(x);
  const row = Math.floor(y);
  const u = x - col;
  const v = y - row;
  const s = u * u * (3 - 2 * u);
  const t = v * v * (3 - 2 * v);
  const top = hashFraction(seed, col, row) * (1 - s) + hashFraction(seed, col + 1, row) * s;
  const bottom = hashFraction(seed, col, row + 1) * (1 - s) + hashFraction(seed, col + 1, row + 1) * s;
  return 2 * (top * (1 - t) + bottom * t) - 1;
}

/** Octaves of `valueNoise`, each half as wide and half as strong; about -1..1. */
export function fractalNoise(seed: number, x: number, y: number, octaves: number): number {
  let sum = 0;
  let weight = 1;
  let total = 0;
  let scale = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * valueNoise(seed + octave, x * scale, y * scale);
    total += weight;
    weight *= 0.5;
    scale *= 2;
  }
  return sum / total;
}

/** Bell-shaped numbers, standard deviation 1, to be drawn by a hash. */
export const bellTable = Float32Array.from({ length: 65_536 }, (_, i) => {
  const parts = [0, 1, 2, 3].map((k) => hash32(i, k, 977) / 4294967296);
  return (parts.reduce((sum, part) => sum + part, 0) - 2) * Math.sqrt(3);
});
