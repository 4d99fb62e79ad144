/** Weights `[to][from]` and bias of one layer; of a convolution `from` is `[tap][channel]`. */
export interface NetLayer {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * A network of a year's curves: convolutions along the year, their mean and their largest value over it, two dense layers.
 *
 * Each step sees every curve, the days to the nearest look, and where in the year it is.
 */
export interface CurveNet {
  /** what may have stood in a crop year, one row a class */
  readonly pairs: readonly { readonly winter: string; readonly summer: string }[];
  /** curves, the gaps among them */
  readonly channels: number;
  readonly steps: number;
  /** taps of a convolution, odd */
  readonly kernel: number;
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  readonly convolutions: readonly NetLayer[];
  readonly dense: readonly [NetLayer, NetLayer];
}

/** Standardised values beyond this are no further apart. */
const clip = 5;
/** Channels that say where in the year a step is. */
export const clockChannels = 5;

/**
 * Probabilities of the pairs, adding up to 1.
 *
 * @param features of `seasonFeatures`, `[channel][step]`, none NaN
 */
export function pairShares(net: CurveNet, features: Float32Array): Float64Array {
  const { steps, convolutions, dense } = net;
  let curves = standardised(net, features);
  for (const layer of convolutions) curves = convolved(curves, layer, net);
  const wide = curves.length / steps;
  const pooled = new Float32Array(2 * wide);
  for (let channel = 0; channel < wide; channel++) {
    let [sum, most] = [0, -Infinity];
    for (let step = 0; step < steps; step++) {
      const value = curves[step * wide + channel]!;
      sum += value;
      if (value > most) most = value;
    }
    pooled[channel] = sum / steps;
    pooled[wide + channel] = most;
  }
  const hidden = new Float32Array(dense[0].bias.length);
  weigh(dense[0], pooled, { at: 0, to: hidden, from: 0 });
  const values = new Float32Array(dense[1].bias.length);
  weigh(dense[1], rectified(hidden), { at: 0, to: values, from: 0 });
  const most = values.reduce((a, b) => Math.max(a, b));
  const odds = Float64Array.from(values, (value) => Math.exp(value - most));
  const total = odds.reduce((a, b) => a + b);
  return odds.map((value) => value / total);
}

/** `[step][channel]`, the clock after the curves. */
function standardised({ channels, steps, mean, deviation }: CurveNet, features: Float32Array): Float32Array {
  const wide = channels + clockChannels;
  const out = new Float32Array(steps * wide);
  for (let step = 0; step < steps; step++) {
    for (let k = 0; k < channels; k++) {
      const value = (features[k * steps + step]! - mean[k]!) / deviation[k]!;
      out[step * wide + k] = Math.min(clip, Math.max(-clip, value));
    }
    const at = (step + 0.5) / steps;
    const turn = 2 * Math.PI * at;
    out.set(
      [Math.sin(turn), Math.cos(turn), Math.sin(2 * turn), Math.cos(2 * turn), 2 * at - 1],
      step * wide + channels,
    );
  }
  return out;
}

/** A rectified convolution along the steps; beyond the year all is 0. */
function convolved(curves: Float32Array, layer: NetLayer, { steps, kernel }: CurveNet): Float32Array {
  const [from, to] = [curves.length / steps, layer.bias.length];
  const padded = new Float32Array((steps + kernel - 1) * from);
  padded.set(curves, ((kernel - 1) / 2) * from);
  const out = new Float32Array(steps * to);
  for (let step = 0; step < steps; step++) weigh(layer, padded, { at: step * from, to: out, from: step * to });
  return rectified(out);
}

/** Values of a layer of the inputs from `at` on, written from `from` on. */
function weigh(
  { weights, bias }: NetLayer,
  inputs: Float32Array,
  { at, to, from }: { readonly at: number; readonly to: Float32Array; readonly from: number },
): void {
  const wide = weights.length / bias.length;
  for (let row = 0; row < bias.length; row++) {
    let sum = bias[row]!;
    for (let k = 0, w = row * wide; k < wide; k++, w++) sum += weights[w]! * inputs[at + k]!;
    to[from + row] = sum;
  }
}

function rectified(values: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) if (values[i]! < 0) values[i] = 0;
  return values;
}
