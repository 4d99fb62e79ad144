import { describe, expect, it } from 'vitest';
import type { ChangePatch } from '../../pipeline/change/patches.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { openLand } from '../../pipeline/parcel/land.ts';
import type { LandLayers } from '../../pipeline/parcel/land.ts';
import { buildLayer } from '../../pipeline/parcel/layer.ts';
import { patchPropertiesSchema } from '../../pipeline/report/formats.ts';
import { openPatchJudge } from '../../workers/compute/patch-judge.ts';
import type { PatchJudgeOptions } from '../../workers/compute/patch-judge.ts';
import { loadRules } from '../../workers/rule/load-rules.ts';

const centre = { lonDeg: 120.78, latDeg: 30.69 };
const box = (x: number, y: number, width: number, height: number): Float64Array =>
  Float64Array.of(x, y, x + width, y, x + width, y + height, x, y + height);
const layer = (rows: readonly (readonly [Float64Array, Readonly<Record<string, string>>])[]) =>
  buildLayer({ centre, features: rows.map(([ring, attributes]) => ({ polygons: [[ring]], attributes })) });
const period = { from: '2025-08-10', to: '2026-08-10' };
const nothing: LandLayers = {
  survey: null,
  permanentFarmland: null,
  permits: null,
  zones: [],
  projects: null,
  subProjects: null,
};

/** Patches here are rings in frame metres already. */
function judgeOn(layers: Partial<LandLayers> | null, more: Partial<PatchJudgeOptions> = {}) {
  const land = layers && openLand({ ...nothing, ...layers });
  return openPatchJudge({
    land: land && {
      layers: land.layers,
      frame: equalAreaFrame(centre),
      shapeOf: (rings) => rings.map((ring) => Float64Array.from(ring)),
      under: (shape) => land.under(shape, period),
    },
    rules: loadRules(),
    dateBefore: period.from,
    dateAfter: period.to,
    isExperimental: false,
    isSeasonWeighed: false,
    leastProbability: {},
    ...more,
  });
}

const classes = { crops: '耕地', built: '建设', water: '水体' } as const;
const landClass = (name: keyof typeof classes) => ({
  code: 1,
  name,
  zh: classes[name],
  colour: '#000000',
  group: name,
});
const patch = (after: keyof typeof classes, ring: Float64Array, probability = 0.7): ChangePatch => ({
  id: 'a'.repeat(64),
  classBefore: landClass('crops'),
  classAfter: landClass(after),
  probability,
  areaM2: 10_000,
  pixels: 100,
  state: 'suspected',
  minAreaM2: 2000,
  bboxPx: [0, 0, 10, 10],
  rings: [[...ring]],
});
const here = box(0, 0, 100, 100);
const village = { village: '330411104201', town: '330411104', county: '330411', villageName: '潘家浜村' };

describe('openPatchJudge', () => {
  it('goes by the image where no survey is given, and says so', () => {
    const { properties, unpermittedM2 } = judgeOn(null)(patch('built', here));
    expect(patchPropertiesSchema.parse(properties)).toMatchObject({
      category: 'non-farm',
      beforeFrom: 'image',
      codeBefore: null,
      parcels: [],
      town: null,
    });
    expect(unpermittedM2).toBe(10_000);
  });

  it('takes the category that most of the patch falls into, over all parcels of a kind', () => {
    const survey = layer([
      [box(0, 0, 40, 100), { id: 'factory', code: '0601', ...village }],
      [box(40, 0, 30, 100), { id: 'paddy', code: '0101', ...village }],
      [box(70, 0, 30, 100), { id: 'dry', code: '0103', ...village }],
    ]);
    const { properties } = judgeOn({ survey })(patch('built', here));
    expect(properties).toMatchObject({
      category: 'non-farm',
      beforeFrom: 'survey',
      town: '330411104',
      townName: '新塍镇',
      villageName: '潘家浜村',
    });
    expect(['0101', '0103']).toContain(properties.codeBefore);
    expect(properties.parcels.map(({ id, shareFraction }) => [id, shareFraction])).toEqual([
      ['factory', 0.4],
      ['paddy', 0.3],
      ['dry', 0.3],
    ]);
  });

  it('counts ground under two permits once, keeps the remainder, and passes over one that had ended', () => {
    const permits = layer([
      [box(0, 0, 60, 100), { id: 'A', number: '甲', validFrom: '2026-01-01', validTo: '2027-01-01' }],
      [box(40, 0, 60, 100), { id: 'B', number: '乙', validFrom: '', validTo: '' }],
      [box(0, 0, 100, 100), { id: 'C', number: '丙', validFrom: '2020-01-01', validTo: '2021-01-01' }],
    ]);
    const { properties, unpermittedM2 } = judgeOn({ permits })(patch('built', box(0, 0, 100, 100)));
    expect(properties.permits.map(({ id }) => id).toSorted()).toEqual(['A', 'B']);
    expect(properties.permitFraction).toBe(1);
    expect(properties.isLawful).toBe(true);
    expect(unpermittedM2).toBeCloseTo(0, 6);
    expect(properties.reasons.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['permit-date-unsure', 'permit-not-in-force']),
    );
    expect(properties.reasons.find(({ code }) => code === 'permit-not-in-force')?.zh).toMatch(
      /批准 丙（有效期 2020-01-01 - 2021-01-01）覆盖 10000 m²/,
    );
    const half = judgeOn({ permits })(patch('built', box(50, 0, 100, 100))).properties;
    expect(half).toMatchObject({ permitFraction: 0.5, isLawful: false, unpermittedM2: 5000 });
    expect(half.permits.find(({ id }) => id === 'A')).toMatchObject({ coveredM2: 1000, remainderM2: 5000 });
  });

  it('is graver on permanent farmland', () => {
    const permanentFarmland = layer([[box(0, 0, 100, 50), { id: 'Y1' }]]);
    const { properties } = judgeOn({ permanentFarmland })(patch('water', here));
    expect(properties).toMatchObject({
      category: 'non-grain',
      severity: 'severe',
      permanentFarmlandFraction: 0.5,
    });
  });

  it('leaves weak evidence for review and says what the rule would call it', () => {
    const judge = judgeOn(null, { leastProbability: { 'non-farm': 0.8 } });
    const weak = judge(patch('built', here, 0.79)).properties;
    expect(weak.category).toBe('review');
    expect(weak.reasons[0]!.code).toBe('weak-evidence');
    expect(weak.reasons.length).toBeGreaterThan(1);
    expect(judge(patch('built', here, 0.81)).properties.category).toBe('non-farm');
    expect(judge(patch('water', here, 0.6)).properties.category).toBe('non-grain');
  });
});
