import { seasonOf, type SeriesModel } from './series-model.ts';

/** What one look says of each pixel. */
export interface SeriesLook {
  /** ISO-8601 */
  readonly date: string;
  /** px */
  readonly width: number;
  readonly height: number;
  /** probabilities of cover, `[class][row][col]`, 255 = 1 */
  readonly cover: Uint8Array;
  /** the network's input, `[band][row][col]`; absent bands 0 */
  readonly input: Float32Array;
  /** 1 where the ground was seen */
  readonly seen: Uint8Array;
}

/** Nats between two neighbouring values of a likelihood. */
export const stepNats = 0.05;

/**
 * Likelihood of each kind of ground in one look; depends on this look alone, so it is made once a scene and kept.
 *
 * A small network sees the cover probabilities, the input of the encoder and the season: a flooded paddy looks like
 * water in June and like crops in August.
 *
 * @returns `[ground][row][col]`: 255 = the likeliest ground of the pixel, one less = `stepNats` less; 0 where not seen
 */
export function groundLikelihood(model: SeriesModel, look: SeriesLook): Uint8Array {
  const { width, height, seen } = look;
  const scores = scoresOf(model, look);
  const { smooth } = model.look;
  const grounds = model.grounds.length;
  const count = width * height;
  if (smooth > 0)
    for (let ground = 0; ground < grounds; ground++)
      blur(scores.subarray(ground * count, (ground + 1) * count), { width, height, seen, side: smooth });
  const out = new Uint8Array(grounds * count);
  for (let i = 0; i < count; i++) {
    if (seen[i] === 0) continue;
    let most = -Infinity;
    for (let at = i; at < scores.length; at += count) if (scores[at]! > most) most = scores[at]!;
    for (let at = i; at < scores.length; at += count)
      out[at] = Math.max(0, 255 - Math.round((most - scores[at]!) / stepNats));
  }
  return out;
}

function scoresOf({ layers, grounds, bands }: SeriesModel, look: SeriesLook): Float32Array {
  const { cover, input, seen, date } = look;
  const count = seen.length;
  const classes = cover.length / count;
  const roots = Float32Array.from({ length: 256 }, (_, value) => Math.sqrt(value / 255));
  const flat = layers.map(({ weights, bias }) => ({
    weights: Float32Array.from(weights.flat()),
    bias: Float32Array.from(bias),
  }));
  const values = [
    new Float32Array(classes + bands.length + 4),
    ...flat.map(({ bias }) => new Float32Array(bias.length)),
  ];
  values[0]!.set(seasonOf(date), classes + bands.length);
  const out = new Float32Array(grounds.length * count);
  for (let i = 0; i < count; i++) {
    if (seen[i] === 0) continue;
    const first = values[0]!;
    for (let k = 0; k < classes; k++) first[k] = roots[cover[k * count + i]!]!;
    for (let k = 0; k < bands.length; k++) first[classes + k] = Math.min(4.25, Math.max(-4.25, input[k * count + i]!));
    for (let n = 0; n < flat.length; n++) {
      const { weights, bias } = flat[n]!;
      const [from, to] = [values[n]!, values[n + 1]!];
      const isLast = n + 1 === flat.length;
      for (let row = 0, at = 0; row < to.length; row++) {
        let sum = bias[row]!;
        for (let k = 0; k < from.length; k++, at++) sum += weights[at]! * from[k]!;
        to[row] = isLast || sum > 0 ? sum : 0;
      }
    }
    const last = values.at(-1)!;
    for (let ground = 0; ground < last.length; ground++) out[ground * count + i] = last[ground]!;
  }
  return out;
}

interface Blur {
  readonly width: number;
  readonly height: number;
  readonly seen: Uint8Array;
  /** weight of the neighbour on each side, the pixel itself 1 − 2 · side */
  readonly side: number;
}

/** Along rows, then columns; only over what was seen. */
function blur(plane: Float32Array, { width, height, seen, side }: Blur): void {
  const pass = (step: number, lines: number, length: number, along: number): void => {
    const line = new Float32Array(length);
    for (let k = 0; k < lines; k++) {
      const start = k * step;
      for (let j = 0; j < length; j++) line[j] = plane[start + j * along]!;
      for (let j = 0; j < length; j++) {
        const at = start + j * along;
        if (seen[at] === 0) continue;
        let [sum, weight] = [line[j]! * (1 - 2 * side), 1 - 2 * side];
        if (j > 0 && seen[at - along] === 1) {
          sum += side * line[j - 1]!;
          weight += side;
        }
        if (j + 1 < length && seen[at + along] === 1) {
          sum += side * line[j + 1]!;
          weight += side;
        }
        plane[at] = sum / weight;
      }
    }
  };
  pass(width, height, width, 1);
  pass(1, width, height, width);
}
