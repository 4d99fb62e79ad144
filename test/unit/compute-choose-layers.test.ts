import { describe, expect, it } from 'vitest';
import type { LayerKind } from '../../pipeline/parcel/layer-ref.ts';
import { chooseLayers } from '../../workers/compute/choose-layers.ts';
import type { Candidate } from '../../workers/registry/resolve.ts';

const layer = (kind: LayerKind, asOf: string): Candidate => {
  const id = Buffer.from(`${kind}${asOf}`).toString('hex').padEnd(64, '0').slice(-64);
  return { ref: { kind, zone: null, id, asOf, key: `layer/${id}`, file: `${kind}.shp`, features: 1 }, number: 1 };
};
const acquired = { before: '2025-08-07', after: '2026-08-05T02:30:00Z' };
const codesOf = (candidates: readonly Candidate[], dates: Parameters<typeof chooseLayers>[2] = acquired) =>
  chooseLayers({ baseline: 'current' }, candidates, dates).warnings.map(({ code }) => code);

describe('the layers of a run', () => {
  it('warn of a land survey that may hold the change already', () => {
    const [older, between] = [layer('land-survey', '2024-12-31'), layer('land-survey', '2025-12-31')];
    const { layers, warnings } = chooseLayers({ baseline: 'current' }, [older, between], acquired);
    expect(layers).toEqual([between.ref]);
    expect(warnings).toMatchObject([
      { code: 'SURVEY_AFTER_BEFORE', message: expect.stringMatching(/of 2025-12-31 is later than .* 2025-08-07/) },
    ]);
    expect(codesOf([older])).toEqual([]);
    expect(codesOf([between], { before: null, after: null })).toEqual([]);
    const named = chooseLayers({ baseline: older.ref.id }, [older, between], acquired);
    expect(named).toEqual({ layers: [older.ref], warnings: [] });
  });

  it('say so where no land survey is among them', () => {
    expect(codesOf([layer('permit', '2026-06-30')])).toEqual(['NO_LAND_SURVEY']);
    expect(() => chooseLayers({ baseline: 'current' }, [layer('permit', '2026-12-31')], acquired)).toThrow(
      /nothing of 2026-08-05 or earlier was imported/,
    );
  });
});
