import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type GroundFacts, judge } from '../../pipeline/rule/judge.ts';
import { daysOfYear } from '../../pipeline/rule/region.ts';
import { categoryTable } from '../../scripts/category-table.ts';
import { loadRegion, loadRules } from '../../workers/rule/load-rules.ts';

const rules = loadRules();
const classes = rules.category.classes.map(({ name }) => name);
const facts = (given: Partial<GroundFacts>): GroundFacts => ({
  classBefore: 'crops',
  classSeen: 'built',
  landCode: '0101',
  dateBefore: '2025-08-10',
  dateAfter: '2026-08-12',
  county: '330421',
  permanentFarmlandFraction: 0,
  grainZoneFraction: 0,
  permitFraction: 0,
  ...given,
});
const codesOf = (given: Partial<GroundFacts>): readonly string[] =>
  judge(facts(given), rules).reasons.map(({ code }) => code);

describe('judge', () => {
  it('gives each of the 82 codes the category that was read through', () => {
    const path = new URL('../golden/category-82.md', import.meta.url);
    expect(existsSync(path)).toBe(true);
    expect(categoryTable(rules)).toBe(readFileSync(path, 'utf8'));
  });

  it('has a row for every ground, class before, class seen and date, also unknown ones', () => {
    const codes = [null, ...rules.category.grounds.flatMap(({ codes: [first] }) => first ?? [])];
    const dates = [null, '2026-01-10', '2026-05-25', '2026-08-10', '2026-10-20'];
    const used = new Set<string>();
    for (const landCode of codes)
      for (const classBefore of classes)
        for (const classSeen of classes)
          for (const dateBefore of dates)
            for (const dateAfter of dates)
              used.add(judge(facts({ landCode, classBefore, classSeen, dateBefore, dateAfter }), rules).rule);
    expect(rules.category.rows.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
  });

  it('believes the survey where there is one, the image elsewhere, and says which', () => {
    expect(judge(facts({ landCode: '0601' }), rules)).toMatchObject({ category: 'other', beforeFrom: 'survey' });
    expect(judge(facts({ landCode: null }), rules)).toMatchObject({ category: 'non-farm', beforeFrom: 'image' });
    expect(judge(facts({ landCode: '0601' }), rules).flags).toContain('survey-differs');
    expect(judge(facts({ classBefore: 'trees' }), rules)).toMatchObject({
      category: 'non-farm',
      flags: ['survey-differs'],
    });
  });

  it('stops at an unknown land code or class', () => {
    expect(() => judge(facts({ landCode: '0104' }), rules)).toThrow(/"0104"/);
    expect(() => judge(facts({ landCode: '' }), rules)).toThrow(/""/);
    expect(() => judge(facts({ classSeen: 'lava' }), rules)).toThrow(/"lava"/);
    expect(() => judge(facts({ classBefore: 'lava' }), rules)).toThrow(/"lava"/);
    expect(() => judge(facts({ dateAfter: '12.8.2026' }), rules)).toThrow(/no date/);
  });

  it('keeps what an experimental network sees in review', () => {
    const { category, reasons, rule } = judge(facts({ isExperimental: true }), rules);
    expect([category, rule, reasons[1]?.code]).toEqual(['review', 'cropland-built', 'experimental']);
    expect(judge(facts({ isExperimental: true, classSeen: 'crops' }), rules).category).toBe('none');
  });

  it('passes over rows with conditions on dates where what saw the change weighed the seasons', () => {
    const harvest = { dateBefore: '2025-06-01', dateAfter: '2026-01-10' };
    const seen = (classSeen: string, isSeasonWeighed: boolean) =>
      judge(facts({ ...harvest, classSeen, isSeasonWeighed }), rules);
    expect(['bare', 'trees'].map((name) => seen(name, false).category)).toEqual(['review', 'review']);
    expect(['bare', 'trees'].map((name) => seen(name, true).rule)).toEqual(['cropland-bare', 'cropland-trees']);
    const undated = facts({ classSeen: 'bare', dateBefore: null, dateAfter: null, isSeasonWeighed: true });
    expect(judge(undated, rules).reasons.map(({ code }) => code)).not.toContain('season-off');
  });

  it('names its row and version', () => {
    expect(judge(facts({}), rules)).toMatchObject({ rule: 'cropland-built', ruleVersion: rules.category.version });
  });
});

describe('seasons', () => {
  const reviewed = (classSeen: string, landCode: string | null): string[] =>
    daysOfYear.filter((day) => {
      const given = { classSeen, landCode, dateBefore: `2024-${day}`, dateAfter: `2028-${day}` };
      const { category, reasons } = judge(facts(given), rules);
      return category === 'review' && reasons[0]?.code === 'season';
    });
  const spans = (...wanted: readonly (readonly [string, string])[]): string[] =>
    daysOfYear.filter((day) => wanted.some(([from, to]) => day >= from && day <= to));

  it.each(['0101', null])('take water on cropland for paddy from 20 May to 15 July alone (code %s)', (code) => {
    expect(reviewed('water', code)).toEqual(spans(['05-20', '07-15']));
    expect(reviewed('pond', code)).toEqual(spans(['05-20', '07-15']));
  });

  it.each(['0101', null])('take bare cropland for harvest or winter on each such day alone (code %s)', (code) => {
    const wanted = spans(['01-01', '02-29'], ['05-01', '06-20'], ['10-15', '12-31']);
    expect(reviewed('bare', code)).toEqual(wanted);
    for (const classSeen of ['built', 'road', 'construction']) expect(reviewed(classSeen, code)).toEqual([]);
  });

  it('never speak of abandonment', () => {
    for (const { reason } of rules.category.rows) expect(reason.code).not.toMatch(/abandon/);
  });

  it('compare plants in one season of any year, never over seasons or within one harvest', () => {
    const plants = (dateBefore: string, dateAfter: string) =>
      ['trees', 'grass-shrub'].map((classSeen) => judge(facts({ classSeen, dateBefore, dateAfter }), rules).category);
    const months = Array.from({ length: 12 }, (_, month) => `2026-${String(month + 1).padStart(2, '0')}-08`);
    const season = (date: string): string =>
      ({ 12: 'w', 1: 'w', 2: 'w', 3: 's', 4: 's', 5: 'h', 6: 'p' })[Number(date.slice(5, 7))] ??
      (date.slice(5) < '10-15' ? 'r' : 'a');
    for (const first of months)
      for (const second of months) {
        const later = second.replace('2026', '2027');
        const wanted = season(first) === season(later) ? 'non-grain' : 'review';
        expect([first, later, ...plants(first, later)]).toEqual([first, later, wanted, wanted]);
      }
    expect(plants('2026-05-03', '2026-05-30')).toEqual(['review', 'review']);
    expect(plants('2026-05-12', '2026-06-15')).toEqual(['review', 'review']);
    expect(plants('2026-07-20', '2026-09-20')).toEqual(['non-grain', 'non-grain']);
    expect(judge(facts({ classSeen: 'orchard', dateBefore: '2026-01-03' }), rules).category).toBe('non-grain');
  });

  it('let surveyed fields that were bare or flooded in season grow crops without a finding', () => {
    const grown = (classBefore: string, dateBefore: string, landCode: string | null) =>
      judge(facts({ classBefore, classSeen: 'crops', dateBefore, landCode }), rules).category;
    expect(grown('bare', '2026-05-12', '0101')).toBe('none');
    expect(grown('bare', '2026-05-12', null)).toBe('review');
    expect(grown('bare', '2025-08-12', '0101')).toBe('recovered');
    expect(grown('water', '2026-06-10', '0101')).toBe('none');
    expect(grown('water', '2026-06-10', null)).toBe('review');
    expect(grown('water', '2025-08-12', '0101')).toBe('recovered');
    expect(grown('water', '2026-06-10', '1104')).toBe('recovered');
  });

  it('leave built ground for review where paddies are flooded and the dates are of two seasons, and only there', () => {
    const built = (dateBefore: string, dateAfter: string) =>
      judge(facts({ classSeen: 'built', dateBefore, dateAfter, landCode: '0101' }), rules).category;
    expect(built('2026-05-12', '2026-06-15')).toBe('review');
    expect(built('2026-03-12', '2026-05-25')).toBe('review');
    expect(built('2026-03-12', '2026-05-12')).toBe('non-farm');
    expect(built('2026-05-12', '2026-08-12')).toBe('non-farm');
    expect(built('2025-08-12', '2026-08-12')).toBe('non-farm');
  });

  it('are off where a date they need is unknown, and say so only there', () => {
    expect(codesOf({ classSeen: 'water', dateAfter: null })).toEqual(['pond-on-cropland', 'season-off']);
    expect(codesOf({ classSeen: 'bare', dateAfter: null })).toEqual(['soil-moved', 'season-off']);
    expect(codesOf({ classSeen: 'trees', dateBefore: null })).toEqual(['trees-on-cropland', 'season-off']);
    expect(codesOf({ classSeen: 'built', dateAfter: null })).toEqual(['built-on-cropland', 'season-off']);
    expect(codesOf({ classSeen: 'orchard', dateAfter: null })).toEqual(['orchard-on-cropland']);
    expect(codesOf({ classSeen: 'water', dateBefore: null })).toEqual(['pond-on-cropland']);
    const elsewhere = { ...rules, region: null };
    const { reasons } = judge(facts({ classSeen: 'water' }), elsewhere);
    expect(reasons.map(({ code }) => code)).toEqual(['pond-on-cropland', 'season-off']);
  });

  it('follow the calendar of the county where it has one of its own', () => {
    const region = loadRegion();
    const own = { id: 'paddies-flooded', from: '06-01', to: '07-25', source: 'a test', verified: false };
    const counties = region.counties.map((county) =>
      county.code === '330421' ? { ...county, periods: [own] } : county,
    );
    const local = { ...rules, region: { ...region, counties } };
    const on = (county: string | null, dateAfter: string) =>
      judge(facts({ classSeen: 'water', county, dateAfter }), local).category;
    expect([on('330421', '2026-07-20'), on('330421', '2026-05-25')]).toEqual(['review', 'non-grain']);
    expect([on('330424', '2026-07-20'), on(null, '2026-05-25')]).toEqual(['non-grain', 'review']);
  });
});

describe('severity', () => {
  const on = (given: Partial<GroundFacts>) => judge(facts(given), rules);

  it('rises on permanent farmland, most where one of the four bans is met, and in a grain zone', () => {
    expect(on({}).severity).toBe('normal');
    expect(on({ grainZoneFraction: 1 }).severity).toBe('high');
    expect(on({ permanentFarmlandFraction: 1 }).severity).toBe('severe');
    expect(codesOf({ classSeen: 'water', permanentFarmlandFraction: 1 })).toEqual(['pond-on-cropland', 'ban-water']);
    expect(codesOf({ classSeen: 'orchard', permanentFarmlandFraction: 1 })).toContain('ban-trees');
    expect(codesOf({ classSeen: 'grass-shrub', permanentFarmlandFraction: 1 })).toContain('ban-grass');
    expect(codesOf({ classSeen: 'greenhouse', permanentFarmlandFraction: 1 })).toContain('ban-facility');
    expect(on({ classSeen: 'greenhouse', permanentFarmlandFraction: 1 })).toMatchObject({
      category: 'review',
      severity: 'severe',
    });
  });

  it('does not rise for what is only the season, nor for what is gained', () => {
    const layers = { permanentFarmlandFraction: 1, grainZoneFraction: 1 };
    expect(on({ ...layers, classSeen: 'bare', dateAfter: '2026-05-20' }).severity).toBe('normal');
    expect(on({ ...layers, classSeen: 'water', dateAfter: '2026-06-20' }).severity).toBe('normal');
    expect(on({ ...layers, classBefore: 'trees', classSeen: 'crops' })).toMatchObject({
      category: 'recovered',
      severity: 'normal',
    });
  });

  it('does not rise for the edge of a pixel, but for a small share of a large patch', () => {
    expect(on({ permanentFarmlandFraction: 0.05 }).severity).toBe('normal');
    expect(on({ permanentFarmlandFraction: 0.05, areaM2: 3000 }).severity).toBe('normal');
    expect(on({ permanentFarmlandFraction: 0.05, areaM2: 4000 }).severity).toBe('severe');
  });

  it('falls where a permit covers the finding, whose category and remainder stay', () => {
    expect(on({ permitFraction: 1 })).toMatchObject({ category: 'non-farm', isLawful: true, severity: 'normal' });
    expect(codesOf({ permitFraction: 1 })).toEqual(['built-on-cropland', 'permitted']);
    const most = on({ permitFraction: 0.93, grainZoneFraction: 1 });
    expect(most).toMatchObject({ category: 'non-farm', isLawful: true, severity: 'normal' });
    expect(most.reasons.at(-1)?.zh).toBe('批准范围外余 7.0%');
    const part = on({ permitFraction: 0.6, grainZoneFraction: 1 });
    expect(part).toMatchObject({ isLawful: false, severity: 'high', flags: ['partly-permitted'] });
    expect(part.reasons.map(({ code }) => code)).toEqual([
      'built-on-cropland',
      'grain-zone',
      'partly-permitted',
      'permit-remainder',
    ]);
  });

  it('stays high for what is permitted on permanent farmland', () => {
    expect(on({ permitFraction: 1, permanentFarmlandFraction: 1 })).toMatchObject({
      isLawful: true,
      severity: 'high',
      flags: ['permit-on-permanent-farmland'],
    });
  });
});
