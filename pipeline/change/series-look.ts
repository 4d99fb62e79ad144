import { dense } from './dense.ts';
import { lookInputs, type SeriesLook } from './look-inputs.ts';
import { seasonOf, type SeriesModel } from './series-model.ts';

/** Pixels around that a likelihood depends on: those that the network sees, and one of smoothing. */
export const reachPx = ({ look: { contextPx, smooth } }: SeriesModel): number => contextPx + (smooth > 0 ? 1 : 0);

/** Nats between two neighbouring values of a likelihood. */
export const stepNats = 0.05;

/**
 * Likelihood of each kind of ground in one look; depends on this look alone, so it is made once a scene and kept.
 *
 * A small network sees the cover probabilities and the input of the encoder, of the pixel and about it, and the season: a flooded paddy looks like
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

/** Logarithm of the likelihood of each ground, `[ground][row][col]`; 0 where not seen. */
function scoresOf({ layers, grounds, bands, look: { contextPx } }: SeriesModel, look: SeriesLook): Float32Array {
  const { seen, date } = look;
  const count = seen.length;
  const planes = lookInputs(look, bands.length, contextPx);
  const flat = layers.map(({ weights, bias }) => ({
    weights: Float32Array.from(weights.flat()),
    bias: Float32Array.from(bias),
  }));
  const season = seasonOf(date);
  const first = new Float32Array(planes.length + season.length);
  first.set(season, planes.length);
  const values = [first, ...flat.map(({ bias }) => new Float32Array(bias.length))];
  const last = values.at(-1)!;
  const out = new Float32Array(grounds.length * count);
  for (let i = 0; i < count; i++) {
    if (seen[i] === 0) continue;
    for (let k = 0; k < planes.length; k++) first[k] = planes[k]![i]!;
    for (let n = 0; n < flat.length; n++) dense(flat[n]!, values[n]!, values[n + 1]!, n + 1 < flat.length);
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
