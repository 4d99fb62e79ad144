import { describe, expect, it } from 'vitest';
import type { ChangePatch } from '../../pipeline/change/patches.ts';
import { countPatches, sumCoverage, tabulateCategories, tabulateChanges } from '../../pipeline/report/summary.ts';
import type { PatchFacts } from '../../pipeline/report/summary.ts';
import type { LandClass } from '../../pipeline/types.ts';

const landClass = (name: string): LandClass => ({ code: 1, name, zh: name, colour: '#000000', group: name });
const patch = (before: string, after: string, areaM2: number, state: ChangePatch['state']): PatchFacts => ({
  classBefore: landClass(before),
  classAfter: landClass(after),
  areaM2,
  state,
  category: after === 'built' ? 'non-farm' : 'non-grain',
  severity: 'high',
  isLawful: after === 'water',
  unpermittedM2: after === 'water' ? 50 : areaM2,
});
const patches = [
  patch('crops', 'built', 1000.004, 'suspected'),
  patch('crops', 'built', 100, 'watch'),
  patch('crops', 'water', 5000, 'suspected'),
];

describe('sumCoverage', () => {
  it('prints parts that add up to the whole', () => {
    const chunk = { observedM2: 700.001, reasonsM2: { outside: 10.004, nodata: 0, cloud: 89.996, shadow: 0.004 } };
    const coverage = sumCoverage([chunk, chunk], 400);
    const { reasonsM2, observedM2, unobservedM2, gridM2 } = coverage;
    expect(Object.values(reasonsM2).reduce((sum, area) => sum + area, 0)).toBeCloseTo(unobservedM2, 6);
    expect(observedM2 + unobservedM2).toBeCloseTo(gridM2, 6);
    expect(reasonsM2.failed).toBe(400);
  });

  it('calls all of it unobserved where nothing was seen', () => {
    expect(sumCoverage([], 0).unobservedFraction).toBe(1);
  });
});

describe('tabulateChanges', () => {
  it('joins patches by their classes, the largest suspected area first', () => {
    expect(tabulateChanges(patches)).toEqual([
      { classBefore: 'crops', classAfter: 'water', suspected: 1, watch: 0, suspectedM2: 5000, watchM2: 0 },
      { classBefore: 'crops', classAfter: 'built', suspected: 1, watch: 1, suspectedM2: 1000, watchM2: 100 },
    ]);
  });
});

describe('tabulateCategories', () => {
  it('prints areas with and without permits, categories in the order of their codes', () => {
    expect(tabulateCategories(patches)).toEqual([
      {
        category: 'non-farm',
        suspected: 1,
        watch: 1,
        suspectedM2: 1000,
        watchM2: 100,
        unpermittedM2: 1000,
        lawful: 0,
        severe: 1,
      },
      {
        category: 'non-grain',
        suspected: 1,
        watch: 0,
        suspectedM2: 5000,
        watchM2: 0,
        unpermittedM2: 50,
        lawful: 1,
        severe: 1,
      },
    ]);
  });
});

describe('countPatches', () => {
  it('accounts for every changed square metre: suspected, watched and dropped', () => {
    const dropped = { slivers: { patches: 2, pixels: 9, areaM2: 900 } };
    const counted = countPatches(patches, { suspected: 2, watch: 1, changedPixels: 69, dropped });
    expect(counted.changedM2).toBeCloseTo(1000 + 100 + 5000 + 900, 2);
    expect(counted.patches.suspectedM2).toBe(6000);
  });
});
