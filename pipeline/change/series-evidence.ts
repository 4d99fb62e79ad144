import { unobserved, changeScale } from '../types.ts';
import { stepNats } from './series-look.ts';
import { dayOf, type SeriesModel } from './series-model.ts';
import { openSeriesMemory } from './series-memory.ts';
import { openPassage } from './series-passage.ts';

/** One look as the filter takes it. */
export interface LookLikelihood {
  /** scene id: looks of one date are taken in the order of their ids */
  readonly id: string;
  /** ISO-8601 */
  readonly date: string;
  /** of `groundLikelihood` */
  readonly likelihood: Uint8Array;
  /** 1 where the ground was seen, `[row][col]` */
  readonly seen: Uint8Array;
}

/** What is known after one look from it and all earlier ones, `[row][col]`; 255 where this look saw nothing. */
export interface SeriesEvidence {
  readonly id: string;
  readonly date: string;
  /** probability that the ground is another than before the series began, its odds lowered by `caution`, 0..250 */
  readonly changed: Uint8Array;
  /** class before the series */
  readonly before: Uint8Array;
  /** likeliest class of what it changed into, whether or not it did */
  readonly into: Uint8Array;
}

/** Mass below which a path is given up, for one chance in a million is not worth its time. */
const leastMass = 1e-6;

/**
 * Recursive Bayes over the looks of a series: in each pixel the joint probability of the class before the series and of
 * the ground now, carried on by the rates from day to day and corrected by every look that saw the pixel.
 *
 * What a later look shows also tells what the ground was at the beginning, so a bare field of the first January is not
 * taken for bare ground. Looks are taken in the order of date and id, whatever order they come in.
 *
 * @yields one a look, in that order
 * @see Rabiner 1989, doi:10.1109/5.18626 (forward algorithm)
 */
export function* seriesEvidence(looks: readonly LookLikelihood[], model: SeriesModel): Generator<SeriesEvidence> {
  const order = looks.toSorted((a, b) => compare(a.date, b.date) || compare(a.id, b.id));
  const pixels = order[0]?.seen.length ?? 0;
  const filter = openFilter(model, pixels);
  for (const look of order) yield filter(look);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function openFilter(model: SeriesModel, pixels: number): (look: LookLikelihood) => SeriesEvidence {
  const all = [...model.grounds, ...model.guises];
  const classOf = all.map((ground) => ground.class);
  const classes = [...new Set(classOf)].sort((a, b) => a - b);
  const [G, C] = [classOf.length, classes.length];
  const outputOf = new Map(model.grounds.map(({ name }, i) => [name, i]));
  const output = Uint8Array.from([
    ...model.grounds.map((_, i) => i),
    ...model.guises.map(({ like }) => outputOf.get(like)!),
  ]);
  const passage = openPassage(model);
  const { temper, floor, caution } = model.look;
  const weightOf = Float32Array.from(
    { length: 256 },
    (_, v) => floor + (1 - floor) * Math.exp((v - 255) * stepNats * temper),
  );
  const start = new Float32Array(C * G);
  for (let g = 0; g < G; g++) start[classes.indexOf(classOf[g]!) * G + g] = all[g]!.share;
  const mass = new Float32Array(pixels * C * G);
  const lastDay = new Int32Array(pixels).fill(never);
  const next = new Float32Array(G);
  const position = Uint8Array.from(classOf, (code) => classes.indexOf(code));
  const intoMass = new Float32Array(C);
  const weight = new Float32Array(G);
  const isAlive = new Uint8Array(C);
  const beforeMass = new Float32Array(C);
  const memory = model.memory && openSeriesMemory(model, model.memory, { pixels, classes: C, stepNats });
  return ({ id, date, likelihood, seen }) => {
    const day = dayOf(date);
    memory?.turnTo(date);
    const changed = new Uint8Array(pixels).fill(unobserved);
    const [before, into] = [changed.slice(), changed.slice()];
    for (let i = 0; i < pixels; i++) {
      if (seen[i] === 0) continue;
      const own = mass.subarray(i * C * G, (i + 1) * C * G);
      const isFirst = lastDay[i] === never;
      if (isFirst) own.set(start);
      const days = isFirst ? 0 : day - lastDay[i]!;
      const step = isFirst ? null : passage(days);
      lastDay[i] = day;
      for (let g = 0; g < G; g++) weight[g] = weightOf[likelihood[output[g]! * pixels + i]!]!;
      let total = 0;
      for (let c = 0; c < C; c++) {
        const at = c * G;
        isAlive[c] = 0;
        for (let g = 0; g < G; g++) if (own[at + g]! >= leastMass) isAlive[c] = 1;
        if (isAlive[c] === 0) continue;
        if (step !== null) {
          next.fill(0);
          for (let g = 0; g < G; g++) {
            const here = own[at + g]!;
            if (here < leastMass) continue;
            for (let k = 0, row = g * G; k < G; k++) next[k]! += here * step[row + k]!;
          }
          own.set(next, at);
        }
        for (let g = 0; g < G; g++) total += own[at + g]! *= weight[g]!;
      }
      intoMass.fill(0);
      beforeMass.fill(0);
      let [most, first, kept] = [-1, 0, 0];
      for (let c = 0; c < C; c++) {
        if (isAlive[c] === 0) {
          own.fill(0, c * G, (c + 1) * G);
          continue;
        }
        let [sum, same] = [0, 0];
        for (let g = 0, at = c * G; g < G; g++, at++) {
          const share = (own[at]! /= total);
          sum += share;
          if (position[g] === c) same += share;
          else intoMass[position[g]!]! += share;
        }
        kept += same;
        beforeMass[c] = sum;
        if (sum > most) [most, first] = [sum, c];
      }
      if (memory !== undefined) {
        const corrected = memory.recall(i, likelihood, days, { kept, into: intoMass, before: beforeMass });
        kept = corrected[0]!;
        intoMass.set(corrected.subarray(1));
      }
      let best = first === 0 ? 1 : 0;
      for (let c = 0; c < C; c++) if (c !== first && intoMass[c]! > intoMass[best]!) best = c;
      const gone = Math.max(0, 1 - kept);
      changed[i] = Math.round((gone / (gone + caution * Math.min(1, kept))) * changeScale);
      before[i] = classes[first]!;
      into[i] = classes[best]!;
    }
    return { id, date, changed, before, into };
  };
}

const never = -2_147_483_648;
