import { array, assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTable } from '../../pipeline/rule/csv-table.ts';
import { discrepancyColumns, discrepancyText, type JudgedPart } from '../../pipeline/rule/discrepancy.ts';
import { works } from '../../pipeline/rule/project-rules.ts';
import { judgeSubProject, type SubProjectFacts } from '../../pipeline/rule/project.ts';
import { loadProjectRules, loadRules } from '../../workers/rule/load-rules.ts';

const rules = loadRules();
const projectRules = loadProjectRules(rules);
const facts = (given: Partial<SubProjectFacts>): SubProjectFacts => ({
  work: 'added',
  plannedCode: '0101',
  plannedM2: 10_000,
  seenM2: { crops: 10_000 },
  changedM2: { crops: 10_000 },
  unobservedM2: 0,
  outsideM2: 0,
  dateAfter: '2026-08-12',
  startDate: '2025-10-01',
  endDate: '2027-06-30',
  county: '330421',
  ...given,
});
const judged = (given: Partial<SubProjectFacts>) => judgeSubProject(facts(given), projectRules, rules);
const said = (given: Partial<SubProjectFacts>): readonly string[] => {
  const { state, reasons } = judged(given);
  return [state, ...reasons.map(({ code }) => code)];
};

describe('judgeSubProject', () => {
  it('tells a pond that became cropland from one that is still there, and from one that was built on', () => {
    expect(said({})).toEqual(['as-planned']);
    expect(said({ seenM2: { water: 10_000 }, changedM2: {} })).toEqual(['not-started', 'no-start-seen']);
    expect(said({ seenM2: { water: 9000, built: 1000 }, changedM2: { built: 1000 } })).toEqual([
      'deviates',
      'other-change',
    ]);
  });

  it('calls works that have left bare ground under way until their end date, incomplete after it', () => {
    const dug = { seenM2: { water: 6000, bare: 4000 }, changedM2: { bare: 4000 } };
    expect(said(dug)).toEqual(['as-planned', 'under-way']);
    expect(said({ ...dug, endDate: '2026-08-11' })).toEqual(['deviates', 'incomplete']);
    expect(said({ ...dug, dateAfter: null, endDate: '2026-08-11' })).toEqual(['as-planned', 'under-way']);
    expect(judged(dug)).toMatchObject({ isDiscrepant: false, observedM2: 0, underWayM2: 4000 });
  });

  it('never says not started where too little was seen, but tells what it did see', () => {
    const little = { seenM2: { water: 4900 }, changedM2: {}, unobservedM2: 5100 };
    expect(said(little)).toEqual(['unobserved', 'unobserved']);
    expect(judged(little).isDiscrepant).toBe(true);
    expect(said({ seenM2: {}, changedM2: {}, unobservedM2: 10_000 })[0]).toBe('unobserved');
    expect(said({ seenM2: {}, changedM2: {}, unobservedM2: 0 })[0]).toBe('unobserved');
    expect(said({ seenM2: { unknown: 10_000 }, changedM2: {} })[0]).toBe('unobserved');
    expect(said({ ...little, seenM2: { water: 4600, built: 300 }, changedM2: { built: 300 } })[0]).toBe('deviates');
  });

  it('takes neither a flooded field for a pond nor a pond in June for added cropland', () => {
    const flooded = { dateAfter: '2026-06-10', seenM2: { water: 10_000 }, changedM2: {} };
    expect(said({ ...flooded, work: 'contiguous' })).toEqual(['as-planned', 'no-mark']);
    expect(said(flooded)[0]).toBe('unobserved');
    expect(said({ ...flooded, dateAfter: '2026-08-10' })[0]).toBe('not-started');
    const dug = { seenM2: { bare: 10_000 }, changedM2: { bare: 10_000 } };
    expect(said({ ...dug, dateAfter: '2026-11-10' })).toEqual(['as-planned', 'under-way']);
  });

  it('says that works on standing fields leave no mark, and that added cropland was there before', () => {
    const still = { changedM2: {} };
    expect(said({ ...still, work: 'contiguous' })).toEqual(['as-planned', 'no-mark']);
    expect(said({ ...still, work: 'high-standard' })).toEqual(['as-planned', 'no-mark']);
    expect(said(still)).toEqual(['as-planned', 'already-so']);
    const yard = { seenM2: { crops: 9000, built: 1000 }, changedM2: { built: 1000 }, work: 'contiguous' } as const;
    expect(said(yard)).toEqual(['deviates', 'other-change']);
  });

  it('tolerates new field roads up to their share', () => {
    const roads = (areaM2: number) => ({
      work: 'high-standard' as const,
      seenM2: { crops: 10_000 - areaM2, road: areaM2 },
      changedM2: { road: areaM2 },
    });
    expect(said(roads(900))[0]).toBe('as-planned');
    expect(said(roads(1001))[0]).toBe('deviates');
  });

  it('asks for a change where industry gives way to industry', () => {
    const given = { work: 'redeveloped', plannedCode: '', seenM2: { built: 10_000 } } as const;
    expect(said({ ...given, changedM2: {} })[0]).toBe('not-started');
    expect(said({ ...given, changedM2: { built: 9000 } })).toEqual(['as-planned']);
    expect(said({ ...given, seenM2: { bare: 10_000 }, changedM2: { bare: 10_000 } })).toEqual([
      'as-planned',
      'under-way',
    ]);
    expect(said({ ...given, seenM2: { construction: 10_000 }, changedM2: {} })).toEqual(['as-planned', 'under-way']);
    expect(said({ ...given, seenM2: { crops: 10_000 }, changedM2: { crops: 10_000 } })[0]).toBe('deviates');
  });

  it('takes the planned code at its word: an orchard where an orchard is planned', () => {
    const trees = { plannedCode: '0201', seenM2: { trees: 10_000 }, changedM2: { trees: 10_000 } };
    expect(said(trees)[0]).toBe('as-planned');
    expect(said({ ...trees, plannedCode: '0101' })[0]).toBe('deviates');
    expect(() => judged({ plannedCode: '0104' })).toThrow(/"0104"/);
    expect(() => judged({ seenM2: { lava: 1 } })).toThrow(/"lava"/);
  });

  it('does not miss works before their start date', () => {
    const early = { seenM2: { water: 10_000 }, changedM2: {}, startDate: '2026-09-01' };
    expect(said(early)).toEqual(['not-started', 'before-start']);
    expect(judged(early).isDiscrepant).toBe(false);
  });

  it('has a row for each of the five works', () => {
    for (const work of works) expect(judged({ work, plannedCode: '' }).state).not.toBe('unobserved');
  });
});

describe('change outside a boundary', () => {
  it('is to be looked at from the configured area on, also where the works are as planned', () => {
    const over = judged({ outsideM2: 400 });
    expect(over).toMatchObject({ state: 'as-planned', isOverBoundary: true, isDiscrepant: true });
    expect(over.reasons.at(-1)?.code).toBe('over-boundary');
    expect(judged({ outsideM2: 199 })).toMatchObject({ isOverBoundary: false, isDiscrepant: false });
  });
});

const part = (given: Partial<JudgedPart>, about: Partial<SubProjectFacts>): JudgedPart => ({
  project: 'JX001',
  name: '西塘镇项目',
  county: '330421',
  town: '330421103',
  work: 'added',
  subProject: 'JX001-01',
  judgement: judged(about),
  ...given,
});
const idle = { seenM2: { water: 10_000 }, changedM2: {} };

describe('discrepancies.csv', () => {
  it('lists what people have to look at, by project and town, whatever the order given', () => {
    const parts = [
      part({ town: '330421105', subProject: 'JX001-02' }, idle),
      part({}, idle),
      part({ subProject: 'JX001-03' }, {}),
      part({ project: 'JX000', name: '甲,乙', subProject: '' }, { outsideM2: 1000 }),
    ];
    const text = discrepancyText(parts);
    expect(text.startsWith('\uFEFFproject,name,county,town,work,plannedM2,observedM2,outsideM2,unobservedM2,')).toBe(
      true,
    );
    expect(text.split('\r\n')).toHaveLength(5);
    const rows = parseTable(text, discrepancyColumns, 't');
    expect(rows.map(({ project, town, state }) => [project, town, state])).toEqual([
      ['JX000', '330421103', 'as-planned'],
      ['JX001', '330421103', 'not-started'],
      ['JX001', '330421105', 'not-started'],
    ]);
    expect(rows[0]).toMatchObject({ name: '甲,乙', plannedM2: '10000.00', outsideM2: '1000.00', outsideMu: '1.50' });
    expect(discrepancyText(parts.toReversed())).toBe(text);
  });

  it('is a header alone where all is as planned', () => {
    expect(discrepancyText([part({}, {})])).toBe(`\uFEFF${discrepancyColumns.join(',')}\r\n`);
  });

  it('adds up in m² and in 亩 to the rounded sum, each row within a hundredth of its area', () => {
    assert(
      property(array(double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 }), (areas) => {
        const parts = areas.map((plannedM2, i) =>
          part({ subProject: String(i).padStart(3, '0') }, { ...idle, plannedM2 }),
        );
        const rows = parseTable(discrepancyText(parts), discrepancyColumns, 't');
        const sumM2 = areas.reduce((sum, area) => sum + area, 0);
        const hundredths = (cells: readonly string[]) =>
          cells.reduce((sum, cell) => sum + Math.round(Number(cell) * 100), 0);
        expect(Math.abs(hundredths(rows.map((row) => row.plannedM2)) - sumM2 * 100)).toBeLessThanOrEqual(0.5 + 1e-3);
        expect(Math.abs(hundredths(rows.map((row) => row.plannedMu)) - sumM2 * 0.15)).toBeLessThanOrEqual(0.5 + 1e-3);
        rows.forEach((row, i) => expect(Math.abs(Number(row.plannedM2) - areas[i]!)).toBeLessThan(0.01 + 1e-6));
      }),
    );
  });
});
