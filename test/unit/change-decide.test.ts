import { describe, expect, it } from 'vitest';
import { fuseEvidence } from '../../pipeline/change/decide.ts';

const one = (network: number | null, irmad: number, vectors: number, reason = 0): number =>
  fuseEvidence(
    {
      network: network === null ? null : Float32Array.of(network),
      irmad: Float32Array.of(irmad),
      vectors: Float32Array.of(vectors),
    },
    Uint8Array.of(reason),
  )[0]!;

describe('fuseEvidence', () => {
  it('is certain where all voices are, and silent where one of them is', () => {
    expect(one(1, 1, 1)).toBe(250);
    expect(one(0, 1, 1)).toBe(0);
    expect(one(1, 0, 1)).toBe(0);
    expect(one(1, 1, 0)).toBe(0);
  });

  it('is the geometric mean of IR-MAD and change vectors without a network', () => {
    expect(one(null, 0.9, 0.4)).toBe(Math.round(250 * Math.sqrt(0.36)));
  });

  it('grows with every voice', () => {
    const middle = one(0.5, 0.5, 0.5);
    expect(one(0.6, 0.5, 0.5)).toBeGreaterThan(middle);
    expect(one(0.5, 0.6, 0.5)).toBeGreaterThan(middle);
    expect(one(0.5, 0.5, 0.6)).toBeGreaterThan(middle);
  });

  it('says 255 wherever the ground was not seen, never "no change"', () => {
    for (const reason of [1, 2, 3, 4, 9]) expect(one(1, 1, 1, reason)).toBe(255);
  });
});
