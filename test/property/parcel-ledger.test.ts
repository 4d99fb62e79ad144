import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planeAreaM2 } from '../../pipeline/geo/frame.ts';
import { areasBy, ledgerOf, ledgersBy, type LedgerPiece } from '../../pipeline/parcel/ledger.ts';
import type { FramePolygon, ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { muM2, shareOutMu } from '../../pipeline/parcel/mu.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { piecesOf } from '../../pipeline/parcel/pieces.ts';
import { intersectShapes, subtractShapes } from '../../pipeline/parcel/shape.ts';
import { layerOfPolygons, madeMosaic, madeStar, seededChance, shrunk } from '../support/made-parcels.ts';

const areaOf = (polygons: readonly FramePolygon[]) => polygons.reduce((sum, polygon) => sum + planeAreaM2(polygon), 0);
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
const seeds = fc.integer({ min: 1, max: 1e9 });
const isLong = process.env['TIANWATCH_LONG'] === '1';
const cols = 24;

/** Parcels of 300 m over 7 × 7 km, three counties of two towns each, every third parcel no cropland. */
const madeSurvey = (seed: number): readonly FramePolygon[] =>
  madeMosaic({ seed, cols, rows: cols, sideM: 300, pointsPerSide: 5, x: 20_000, y: 5000 });
const townOf = (parcel: number) => {
  const [col, row] = [parcel % cols, Math.floor(parcel / cols)];
  return `33040${1 + Math.floor((3 * col) / cols)}10${row < cols / 2 ? 1 : 2}`;
};
const isCropland = (parcel: number) => parcel % 3 !== 0;
const township = (chance: () => number, x: number, y: number, radiusM: number, points: number): FramePolygon => {
  const ring = madeStar(chance, x, y, radiusM, points);
  return [ring, shrunk(ring, x, y, 0.3)];
};

interface TownPiece extends LedgerPiece {
  readonly town: string;
  readonly patch: number;
}

/** Pieces of patches, of which the even ones are cropland now; the first cover are permits, the second permanent farmland. */
function townPieces(
  patches: readonly FramePolygon[],
  survey: ParcelLayer,
  covers: readonly ParcelLayer[],
): TownPiece[] {
  const parcels = openParcelIndex(survey);
  const indexed = covers.map((layer) => ({ index: openParcelIndex(layer) }));
  return patches.flatMap((polygon, patch) =>
    piecesOf([polygon], parcels, indexed).pieces.map(({ parcel, mask, areaM2 }) => {
      const id = parcel === null ? null : Number(survey.columns['id']?.[parcel]) - 1;
      return {
        areaM2,
        patch,
        town: id === null ? '' : townOf(id),
        wasCropland: id === null ? null : isCropland(id),
        isCropland: patch % 2 === 0,
        isPermitted: (mask & 1) !== 0,
        isPermanentFarmland: (mask & 2) !== 0,
      };
    }),
  );
}

function madeCase(seed: number) {
  const chance = seededChance(seed);
  const patches = [township(chance, 22_000, 8000, 2600, 3000), township(chance, 25_500, 9000, 2900, 4000)];
  const permits = Array.from({ length: 6 }, () =>
    township(chance, 20_000 + 7000 * chance(), 5000 + 7000 * chance(), 1200, 300),
  );
  const farmland = Array.from({ length: 4 }, () =>
    township(chance, 20_000 + 7000 * chance(), 5000 + 7000 * chance(), 2000, 500),
  );
  return { patches, survey: madeSurvey(seed), permits, farmland };
}

describe('ledgers over patches of township size', () => {
  it('balance within 0.01 m²: towns = county = city = patches, and every entry is the sum of its parts', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { patches, survey, permits, farmland } = madeCase(seed);
        const pieces = townPieces(
          patches,
          layerOfPolygons(survey),
          [permits, farmland].map((p) => layerOfPolygons(p)),
        );
        const city = ledgerOf(pieces);
        const counties = ledgersBy(pieces, ({ town }) => town.slice(0, 6));
        const towns = ledgersBy(pieces, ({ town }) => town);
        expect(Math.abs(city.groundM2 - areaOf(patches))).toBeLessThan(0.01);
        for (const lane of ['groundM2', 'outflowM2', 'unlawfulSuspectM2', 'gainM2', 'unknownM2'] as const) {
          expect(Math.abs(sum([...counties.values()].map((ledger) => ledger[lane])) - city[lane])).toBeLessThan(1e-6);
          for (const [county, ledger] of counties) {
            const own = [...towns].filter(([town]) => town.slice(0, 6) === county);
            expect(Math.abs(sum(own.map(([, townLedger]) => townLedger[lane])) - ledger[lane])).toBeLessThan(1e-6);
          }
        }
        for (const ledger of [city, ...counties.values(), ...towns.values()]) {
          expect(Math.abs(ledger.lawfulM2 + ledger.unlawfulSuspectM2 - ledger.outflowM2)).toBeLessThan(1e-6);
          expect(ledger.onPermanentFarmlandM2).toBeLessThanOrEqual(ledger.unlawfulSuspectM2);
          const parts = ledger.outflowM2 + ledger.gainM2 + ledger.keptM2 + ledger.unknownM2;
          expect(Math.abs(parts - ledger.groundM2)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: isLong ? 30 : 3 },
    );
  });

  it('are what clipper2 finds for each entry by itself, within 0.01 m²', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { patches, survey, permits, farmland } = madeCase(seed);
        const ledger = ledgerOf(
          townPieces(
            patches,
            layerOfPolygons(survey),
            [permits, farmland].map((p) => layerOfPolygons(p)),
          ),
        );
        const cropland = survey.filter((_, parcel) => isCropland(parcel));
        const outflow = intersectShapes(patches.slice(1), cropland);
        const unlawful = subtractShapes(outflow, permits);
        const other = survey.filter((_, parcel) => !isCropland(parcel));
        const expected = {
          outflowM2: areaOf(outflow),
          lawfulM2: areaOf(intersectShapes(outflow, permits)),
          unlawfulSuspectM2: areaOf(unlawful),
          onPermanentFarmlandM2: areaOf(intersectShapes(unlawful, farmland)),
          gainM2: areaOf(intersectShapes(patches.slice(0, 1), other)),
          unknownM2: areaOf(subtractShapes(patches, survey)),
        };
        for (const lane of ['outflowM2', 'lawfulM2', 'unlawfulSuspectM2', 'onPermanentFarmlandM2', 'gainM2'] as const)
          expect(Math.abs(ledger[lane] - expected[lane])).toBeLessThan(0.01);
        // patches overlap each other here, so the ground of no parcel counts for both
        expect(ledger.unknownM2).toBeGreaterThanOrEqual(expected.unknownM2 - 0.01);
      }),
      { numRuns: isLong ? 30 : 2 },
    );
  });

  it('commute with the order of patches, parcels and layers', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { patches, survey, permits, farmland } = madeCase(seed);
        const layers = [permits, farmland].map((p) => layerOfPolygons(p));
        const straight = ledgersBy(townPieces(patches, layerOfPolygons(survey), layers), ({ town }) => town);
        const turnedSurvey = layerOfPolygons(survey.toReversed(), (feature) => ({
          id: String(survey.length - feature),
        }));
        const turnedLayers = [permits, farmland].map((p) => layerOfPolygons(p.toReversed()));
        const pieces = townPieces(patches, turnedSurvey, turnedLayers.toReversed()).map((piece) => ({
          ...piece,
          isPermitted: piece.isPermanentFarmland,
          isPermanentFarmland: piece.isPermitted,
        }));
        const turned = ledgersBy(pieces.toReversed(), ({ town }) => town);
        expect([...turned.keys()]).toEqual([...straight.keys()]);
        for (const [town, ledger] of straight) {
          for (const [lane, value] of Object.entries(ledger))
            expect(Math.abs(value - (turned.get(town)?.[lane as keyof typeof ledger] ?? 0))).toBeLessThan(1e-6);
        }
      }),
      { numRuns: isLong ? 30 : 2 },
    );
  });

  it('give each patch shares of parcels that add up to one with the ground of none', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { patches, survey } = madeCase(seed);
        const pieces = townPieces(patches, layerOfPolygons(survey), []);
        const byPatch = areasBy(pieces, ({ patch }) => String(patch));
        patches.forEach((patch, i) => {
          const fraction = (byPatch.get(String(i)) ?? 0) / planeAreaM2(patch);
          expect(Math.abs(fraction - 1)).toBeLessThan(1e-9);
        });
        expect(pieces.every(({ areaM2 }) => areaM2 > 0)).toBe(true);
      }),
      { numRuns: isLong ? 30 : 2 },
    );
  });
});

describe('亩', () => {
  const areas = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 70 });
  const hundredths = (values: Iterable<number>) => sum([...values].map((value) => Math.round(100 * value)));

  it('add up after rounding, each within a last digit of its own', () => {
    fc.assert(
      fc.property(areas, (areasM2) => {
        const parts = shareOutMu(areasM2);
        expect(hundredths(parts)).toBe(Math.round((100 * sum(areasM2)) / muM2));
        parts.forEach((part, i) => expect(Math.abs(part - (areasM2[i] as number) / muM2)).toBeLessThan(0.01 + 1e-9));
      }),
    );
  });

  it('of towns add up to their county, and counties to the city', () => {
    fc.assert(
      fc.property(fc.array(areas, { minLength: 1, maxLength: 7 }), (towns) => {
        const counties = shareOutMu(towns.map((own) => sum(own)));
        const shared = towns.map((own, i) => shareOutMu(own, 2, counties[i] ?? 0));
        expect(hundredths(counties)).toBe(Math.round((100 * sum(towns.map((own) => sum(own)))) / muM2));
        shared.forEach((own, i) => expect(hundredths(own)).toBe(Math.round(100 * (counties[i] ?? 0))));
      }),
    );
  });

  it('go to the larger remainders first, and stay 0 where there is nothing', () => {
    expect(shareOutMu([muM2 / 3, muM2 / 3, muM2 / 3], 0)).toEqual([1, 0, 0]);
    expect(shareOutMu([muM2 * 0.004, muM2 * 0.006], 2)).toEqual([0, 0.01]);
    expect(shareOutMu([0, 0])).toEqual([0, 0]);
    expect(shareOutMu([])).toEqual([]);
    expect(shareOutMu([muM2, muM2], 0, 1)).toEqual([1, 0]);
  });
});
