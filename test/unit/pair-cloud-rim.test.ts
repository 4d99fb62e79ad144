import { describe, expect, it } from 'vitest';
import { cloudClass } from '../../pipeline/pair/cloud-class.ts';
import { crowdedGaps, hazyRim } from '../../pipeline/pair/cloud-rim.ts';

const side = 120;
const bands = ['blue', 'green', 'red', 'nir'] as const;
const extent = { width: side, height: side };

/** Flat crops with a veil of `haze` in columns 60..69. */
function scene(haze: number) {
  const data = new Float32Array(4 * side * side);
  [0.06, 0.08, 0.05, 0.3].forEach((value, band) => data.fill(value, band * side * side, (band + 1) * side * side));
  for (let row = 0; row < side; row++)
    for (let col = 60; col < 70; col++)
      for (let band = 0; band < 4; band++) data[band * side * side + row * side + col]! += haze;
  return { data, width: side, height: side, bands: 4 };
}
const cloudUntil = (end: number): Uint8Array =>
  Uint8Array.from({ length: side * side }, (_, i) => (i % side < end ? cloudClass.cloud : cloudClass.clear));
const rimOf = (clouds: Uint8Array, haze: number) =>
  hazyRim({ clouds, own: scene(haze), other: scene(0), bands, clearHaze: { own: 0.035, other: 0.035 }, gsdM: 10 });
const at = (plane: Uint8Array, col: number): number => plane[60 * side + col]!;

describe('hazyRim', () => {
  it('hides the veil beside a cloud', () => {
    const rim = rimOf(cloudUntil(50), 0.06);
    expect([at(rim, 64), at(rim, 90)]).toEqual([1, 0]);
  });

  it('leaves the same veil far from any cloud to the single-date mask', () => {
    expect(at(rimOf(cloudUntil(20), 0.06), 64)).toBe(0);
  });

  it('hides nothing where both dates are equally hazy', () => {
    expect(rimOf(cloudUntil(50), 0).includes(1)).toBe(false);
  });
});

describe('crowdedGaps', () => {
  it('hides a gap in a deck of clouds and leaves the open side clear', () => {
    const clouds = cloudUntil(60);
    clouds.fill(cloudClass.clear, 60 * side + 20, 60 * side + 24);
    const gaps = crowdedGaps(clouds, extent);
    expect([at(gaps, 22), at(gaps, 110)]).toEqual([1, 0]);
  });

  it('does nothing under a clear sky', () => {
    expect(crowdedGaps(new Uint8Array(side * side), extent).includes(1)).toBe(false);
  });
});
