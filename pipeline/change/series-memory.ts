import { dense, type DenseLayer } from './dense.ts';
import { seasonOf, type SeriesModel } from './series-model.ts';

/** What the filter knows of one pixel after a look; probabilities. */
export interface Known {
  /** the ground is of the class that it was before the series */
  readonly kept: number;
  /** it was of another and is of this class now, by class */
  readonly into: Float32Array;
  /** it was of this class before the series, by class */
  readonly before: Float32Array;
}

export interface SeriesMemory {
  /**
   * Take one look at a pixel, and correct what the filter says of it.
   *
   * @param pixel position of the pixel
   * @param values likelihood of each ground in this look, as of `groundLikelihood`, at `pixel`, `pixel + pixels` …
   * @param days since the last look that saw it; 0 for the first one
   * @returns `kept`, then `into` by class; sums to 1, written anew by the next call
   */
  recall(pixel: number, values: Uint8Array, days: number, known: Known): Float32Array;
  /** The next looks are of this date. @param date ISO-8601 */
  turnTo(date: string): void;
}

const leastProbability = 1e-5;
const natsToLogit = 5;

/**
 * A gated recurrent unit in each pixel: what no single look says, and the filter does not know, for it takes looks for
 * independent: ground that errs in one direction look after look, grass that is not ploughed in, a field that is never
 * flooded. It sees what the filter sees and what it made of it, and answers with a correction of its log odds.
 *
 * @see Cho et al. 2014, arXiv:1406.1078; equations and order of gates as in PyTorch
 */
export function openSeriesMemory(
  { grounds }: Pick<SeriesModel, 'grounds'>,
  memory: NonNullable<SeriesModel['memory']>,
  { pixels, classes, stepNats }: { readonly pixels: number; readonly classes: number; readonly stepNats: number },
): SeriesMemory {
  const [fromInput, fromState, answer] = [memory.input, memory.state, memory.answer].map(flat) as [
    DenseLayer,
    DenseLayer,
    DenseLayer,
  ];
  const hidden = fromState.bias.length / 3;
  const states = new Float32Array(pixels * hidden);
  const G = grounds.length;
  const input = new Float32Array(G + 2 * classes + 1 + 4 + 1);
  const [gatesIn, gatesState] = [new Float32Array(3 * hidden), new Float32Array(3 * hidden)];
  const scores = new Float32Array(classes + 1);
  const logOf = (probability: number): number => Math.log(Math.max(leastProbability, probability)) / natsToLogit;
  return {
    turnTo(date) {
      input.set(seasonOf(date), G + 2 * classes + 1);
    },
    recall(pixel, values, days, { kept, into, before }) {
      for (let g = 0; g < G; g++) input[g] = ((values[g * pixels + pixel]! - 255) * stepNats) / 4;
      input[G] = logOf(kept);
      for (let c = 0; c < classes; c++) {
        input[G + 1 + c] = logOf(into[c]!);
        input[G + 1 + classes + c] = logOf(before[c]!);
      }
      input[input.length - 1] = Math.log1p(days) / 4;
      const state = states.subarray(pixel * hidden, (pixel + 1) * hidden);
      dense(fromInput, input, gatesIn, false);
      dense(fromState, state, gatesState, false);
      for (let k = 0, z = hidden, n = 2 * hidden; k < hidden; k++, z++, n++) {
        const reset = sigmoid(gatesIn[k]! + gatesState[k]!);
        const update = sigmoid(gatesIn[z]! + gatesState[z]!);
        const candidate = Math.tanh(gatesIn[n]! + reset * gatesState[n]!);
        state[k] = candidate + update * (state[k]! - candidate);
      }
      dense(answer, state, scores, false);
      let most = -Infinity;
      for (let k = 0; k <= classes; k++) {
        scores[k]! += memory.trust[k]! * natsToLogit * input[G + k]!;
        if (scores[k]! > most) most = scores[k]!;
      }
      let sum = 0;
      for (let k = 0; k <= classes; k++) sum += scores[k] = Math.exp(scores[k]! - most);
      for (let k = 0; k <= classes; k++) scores[k]! /= sum;
      return scores;
    },
  };
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

const flat = ({ weights, bias }: { weights: readonly (readonly number[])[]; bias: readonly number[] }): DenseLayer => ({
  weights: Float32Array.from(weights.flat()),
  bias: Float32Array.from(bias),
});
