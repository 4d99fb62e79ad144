import { describe, expect, it } from 'vitest';
import { findPotential, parsePotentialRules, potentialByTown } from '../../pipeline/ledger/potential.ts';
import { loadLandCodes, loadPotentialRules } from '../../workers/rule/load-rules.ts';
import { layerOfPolygons, madeMosaic } from '../support/made-parcels.ts';

const rules = loadPotentialRules();
const codes = ['0101', '0201K', '0201', '1201', '0601', '0404', '1104K'] as const;

const survey = layerOfPolygons(
  madeMosaic({ seed: 3, cols: 7, rows: 6, sideM: 90, pointsPerSide: 2, x: 0, y: 0 }),
  (parcel) => ({
    id: String(parcel),
    code: codes[parcel % 7]!,
    planting: parcel === 2 ? 'GCHF' : '',
    town: parcel < 21 ? '330411104' : '330421103',
  }),
);

describe('the potential survey', () => {
  const found = findPotential(survey, rules);

  it('finds parcels by their code, or by the attribute that they can be recovered', () => {
    const kindOf = (parcel: number) => found.find((candidate) => candidate.parcel === parcel);
    expect([0, 1, 3, 4, 5, 6].map((parcel) => kindOf(parcel)?.kind)).toEqual([
      undefined,
      'recoverable',
      'idle-rural',
      'industrial',
      'reserve',
      'recoverable',
    ]);
    expect(kindOf(2)).toMatchObject({ kind: 'recoverable', by: 'planting' });
    expect(kindOf(9)).toBeUndefined();
  });

  it('adds up by town, m² and 亩', () => {
    const rows = potentialByTown(found, rules);
    expect(new Set(rows.map(({ town }) => town))).toEqual(new Set(['330411104', '330421103']));
    for (const { kind } of rules.kinds) {
      const own = rows.filter((row) => row.kind === kind);
      const areaM2 = found.filter((candidate) => candidate.kind === kind).reduce((sum, each) => sum + each.areaM2, 0);
      expect(Math.abs(own.reduce((sum, row) => sum + row.areaM2, 0) - areaM2)).toBeLessThan(0.01);
      const hundredths = own.reduce((sum, { areaMu }) => sum + Math.round(100 * areaMu), 0);
      expect(hundredths).toBe(Math.round((areaM2 * 3) / 20));
    }
  });

  it('refuses rules with an unknown land code', () => {
    const kinds = [{ ...rules.kinds[0]!, codes: ['9999'] }];
    expect(() => parsePotentialRules({ ...rules, kinds }, loadLandCodes())).toThrow(/9999/);
  });
});
