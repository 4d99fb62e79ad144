import type { ImageInput } from '../pipeline/segment/tensor.ts';
import type { BandName } from '../pipeline/types.ts';

/** Quantiles of one band of a scene, reflectance. */
export interface BandQuantiles {
  readonly name: BandName;
  readonly p2: number;
  readonly p50: number;
  readonly p98: number;
}

export interface BandVerdict extends BandQuantiles {
  readonly expected: Omit<BandQuantiles, 'name'> | null;
  readonly verdict: 'fits' | 'unlike' | 'unknown';
}

export interface SceneVerdict {
  readonly bands: readonly BandVerdict[];
  /** what is wrong, one sentence each; empty = fits */
  readonly findings: readonly string[];
}

/** A band is unlike the training scenes when middle and upper end are both off by this factor, the same way. */
const unlikeFactor = 4;
/**
 * A swap is named when it explains the scene this much better (variance of the log ratios). Chosen just above the largest
 * gain (0.043) of 38 dates of 19 cities in right order, so "no false call" there is by construction; it finds 61-79 % of the
 * swaps with nir and of blue with red on the same dates, and 0-3 % of green's with its neighbours. A fit is no proof.
 */
const swapGain = 0.045;
const swapBands: readonly BandName[] = ['blue', 'green', 'red', 'nir'];
const smallest = 1e-4;

/**
 * Compare a scene's bands with those that the network learnt from: scale, and order of the bands.
 *
 * @param expected of the card; without it nothing can be said
 */
export function judgeScene(expected: ImageInput['expected'], measured: readonly BandQuantiles[]): SceneVerdict {
  const bands = measured.map((band): BandVerdict => {
    const known = expected?.[band.name];
    if (!known) return { ...band, expected: null, verdict: 'unknown' };
    const [middle, end] = [ratio(band.p50, known.p50), ratio(band.p98, known.p98)];
    const isUnlike = Math.min(middle, end) > Math.log(unlikeFactor) || Math.max(middle, end) < -Math.log(unlikeFactor);
    return { ...band, expected: known, verdict: isUnlike ? 'unlike' : 'fits' };
  });
  return { bands, findings: [...findScale(bands), ...findSwap(bands)] };
}

function ratio(found: number, wanted: number): number {
  return Math.log(Math.max(found, smallest) / Math.max(wanted, smallest));
}

function findScale(bands: readonly BandVerdict[]): string[] {
  const unlike = bands.filter(({ verdict }) => verdict === 'unlike');
  if (unlike.length === 0) return [];
  const known = bands.flatMap(({ p50, expected }) => (expected ? [Math.exp(ratio(p50, expected.p50))] : []));
  const middle = known.sort((a, b) => a - b)[Math.floor(known.length / 2)] ?? 1;
  const all = unlike.length === known.length;
  const names = unlike.map(({ name }) => name).join(', ');
  return [
    all
      ? `All bands are about ${middle.toPrecision(2)} times what the network was trained on: give the scale with --scale.`
      : `${names}: unlike what the network was trained on (snow, cloud, water, or a wrong band).`,
  ];
}

/** The pair of bands whose exchange would bring the scene closest to the expected spectrum, if it is far better. */
function findSwap(bands: readonly BandVerdict[]): string[] {
  if (bands.some(({ verdict }) => verdict === 'unlike')) return [];
  const known = bands.flatMap(({ name, p2, p50, p98, expected }) =>
    expected && swapBands.includes(name)
      ? [{ name, found: [p2, p50, p98], wanted: [expected.p2, expected.p50, expected.p98] }]
      : [],
  );
  const misfit = (order: readonly number[]): number => {
    const logs = known.flatMap(({ found }, k) => {
      const { wanted = [] } = known[order[k] ?? k] ?? {};
      return found.map((value, at) => ratio(value, wanted[at] ?? value));
    });
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    return logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length;
  };
  const straight = known.map((_, k) => k);
  let best = { gain: swapGain, text: '' };
  for (const i of straight)
    for (const j of straight.slice(0, i)) {
      const gain = misfit(straight) - misfit(straight.map((k) => (k === i ? j : k === j ? i : k)));
      if (gain > best.gain)
        best = { gain, text: `${known[j]?.name} and ${known[i]?.name} exchanged would fit far better: check --bands.` };
    }
  return best.text ? [best.text] : [];
}
