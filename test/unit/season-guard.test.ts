import { describe, expect, it } from 'vitest';
import { seasonGuard, type SeasonFacts } from '../../pipeline/season/guard.ts';
import { loadRegion, loadSeasonRules } from '../../workers/rule/load-rules.ts';

const [rules, region] = [loadSeasonRules(), loadRegion()];
const held = (classSeen: string, date: string, more: Partial<SeasonFacts> = {}) =>
  seasonGuard({ classBefore: 'crops', classSeen, date, county: null, ...more }, rules, region);

/** Guard of the 5th, 15th and 25th of each month. */
const yearOf = (classSeen: string): readonly string[] =>
  Array.from({ length: 12 }, (_, month) =>
    ['05', '15', '25']
      .map((day) => held(classSeen, `2026-${String(month + 1).padStart(2, '0')}-${day}`)?.guard ?? '-')
      .join(' '),
  );

describe('the season guard', () => {
  it('holds water in every month as paddies are flooded, and in no other', () => {
    expect(yearOf('water')).toEqual([
      '- - -',
      '- - -',
      '- - -',
      '- refilled-paddy refilled-paddy',
      'refilled-paddy refilled-paddy flooded-paddy',
      'flooded-paddy flooded-paddy flooded-paddy',
      'flooded-paddy flooded-paddy refilled-paddy',
      'refilled-paddy - -',
      '- - -',
      '- - -',
      '- - -',
      '- - -',
    ]);
    expect(yearOf('pond')).toEqual(yearOf('water'));
  });

  it('holds bare ground in every month but those in which rice stands', () => {
    expect(yearOf('bare')).toEqual([
      ...Array.from({ length: 2 }, () => 'winter-bare winter-bare winter-bare'),
      ...Array.from({ length: 2 }, () => 'spring-bare spring-bare spring-bare'),
      'harvest-bare harvest-bare flooded-mud',
      'flooded-mud flooded-mud flooded-mud',
      'flooded-mud flooded-mud -',
      '- - -',
      '- - -',
      '- harvest-bare harvest-bare',
      'harvest-bare harvest-bare harvest-bare',
      'winter-bare winter-bare winter-bare',
    ]);
  });

  it('holds buildings only where they may be mud, and trees, orchards and crops never', () => {
    const mud = yearOf('built');
    expect(mud.filter((month) => month !== '- - -')).toEqual([
      '- - flooded-mud',
      'flooded-mud flooded-mud flooded-mud',
      'flooded-mud flooded-mud -',
    ]);
    expect(mud[4]).toBe('- - flooded-mud');
    for (const name of ['trees', 'orchard', 'crops', 'greenhouse', 'photovoltaic'])
      expect(yearOf(name)).toEqual(Array.from({ length: 12 }, () => '- - -'));
  });

  it('holds green winter ground of December to April: green manure and weeds are no abandonment', () => {
    expect(yearOf('grass-shrub').map((month) => month !== '- - -')).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((month) => month <= 4 || month === 12),
    );
  });

  it('says from when on a look would count, over the end of the year too', () => {
    expect(held('water', '2026-06-01')).toMatchObject({ guard: 'flooded-paddy', countsFrom: '2026-08-11' });
    expect(held('built', '2026-06-01')).toMatchObject({ guard: 'flooded-mud', countsFrom: '2026-07-16' });
    expect(held('bare', '2025-11-20T02:31:00Z')).toMatchObject({ guard: 'harvest-bare', countsFrom: '2026-07-16' });
    expect(held('water', '2026-05-19')?.guard).toBe('refilled-paddy');
    expect(held('water', '2026-05-20')?.guard).toBe('flooded-paddy');
  });

  it('holds on fields alone: water was no crop before, unless the survey says cropland', () => {
    expect(held('bare', '2026-06-01', { classBefore: 'built' })).toBeNull();
    expect(held('bare', '2026-06-01', { classBefore: 'built', isCropland: true })?.guard).toBe('flooded-mud');
  });

  it('follows the periods that a county has of its own', () => {
    const own = { id: 'paddies-flooded', from: '06-10', to: '08-20', source: 'test', verified: false };
    const counties = region.counties.map((county) =>
      county.code === '330424' ? { ...county, periods: [own] } : county,
    );
    const facts = { classBefore: 'crops', classSeen: 'water', date: '2026-08-15' };
    const guardOf = (county: string) => seasonGuard({ ...facts, county }, rules, { ...region, counties });
    expect(guardOf('330424')).toMatchObject({ guard: 'flooded-paddy', countsFrom: '2026-08-21' });
    expect(guardOf('330421')).toBeNull();
  });

  it('holds nothing where nobody wrote a calendar down, and says so when a guard never lets go', () => {
    const facts = { classBefore: 'crops', classSeen: 'water', date: '2026-06-01', county: null };
    expect(seasonGuard(facts, rules, null)).toBeNull();
    const always = {
      ...region,
      periods: [{ ...region.periods[0]!, kinds: ['flooded' as const], from: '01-01', to: '12-31' }],
    };
    expect(seasonGuard(facts, rules, always)).toMatchObject({ guard: 'flooded-paddy', countsFrom: null });
    expect(() => held('water', 'June')).toThrow(/"June" is no date/);
  });
});
