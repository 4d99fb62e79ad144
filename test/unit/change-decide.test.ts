import { describe, expect, it } from 'vitest';
import { fuseEvidence, fusionFor, smoothedChange, type Fusion } from '../../pipeline/change/decide.ts';

const one = (
  network: number | null,
  irmad: number,
  vectors: number,
  {
    reason = 0,
    fusion = null,
    classBefore = 3,
    classAfter = 4,
    field = null,
  }: {
    readonly reason?: number;
    readonly fusion?: Fusion | null;
    readonly classBefore?: number;
    readonly classAfter?: number;
    readonly field?: number | null;
  } = {},
): number =>
  fuseEvidence(
    {
      network: network === null ? null : Float32Array.of(network),
      irmad: Float32Array.of(irmad),
      vectors: Float32Array.of(vectors),
      classesBefore: Uint8Array.of(classBefore),
      classesAfter: Uint8Array.of(classAfter),
      field: field === null ? null : Uint8Array.of(field),
    },
    Uint8Array.of(reason),
    fusion,
  )[0]!;

const fields: Pick<Fusion, 'classesBefore' | 'classesAfter' | 'gsdM' | 'isSmoothed' | 'source'> = {
  classesBefore: [3],
  classesAfter: [],
  gsdM: [8, 15],
  isSmoothed: false,
  source: 'made up',
};

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
    for (const reason of [1, 2, 3, 4, 9]) expect(one(1, 1, 1, { reason })).toBe(255);
  });

  it('pools the log odds by the weights of the card', () => {
    const fusion = { ...fields, bias: -1, network: 0.5, irmad: 0.25, vectors: 0.25 };
    const odds = (p: number): number => Math.log(p / (1 - p));
    const sum = -1 + 0.5 * odds(0.9) + 0.25 * odds(0.6) + 0.25 * odds(0.2);
    expect(one(0.9, 0.6, 0.2, { fusion })).toBe(Math.round(250 / (1 + Math.exp(-sum))));
    expect(one(0.9, 0.6, 0.2, { reason: 1, fusion })).toBe(255);
  });

  it('lets one voice of full weight speak for itself, and nobody be surer than half a step', () => {
    const alone = { ...fields, bias: 0, network: 1, irmad: 0, vectors: 0 };
    expect(one(0.4, 1, 0, { fusion: alone })).toBe(100);
    const certain = { ...alone, network: 4 };
    expect(one(1, 0.5, 0.5, { fusion: certain })).toBe(250);
    expect(one(0, 0.5, 0.5, { fusion: certain })).toBe(0);
  });

  it('asks IR-MAD and change vectors alone where there is no network, whatever the weights', () => {
    const fusion = { ...fields, bias: 3, network: 1, irmad: 0, vectors: 0 };
    expect(one(null, 0.9, 0.4, { fusion })).toBe(one(null, 0.9, 0.4));
  });

  it('takes the word of the network for what is a field, where it gives one, not the classes', () => {
    const fusion = { ...fields, bias: 3, network: 1, irmad: 0, vectors: 0 };
    expect(one(0.2, 0.9, 0.4, { fusion, field: 1, classBefore: 4 })).toBe(one(0.2, 0.9, 0.4, { fusion }));
    expect(one(0.2, 0.9, 0.4, { fusion, field: 0, classBefore: 3 })).toBe(one(0.2, 0.9, 0.4));
  });

  it('keeps to the mean on ground that the weights are not for', () => {
    const fusion = { ...fields, bias: 3, network: 1, irmad: 0, vectors: 0 };
    expect(one(0.2, 0.9, 0.4, { fusion, classBefore: 4 })).toBe(one(0.2, 0.9, 0.4));
    expect(one(0.2, 0.9, 0.4, { fusion, classBefore: 3 })).not.toBe(one(0.2, 0.9, 0.4));
  });
});

describe('ground that only the later date shows as a field', () => {
  const fusion: Fusion = { ...fields, classesAfter: [3], bias: 3, network: 1, irmad: 0, vectors: 0 };

  it('is judged by the weights too, where the card says so', () => {
    expect(one(0.2, 0.9, 0.4, { fusion, classBefore: 1, classAfter: 3 })).toBe(one(0.2, 0.9, 0.4, { fusion }));
    expect(one(0.2, 0.9, 0.4, { fusion, classBefore: 1, classAfter: 4 })).toBe(one(0.2, 0.9, 0.4));
    expect(one(0.2, 0.9, 0.4, { fusion: { ...fusion, classesAfter: [] }, classBefore: 1, classAfter: 3 })).toBe(
      one(0.2, 0.9, 0.4),
    );
  });
});

describe('fusionFor', () => {
  const fusion: Fusion = { ...fields, bias: 0, network: 1, irmad: 0, vectors: 0 };

  it('leaves the weights out for pixel sizes they were not fitted for', () => {
    expect(fusionFor(fusion, 10.02)).toBe(fusion);
    expect(fusionFor(fusion, 7.95)).toBe(fusion);
    expect(fusionFor(fusion, 30)).toBeNull();
    expect(fusionFor(fusion, 2)).toBeNull();
    expect(fusionFor(undefined, 10)).toBeNull();
  });
});

describe('smoothedChange', () => {
  it('leaves even ground as it is, up to the borders', () => {
    expect([...smoothedChange(new Uint8Array(12).fill(60), 4)]).toEqual(new Array(12).fill(60));
  });

  it('lets the neighbours outvote a pixel that stands alone, and keeps a line of pixels', () => {
    const alone = new Uint8Array(25).fill(10);
    alone[12] = 200;
    expect(smoothedChange(alone, 5)[12]).toBeLessThan(75);
    const line = new Uint8Array(25).fill(60);
    for (const at of [10, 11, 12, 13, 14]) line[at] = 200;
    expect(smoothedChange(line, 5)[12]).toBeGreaterThan(120);
  });

  it('is the mean of log odds with the weights 1-2-1 in rows and columns', () => {
    const odds = (value: number): number => Math.log(value / (250 - value));
    const [first, second] = [50, 200];
    const mean = (2 * odds(first) + odds(second)) / 3;
    expect(smoothedChange(Uint8Array.of(first, second), 2)[0]).toBe(Math.round(250 / (1 + Math.exp(-mean))));
    expect(smoothedChange(Uint8Array.of(first, second), 1)[0]).toBe(Math.round(250 / (1 + Math.exp(-mean))));
  });

  it('keeps what was not seen unseen, and out of its neighbours', () => {
    expect([...smoothedChange(Uint8Array.of(255, 100, 255, 0), 4)].slice(0, 3)).toEqual([255, 100, 255]);
  });
});
