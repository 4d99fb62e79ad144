import type { SeriesModel } from './series-model.ts';

const daysOfYear = 365.25;

/**
 * Probability of each ground after some days, given the ground before: the exponential of the rates times the time.
 * Grounds come first, then guises.
 *
 * @returns a function of days (0 or more), `[from][to]`, rows sum to 1; the same array for the same days
 */
export function openPassage({
  grounds,
  guises,
  rates,
}: Pick<SeriesModel, 'grounds' | 'guises' | 'rates'>): (days: number) => Float32Array {
  const all = [...grounds, ...guises];
  const size = all.length;
  const positionOf = new Map(all.map(({ name }, i) => [name, i]));
  const perDay = new Float64Array(size * size);
  for (const { from, to, perYear } of rates)
    for (const source of from) {
      const targets = to.filter((name) => name !== source);
      for (const target of targets)
        perDay[positionOf.get(source)! * size + positionOf.get(target)!]! += perYear / targets.length / daysOfYear;
    }
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) if (j !== i) sum += perDay[i * size + j]!;
    perDay[i * size + i] = -sum;
  }
  const known = new Map<number, Float32Array>();
  return (days) => {
    let found = known.get(days);
    if (found === undefined) known.set(days, (found = Float32Array.from(exponential(perDay, size, days))));
    return found;
  };
}

/** exp(rates · days) by halving the time ten times, one Taylor step of second order, and squaring. */
function exponential(perDay: Float64Array, size: number, days: number): Float64Array {
  const halvings = 10;
  const small = perDay.map((rate) => (rate * days) / 2 ** halvings);
  const square = product(small, small, size);
  let out: Float64Array = small.map((value, i) => value + square[i]! / 2 + (i % (size + 1) === 0 ? 1 : 0));
  for (let k = 0; k < halvings; k++) out = product(out, out, size);
  return out;
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++) {
      const left = a[i * size + k]!;
      for (let j = 0; j < size; j++) out[i * size + j]! += left * b[k * size + j]!;
    }
  return out;
}
