import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seenCode, unseenCode } from '../../pipeline/ledger/ground-code.ts';
import type { LedgerPart } from '../../pipeline/ledger/part-ledger.ts';
import { observePart } from '../../pipeline/ledger/part-ledger.ts';
import { addUpProjects } from '../../pipeline/ledger/project-ledger.ts';
import type { CellReading } from '../../pipeline/ledger/replay.ts';
import type { Work } from '../../pipeline/rule/project-rules.ts';
import { works } from '../../pipeline/rule/project-rules.ts';
import { loadProjectRules, loadRules } from '../../workers/rule/load-rules.ts';

const rules = loadRules();
const projectRules = loadProjectRules(rules);
const classes = { 0: 'water', 3: 'crops', 4: 'built', 5: 'bare', 6: 'unknown' };
const cellCount = 40;

const partOf = (work: Work, changes: Partial<LedgerPart> = {}): LedgerPart => ({
  project: 'JX001',
  subProject: 'JX001-01',
  work,
  plannedCode: '',
  county: '330411',
  town: '330411104',
  plannedM2: 8000,
  groundM2: 8000,
  startDate: '2025-01-01',
  endDate: '2027-01-01',
  ...changes,
});

const look = (date: string, code: number | readonly number[], changes: Partial<CellReading> = {}): CellReading => ({
  look: `scene of ${date}`,
  date,
  reference: 'scene of 2025-01-10',
  referenceDate: '2025-01-10',
  classes,
  cells: typeof code === 'number' ? new Uint8Array(cellCount).fill(code) : Uint8Array.from(code),
  ...changes,
});
const observe = (work: Work, readings: readonly CellReading[], month: string) =>
  observePart(partOf(work), { readings, cellCount, outsideM2: 0 }, { month, rules, projectRules });

const codes = fc.constantFrom(
  seenCode(0, true),
  seenCode(3, false),
  seenCode(3, true),
  seenCode(4, false),
  seenCode(5, true),
  seenCode(6, false),
  ...Object.values(unseenCode),
);
const readings = fc
  .uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 8 })
  .chain((months) =>
    fc.tuple(
      ...months.map((month) =>
        fc
          .array(codes, { minLength: cellCount, maxLength: cellCount })
          .map((cells) =>
            look(`${2025 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-15`, cells),
          ),
      ),
    ),
  );
const anyWork = fc.constantFrom(...works);

describe('what was seen of a sub-project', () => {
  it('is the same in whatever order its looks came, also the late ones', () => {
    fc.assert(
      fc.property(readings, anyWork, fc.nat(), (each, work, turn) => {
        const turned = each.toSorted(
          (a, b) => ((a.date.charCodeAt(6) * 7 + turn) % 11) - ((b.date.charCodeAt(6) * 7 + turn) % 11),
        );
        expect(observe(work, turned, '2026-06')).toEqual(observe(work, each, '2026-06'));
        expect(observe(work, each.toReversed(), '2026-06')).toEqual(observe(work, each, '2026-06'));
      }),
      { numRuns: 60 },
    );
  });

  it('is what looks up to the end of the month say, whatever was seen later', () => {
    fc.assert(
      fc.property(readings, anyWork, (each, work) => {
        const known = each.filter(({ date }) => date <= '2026-03-31');
        expect(observe(work, each, '2026-03')).toEqual(observe(work, known, '2026-03'));
      }),
      { numRuns: 60 },
    );
  });

  it('adds up to its ground, seen and unseen', () => {
    fc.assert(
      fc.property(readings, anyWork, (each, work) => {
        const seen = observe(work, each, '2026-12');
        const sum =
          seen.observedM2 +
          seen.underWayM2 +
          seen.deviatingM2 +
          seen.toleratedM2 +
          seen.idleM2 +
          seen.unclearM2 +
          seen.unobservedM2;
        expect(Math.abs(sum - 8000)).toBeLessThan(1e-6);
        expect(seen.comparedM2).toBeLessThanOrEqual(seen.seenInMonthM2 + 1e-6);
        expect(Math.abs(seen.progressM2)).toBeLessThanOrEqual(seen.comparedM2 + 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it('never takes ground under cloud for ground that did not change', () => {
    const clear = look('2026-03-10', seenCode(3, true));
    const cloudy = look('2026-04-10', unseenCode.cloud);
    const april = observe('added', [clear, cloudy], '2026-04');
    expect([april.observedM2, april.seenInMonthM2, april.comparedM2, april.lastLook]).toEqual([
      8000,
      0,
      0,
      '2026-03-10',
    ]);
    expect(observe('added', [cloudy], '2026-04')).toMatchObject({ unobservedM2: 8000, idleM2: 0, observedM2: 0 });
  });

  it('compares months over what both saw, and no further', () => {
    const half = (code: number) => Array.from({ length: cellCount }, (_, i) => (i < 20 ? code : unseenCode.cloud));
    const march = look('2026-03-10', half(seenCode(0, false)));
    const april = look('2026-04-10', seenCode(3, true));
    expect(observe('added', [march, april], '2026-04')).toMatchObject({
      observedM2: 8000,
      seenInMonthM2: 8000,
      comparedM2: 4000,
      progressM2: 4000,
    });
  });

  it('tells when works were first seen and since when they look finished', () => {
    const readingsOfPond = [
      look('2025-03-10', seenCode(0, false)),
      look('2025-06-10', seenCode(5, true)),
      look('2025-09-10', seenCode(3, true)),
      look('2026-02-10', seenCode(3, true)),
    ];
    expect(observe('added', readingsOfPond, '2025-04')).toMatchObject({ startedOn: null, finishedOn: null });
    expect(observe('added', readingsOfPond, '2025-07')).toMatchObject({ startedOn: '2025-06-10', finishedOn: null });
    expect(observe('added', readingsOfPond, '2026-03')).toMatchObject({
      startedOn: '2025-06-10',
      finishedOn: '2025-09-10',
    });
  });

  it('knows fields that were levelled and sown again as worked, though they look as before', () => {
    const levelled = [
      look('2025-03-10', seenCode(3, false)),
      look('2025-08-10', seenCode(5, true)),
      look('2026-03-10', seenCode(3, false)),
    ];
    const seen = observe('contiguous', levelled, '2026-03');
    expect(seen).toMatchObject({ workedM2: 8000, startedOn: '2025-08-10', finishedOn: '2026-03-10', observedM2: 8000 });
    expect(observe('contiguous', levelled.slice(0, 1), '2026-03')).toMatchObject({ workedM2: 0, startedOn: null });
  });

  it('takes a change back only on the word of a look that was compared with ground from before it', () => {
    const pond = look('2026-02-10', seenCode(0, true));
    const later = look('2026-04-10', seenCode(3, false), {
      reference: 'scene of 2026-03-01',
      referenceDate: '2026-03-01',
    });
    const whole = look('2026-05-10', seenCode(3, false));
    expect(observe('reclaimed', [pond, later], '2026-04').judgement.state).toBe('as-planned');
    expect(observe('redeveloped', [look('2026-02-10', seenCode(4, true)), later], '2026-04').idleM2).toBe(0);
    expect(observe('redeveloped', [look('2026-02-10', seenCode(4, true)), whole], '2026-05').idleM2).toBe(8000);
  });
});

describe('the ledger of projects', () => {
  const entries = fc.array(
    fc.record({
      town: fc.constantFrom('330402100', '330402101', '330411104', '330421103', '330421105'),
      project: fc.constantFrom('JX001', 'JX002', 'JX003'),
      work: anyWork,
      groundM2: fc.double({ min: 100, max: 1e6, noNaN: true }),
      reported: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
      cells: fc.array(codes, { minLength: cellCount, maxLength: cellCount }),
    }),
    { minLength: 1, maxLength: 25 },
  );
  const made = (given: typeof entries extends fc.Arbitrary<infer T> ? T : never) =>
    given.map(({ town, project, work, groundM2, reported, cells }, i) => {
      const part = partOf(work, {
        town,
        county: town.slice(0, 6),
        project,
        subProject: `S${i}`,
        groundM2,
        plannedM2: groundM2,
      });
      const facts = { readings: [look('2026-05-10', cells)], cellCount, outsideM2: i };
      return {
        part,
        observation: observePart(part, facts, { month: '2026-05', rules, projectRules }),
        reported: reported === null ? null : { reportedM2: reported, month: '2026-05' },
      };
    });
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

  it('balances: towns = counties = city = projects = works within 0.01 m², and 亩 to the last digit', () => {
    fc.assert(
      fc.property(entries, (given) => {
        const ledger = addUpProjects(made(given));
        const { counties, towns, projects, works, countyWorks, townWorks, projectWorks } = ledger;
        for (const level of [counties, towns, projects, works, countyWorks, townWorks, projectWorks]) {
          for (const figure of [
            'planned',
            'reported',
            'observed',
            'unobserved',
            'claimedNotSeen',
            'outside',
          ] as const) {
            const own = [...level.values()];
            expect(Math.abs(sum(own.map(({ areasM2 }) => areasM2[figure])) - ledger.city.areasM2[figure])).toBeLessThan(
              0.01,
            );
            const hundredths = own.map(({ areasMu }) => Math.round(100 * areasMu[figure]));
            expect(sum(hundredths)).toBe(Math.round(100 * ledger.city.areasMu[figure]));
          }
          const gaps = [...level.values()].map(({ gapMu }) => Math.round(100 * gapMu));
          expect(sum(gaps)).toBe(Math.round(100 * ledger.city.gapMu));
        }
        for (const [town, own] of ledger.towns)
          expect(Math.abs(own.areasMu.observed - (own.areasM2.observed * 3) / 2000), town).toBeLessThan(0.02);
        const { areasM2: city } = ledger.city;
        const ground =
          city.observed + city.underWay + city.deviating + city.tolerated + city.idle + city.unclear + city.unobserved;
        expect(Math.abs(ground - ledger.city.groundM2)).toBeLessThan(0.01);
      }),
      { numRuns: 40 },
    );
  });

  it('does not depend on the order of its parts', () => {
    fc.assert(
      fc.property(entries, (given) => {
        const straight = addUpProjects(made(given));
        const turned = addUpProjects(made(given).toReversed());
        expect([...turned.towns.keys()]).toEqual([...straight.towns.keys()]);
        for (const [town, { areasM2 }] of straight.towns)
          for (const [figure, value] of Object.entries(areasM2))
            expect(Math.abs(value - turned.towns.get(town)!.areasM2[figure as keyof typeof areasM2])).toBeLessThan(
              1e-6,
            );
      }),
      { numRuns: 20 },
    );
  });

  it('holds against a report only ground that was seen idle or turned into something else', () => {
    const cloudy = Array.from({ length: cellCount }, (_, i) => (i < 10 ? unseenCode.cloud : seenCode(0, false)));
    const [entry] = made([
      { town: '330411104', project: 'JX001', work: 'added', groundM2: 8000, reported: 5000, cells: cloudy },
    ]);
    const { city } = addUpProjects([entry!]);
    expect(city.areasM2).toMatchObject({
      observed: 0,
      idle: 6000,
      unobserved: 2000,
      reported: 5000,
      claimedNotSeen: 3000,
    });
    expect(city.gapM2).toBe(5000);
  });
});
