/** Precision, recall and F1 of one class against the rest. */
export interface Figure {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  readonly samples: number;
  readonly positives: number;
}

export function scoreBinary(truth: readonly boolean[], found: readonly boolean[]): Figure {
  let [hit, miss, wrong] = [0, 0, 0];
  truth.forEach((isTrue, i) => {
    if (isTrue && found[i]) hit++;
    else if (isTrue) miss++;
    else if (found[i]) wrong++;
  });
  const [precision, recall] = [hit / (hit + wrong || 1), hit / (hit + miss || 1)];
  const f1 = (2 * hit) / (2 * hit + miss + wrong || 1);
  return { f1, precision, recall, samples: truth.length, positives: hit + miss };
}

/** Interval of Wilson of a share, 95 %. @see Wilson 1927, doi:10.1080/01621459.1927.10502953 */
export function wilson(hits: number, count: number): readonly [number, number] {
  const z = 1.959964;
  const [share, squared] = [hits / count, (z * z) / count];
  const middle = (share + squared / 2) / (1 + squared);
  const half = (z * Math.sqrt((share * (1 - share)) / count + squared / (4 * count))) / (1 + squared);
  return [middle - half, middle + half];
}

/** Numbers 0..1 that a seed gives, always the same. @see Steele et al. 2014, doi:10.1145/2714064.2660195 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 4_294_967_296;
  };
}

/** 95 % interval of F1 over groups (places, blocks), 1,000 draws with replacement. */
export function intervalOverGroups(
  truth: readonly boolean[],
  found: readonly boolean[],
  groups: readonly string[],
): readonly [number, number] {
  const byGroup = new Map<string, [number, number, number]>();
  truth.forEach((isTrue, i) => {
    const counts = byGroup.get(groups[i]!) ?? [0, 0, 0];
    if (isTrue && found[i]) counts[0]++;
    else if (isTrue) counts[1]++;
    else if (found[i]) counts[2]++;
    byGroup.set(groups[i]!, counts);
  });
  const all = [...byGroup.values()];
  const random = seeded(1);
  const draws = Array.from({ length: 1000 }, () => {
    const sums = [0, 0, 0];
    for (let i = 0; i < all.length; i++) {
      const counts = all[Math.floor(random() * all.length)]!;
      for (const k of [0, 1, 2] as const) sums[k]! += counts[k];
    }
    return (2 * sums[0]!) / (2 * sums[0]! + sums[1]! + sums[2]! || 1);
  }).sort((a, b) => a - b);
  return [draws[24]!, draws[974]!];
}

/** Fold of each sample, 0..folds−1, whole groups together, drawn by seed. */
export function foldsOfGroups(groups: readonly string[], folds: number, seed: number): readonly number[] {
  const names = [...new Set(groups)].sort();
  const random = seeded(seed);
  const order = names.map((name) => [random(), name] as const).sort((a, b) => a[0] - b[0]);
  const foldOf = new Map(order.map(([, name], i) => [name, i % folds]));
  return groups.map((group) => foldOf.get(group)!);
}

/** Threshold that parts scores into the two most different halves; no label is looked at. @see Otsu 1979 */
export function otsu(scores: readonly number[]): number {
  const bins = 100;
  const counts = new Float64Array(bins);
  for (const score of scores) counts[Math.min(bins - 1, Math.max(0, Math.floor(score * bins)))]! += 1;
  const [total, sum] = [scores.length, counts.reduce((all, count, i) => all + count * ((i + 0.5) / bins), 0)];
  let [best, at, below, belowSum] = [-1, 0.5, 0, 0];
  for (let i = 0; i + 1 < bins; i++) {
    below += counts[i]!;
    belowSum += counts[i]! * ((i + 0.5) / bins);
    if (below === 0 || below === total) continue;
    const between = ((sum * below) / total - belowSum) ** 2 / (below * (total - below));
    if (between > best) [best, at] = [between, (i + 1) / bins];
  }
  return at;
}
