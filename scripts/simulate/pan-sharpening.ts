import { openBlur } from './blur.ts';
import type { Look } from './look.ts';
import { hashFraction } from './random.ts';
import { blurKernel, blurReachPx, type SimulatedSensor } from './sensor.ts';

/** Spread of a multispectral pixel four times as wide, resampled (px of the result). */
const coarsePx = 1.3;
/** What a panchromatic band from 0.45 to 0.9 µm sees of blue, green, red and near infrared. */
const panWeights = [0.18, 0.26, 0.28, 0.28] as const;

/**
 * The four bands as a ground segment sharpens them: colours of the coarse pixels, detail of the panchromatic band.
 *
 * Where bands differ in contrast (plants beside soil) the detail has the wrong sign or size: the colour fringes of real products.
 * Gains and calibration differ from look to look.
 * @returns planes without the rim
 */
export function openPanSharpening(
  look: Look,
  { sensor, seed }: { readonly sensor: SimulatedSensor; readonly seed: number },
): (planes: Float32Array, wide: number, count: number) => readonly Float32Array[] {
  const coarse = openBlur(blurKernel(coarsePx));
  const fine = openBlur(blurKernel(sensor.blurPx[0]!));
  const draw = (k: number): number => hashFraction(seed, look.index, k);
  const level = 0.88 + 0.24 * draw(431);
  const gains = panWeights.map((_, band) => level * (0.95 + 0.1 * draw(432 + band)));
  // some products are sharpened a little too much, some too little
  const strength = 0.8 + 0.45 * draw(440);
  return (planes, wide, count) => {
    const plane = (count + 2 * blurReachPx) * wide;
    const pan = new Float32Array(plane);
    panWeights.forEach((weight, band) => {
      for (let i = 0, at = band * plane; i < plane; i++, at++) pan[i]! += weight * planes[at]!;
    });
    const detail = Float32Array.from(fine(pan, wide, count));
    const smooth = Float32Array.from(coarse(pan, wide, count));
    for (let i = 0; i < detail.length; i++) detail[i]! -= smooth[i]!;
    return panWeights.map((_, band) => {
      const colour = Float32Array.from(coarse(planes.subarray(band * plane, (band + 1) * plane), wide, count));
      for (let i = 0; i < colour.length; i++) {
        // detail in proportion to the band's own brightness, as ratio methods do
        const ratio = Math.min(2, colour[i]! / Math.max(0.01, smooth[i]!));
        colour[i] = Math.max(0.001, (colour[i]! + strength * ratio * detail[i]!) * gains[band]!);
      }
      return colour;
    });
  };
}
