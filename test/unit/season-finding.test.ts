import { describe, expect, it } from 'vitest';
import type { AbandonmentJudgement } from '../../pipeline/season/abandonment.ts';
import { tellAbandonment } from '../../pipeline/season/abandonment-told.ts';
import { type ParcelYear, plantingFindings } from '../../pipeline/season/finding.ts';
import { plantingCodes, type PlantingStatus } from '../../pipeline/season/planting.ts';
import { monthsLater, projectTending, type TendingYear } from '../../pipeline/season/tending-group.ts';
import { loadSeasonRules } from '../../workers/rule/load-rules.ts';

const rules = loadSeasonRules();

interface Given {
  readonly abandonment?: AbandonmentJudgement['state'];
  readonly confidence?: number;
  readonly model?: string | null;
  readonly isTilled?: boolean | null;
  readonly grainOn?: string;
}

const yearOf = (year: number, status: PlantingStatus, given: Given = {}): ParcelYear => {
  const { abandonment = 'cultivated', confidence = 0.9, model = 'm', grainOn } = given;
  const { isTilled = status !== 'uncultivated' } = given;
  const evidence = grainOn === undefined ? [] : [{ code: 'green-peak', zh: '绿峰', en: 'green peak', date: grainOn }];
  return {
    judgement: {
      year,
      status,
      code: plantingCodes[status],
      confidence,
      grainProbability: null,
      looks: 20,
      isTilled,
      evidence,
      model,
    },
    abandonment: {
      state: abandonment,
      seasons: [year - 1, year].map((season) => ({ year: season, looks: 8, hasCrop: false })),
      evidence: [],
    },
  };
};
const found = (...years: readonly ParcelYear[]) => plantingFindings(tellAbandonment(years), rules, '2027-01-05');
const states = (...years: readonly ParcelYear[]) => tellAbandonment(years).map(({ abandonment }) => abandonment.state);
const told = (...years: readonly ParcelYear[]) => found(...years).map((finding) => finding?.rule.category ?? null);

describe('a finding of planting', () => {
  it('is made of a whole year of other crops, and of nothing that is allowed, unknown or a single idle year', () => {
    const allowed: readonly PlantingStatus[] = ['grain', 'rotation', 'fallow', 'uncultivated', 'unknown'];
    for (const status of allowed) expect(told(yearOf(2026, status))).toEqual([null]);
    const [finding] = found(yearOf(2026, 'non-grain'));
    expect(finding).toMatchObject({
      rule: { id: 'planting-non-grain-year' },
      foundOn: '2026-11-30',
      restoredOn: null,
      isCertain: true,
    });
    expect(found(yearOf(2026, 'non-grain', { confidence: 0.7 }))[0]!.isCertain).toBe(false);
  });

  it('is abandonment where two seasons show no crop and no year says that the land was used', () => {
    const idle = yearOf(2026, 'uncultivated', { abandonment: 'suspected' });
    expect(told(yearOf(2025, 'uncultivated'), idle)).toEqual([null, 'abandoned']);
    expect(told(yearOf(2025, 'unknown', { isTilled: false }), idle)).toEqual([null, 'abandoned']);
    for (const status of ['grain', 'rotation', 'fallow'] as const)
      expect(told(yearOf(2025, status), idle)).toEqual([null, null]);
    expect(told(yearOf(2025, 'non-grain'), idle)).toEqual(['non-grain', null]);
    expect(told(yearOf(2026, 'uncultivated', { abandonment: 'insufficient-observations' }))).toEqual([null]);
  });

  it('is not abandonment where a model cannot tell, and is where none can judge', () => {
    const undecided = (model: string | null, isTilled: boolean | null = null) =>
      yearOf(2026, 'unknown', { abandonment: 'suspected', model, isTilled, confidence: 0 });
    expect(told(undecided('m'))).toEqual([null]);
    expect(told(undecided(null))).toEqual(['abandoned']);
    const before = yearOf(2025, 'uncultivated');
    expect(told(before, undecided('m', true))).toEqual([null, null]);
    const [, finding] = found(before, undecided('m', false));
    expect(finding).toMatchObject({ rule: { category: 'abandoned' }, isCertain: false });
  });

  it('leaves no parcel under suspicion that it does not ask about, so that payment is held for what is said', () => {
    const seasons = (status: PlantingStatus, isTilled: boolean | null = null) =>
      states(yearOf(2025, 'uncultivated'), yearOf(2026, status, { abandonment: 'suspected', isTilled }))[1];
    expect(seasons('uncultivated', false)).toBe('suspected');
    expect(seasons('grain', true)).toBe('cultivated');
    expect(seasons('non-grain', false)).toBe('cultivated');
    expect(seasons('unknown', true)).toBe('insufficient-observations');
  });

  it('ends on the day on which a later year shows grain; a later year without grain is another finding', () => {
    const ended = found(yearOf(2025, 'non-grain'), yearOf(2026, 'grain', { grainOn: '2026-08-12' }));
    expect(ended.map((finding) => finding?.restoredOn ?? null)).toEqual(['2026-08-12', null]);
    expect(found(yearOf(2025, 'non-grain'), yearOf(2026, 'grain'))[0]!.restoredOn).toBe('2026-11-30');
    expect(told(yearOf(2025, 'non-grain'), yearOf(2026, 'non-grain'))).toEqual(['non-grain', 'non-grain']);
    expect(found(yearOf(2025, 'non-grain'), yearOf(2026, 'non-grain'))[0]!.restoredOn).toBeNull();
  });
});

describe('the tending of a project', () => {
  const options = { yearTo: rules.planting.yearTo, rules: rules.tending };
  const group = (planting: PlantingStatus, abandonment: AbandonmentJudgement['state'], areaM2 = 1000) => ({
    planting,
    abandonment,
    parcels: 1,
    areaM2,
  });
  const year = (of: number, groups: TendingYear['groups'], source = 's'): TendingYear => ({
    source,
    project: 'P',
    year: of,
    groups,
  });
  const on = (day: string, years: readonly TendingYear[], endDate: string | null = '2024-02-29') =>
    projectTending({ id: 'P', endDate }, years, { ...options, on: day });
  const tended = year(2026, [group('grain', 'cultivated')]);

  it('runs so many months from the end of the works', () => {
    expect(monthsLater('2024-02-29', 12)).toBe('2025-02-28');
    expect(monthsLater('2024-12-31', 2)).toBe('2025-02-28');
    expect(on('2026-12-31', [tended])).toMatchObject({ to: '2027-02-28', isWatched: true, isPaymentHeld: true });
    expect(on('2027-03-01', [tended])).toMatchObject({ isWatched: false, isPaymentHeld: false, year: 2026 });
    expect(on('2027-03-01', [tended], null)).toMatchObject({ to: null, isPaymentHeld: true });
  });

  it('holds payment while one parcel is held, says why by area, and takes what nobody judged for not tended', () => {
    const some = year(2026, [group('grain', 'cultivated', 9000), group('uncultivated', 'suspected', 500)]);
    const held = on('2027-03-01', [some]);
    expect(held.isPaymentHeld).toBe(true);
    expect(held.reasons.map(({ code, areaM2 }) => [code, areaM2])).toEqual([
      ['tended', 9000],
      ['abandonment-suspected', 500],
    ]);
    expect(on('2027-03-01', [])).toMatchObject({ isPaymentHeld: true, year: null });
  });

  it('rests on the latest year that was over, by the series that judged most of it', () => {
    const small = year(2026, [group('non-grain', 'cultivated', 10)], 'a');
    expect(on('2027-03-01', [year(2025, [group('uncultivated', 'suspected')]), small, tended]).isPaymentHeld).toBe(
      false,
    );
    expect(on('2026-11-29', [tended, year(2025, [group('grain', 'cultivated')])]).year).toBe(2025);
  });
});
