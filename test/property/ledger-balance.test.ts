import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planeAreaM2 } from '../../pipeline/geo/frame.ts';
import type { Balance } from '../../pipeline/ledger/balance.ts';
import { balancesBy, balancesOfProjects, bestShares } from '../../pipeline/ledger/balance.ts';
import { balanceColumns, balanceRowsMu } from '../../pipeline/ledger/balance-table.ts';
import type { SightingFact } from '../../pipeline/ledger/facts.ts';
import { flowPieces, type FlowReading } from '../../pipeline/ledger/flow.ts';
import { toMu } from '../../pipeline/parcel/mu.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { loadLedgerRules, loadRules } from '../../workers/rule/load-rules.ts';
import { layerOfPolygons, madeMosaic, madeStar, seededChance } from '../support/made-parcels.ts';

const rules = loadRules();
const both = { rules, ledgerRules: loadLedgerRules(rules) };
const seeds = fc.integer({ min: 1, max: 1e9 });
const cols = 8;
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
const codes = ['0101', '0101', '1104', '0601', '0201K'] as const;
const classes = ['crops', 'built', 'pond', 'bare', 'trees'] as const;

/** Parcels of 200 m, four towns in two counties, a project over the middle, permits and permanent farmland. */
function madeWorld(seed: number) {
  const chance = seededChance(seed);
  const survey = layerOfPolygons(
    madeMosaic({ seed, cols, rows: cols, sideM: 200, pointsPerSide: 3, x: 0, y: 0 }),
    (parcel) => ({
      id: String(parcel),
      code: codes[parcel % codes.length]!,
      town: `3304${parcel % cols < cols / 2 ? '11' : '21'}10${Math.floor(parcel / cols) < cols / 2 ? 3 : 4}`,
    }),
  );
  const stars = (count: number, radiusM: number) =>
    Array.from({ length: count }, () => [madeStar(chance, 1600 * chance(), 1600 * chance(), radiusM, 12)]);
  const land = {
    survey: openParcelIndex(survey),
    permits: { index: openParcelIndex(layerOfPolygons(stars(4, 220))) },
    permanentFarmland: { index: openParcelIndex(layerOfPolygons(stars(4, 300))) },
    projects: openParcelIndex(layerOfPolygons(stars(2, 350), (i) => ({ id: `JX00${i}` }))),
  };
  const sighting = (id: number): SightingFact => {
    const polygons = stars(1, 60 + 100 * chance());
    return {
      id: `p${id}`,
      category: chance() < 0.15 ? 'review' : 'other',
      classBefore: 'crops',
      classAfter: classes[Math.floor(chance() * classes.length)]!,
      areaM2: planeAreaM2(polygons[0]!),
      probability: 0.9,
      centre: survey.centre,
      polygons,
    };
  };
  const reading = (month: number): FlowReading => ({
    look: `look ${month}`,
    date: `2026-0${month}-15`,
    reference: 'first',
    referenceDate: '2025-08-01',
    sightings: [sighting(10 * month), sighting(10 * month + 1)],
    seenShares: Uint8Array.from({ length: survey.featureCount }, () =>
      chance() < 0.7 ? Math.floor(240 * chance()) : 250,
    ),
  });
  return { survey, land, readings: [2, 5, 8].map(reading) };
}

const areasOf = (balance: Balance): readonly number[] => [
  balance.lastYearM2,
  balance.outflowM2,
  balance.lawfulM2,
  balance.unlawfulSuspectM2,
  balance.onPermanentFarmlandM2,
  balance.gainM2,
  balance.reviewM2,
  balance.unseenM2,
  balance.thisYearM2,
  ...Object.values(balance.outByM2),
  ...Object.values(balance.gainByM2),
];

function madeBalances(seed: number, turn: (readings: readonly FlowReading[]) => readonly FlowReading[] = (r) => r) {
  const { survey, land, readings } = madeWorld(seed);
  const pieces = flowPieces(turn(readings), land, both.ledgerRules.seenFraction.value);
  const shares = readings.flatMap(({ seenShares }) => (seenShares === null ? [] : [seenShares]));
  const facts = { pieces, survey, seenShares: bestShares(shares, survey.featureCount) };
  const town = (parcel: number) => survey.columns['town']![parcel]!;
  return {
    pieces,
    survey,
    city: balancesBy(facts, () => 'all', both).get('all')!,
    counties: balancesBy(facts, (parcel) => town(parcel).slice(0, 6), both),
    towns: balancesBy(facts, town, both),
    projects: balancesOfProjects(facts, both),
  };
}

describe('balances of cropland and water', () => {
  it('add up: towns = counties = city within 0.01 m², and each entry to its parts', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { city, counties, towns } = madeBalances(seed);
        for (const subject of ['cropland', 'water'] as const) {
          const whole = areasOf(city[subject]);
          for (const level of [counties, towns])
            whole.forEach((areaM2, i) => {
              // ground of no parcel is in no town
              const own = sum([...level].filter(([key]) => key !== '').map(([, row]) => areasOf(row[subject])[i]!));
              expect(Math.abs(own - areaM2)).toBeLessThan(0.01);
            });
          const each = city[subject];
          expect(Math.abs(each.lawfulM2 + each.unlawfulSuspectM2 - each.outflowM2)).toBeLessThan(0.01);
          expect(Math.abs(sum(Object.values(each.outByM2)) - each.outflowM2)).toBeLessThan(0.01);
          expect(Math.abs(sum(Object.values(each.gainByM2)) - each.gainM2)).toBeLessThan(0.01);
          expect(Math.abs(each.lastYearM2 - each.outflowM2 + each.gainM2 - each.thisYearM2)).toBeLessThan(0.01);
          expect(each.onPermanentFarmlandM2).toBeLessThanOrEqual(each.unlawfulSuspectM2 + 0.01);
        }
      }),
      { numRuns: 6 },
    );
  });

  it('are printed so that every column and row adds up to its last digit, and all water counts for water', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { city, towns } = madeBalances(seed);
        for (const subject of ['cropland', 'water'] as const) {
          const own = [...towns].filter(([key]) => key !== '').map(([, row]) => row[subject]);
          const rows = balanceRowsMu(subject, own).map((row) => row.map((mu) => Math.round(100 * mu)));
          const [total, parts] = [rows.at(-1)!, rows.slice(0, -1)];
          expect(total.map((_, i) => sum(parts.map((row) => row[i]!)))).toEqual(total);
          for (const [before, out, lawful, suspect, gain, now, ...rest] of rows) {
            expect(lawful! + suspect!).toBe(out);
            expect(before! - out! + gain!).toBe(now);
            expect(rest).toHaveLength(balanceColumns[subject].length - 6);
            expect(sum(rest.slice(0, -1))).toBe(gain! - out!);
          }
          // outflow is printed as the sum of two shares
          expect(Math.abs(total[5]! - 100 * toMu(city[subject].thisYearM2))).toBeLessThan(4);
        }
      }),
      { numRuns: 6 },
    );
  });

  it('are the same in whatever order the looks came', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const straight = madeBalances(seed);
        const turned = madeBalances(seed, (readings) => readings.toReversed());
        for (const [town, { cropland }] of straight.towns)
          areasOf(cropland).forEach((areaM2, i) =>
            expect(Math.abs(areaM2 - areasOf(turned.towns.get(town)!.cropland)[i]!)).toBeLessThan(1e-6),
          );
      }),
      { numRuns: 4 },
    );
  });

  it('count each spot once, as the latest look has it', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { land, readings } = madeWorld(seed);
        const blind = readings.map((reading) => ({ ...reading, seenShares: null }));
        const once = flowPieces(blind.slice(0, 1), land, 0.98);
        const [first] = blind;
        const again = flowPieces([first!, { ...first!, look: 'later', date: '2026-09-01' }], land, 0.98);
        expect(Math.abs(sum(again.map(({ areaM2 }) => areaM2)) - sum(once.map(({ areaM2 }) => areaM2)))).toBeLessThan(
          0.01,
        );
        expect(
          Math.abs(
            sum(again.filter(({ project }) => project).map(({ areaM2 }) => areaM2)) -
              sum(once.filter(({ project }) => project).map(({ areaM2 }) => areaM2)),
          ),
        ).toBeLessThan(0.01);
      }),
      { numRuns: 4 },
    );
  });

  it('let a change go only where a later look saw the whole parcel, compared with ground as early', () => {
    const { land, readings } = madeWorld(7);
    const [first] = readings;
    const parcels = land.survey.layer.featureCount;
    const later = (share: number, referenceDate: string): FlowReading => ({
      look: 'later',
      date: '2026-09-01',
      reference: 'x',
      referenceDate,
      sightings: [],
      seenShares: new Uint8Array(parcels).fill(share),
    });
    const inParcels = (all: readonly FlowReading[]) =>
      flowPieces(all, land, 0.98).filter(({ parcel }) => parcel !== null).length;
    const alone = inParcels([first!]);
    expect(alone).toBeGreaterThan(0);
    expect(inParcels([first!, later(250, '2025-08-01')])).toBe(0);
    expect(inParcels([first!, later(200, '2025-08-01')])).toBe(alone);
    expect(inParcels([first!, later(250, '2026-03-01')])).toBe(alone);
  });
});
