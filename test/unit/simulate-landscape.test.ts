import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { changeKinds } from '../../scripts/simulate/change-kind.ts';
import { classOn, isChanged, phaseOn } from '../../scripts/simulate/change.ts';
import { dateOf, dayNumber } from '../../scripts/simulate/day.ts';
import { endmembers } from '../../scripts/simulate/endmember.ts';
import { fieldMix, summerShares, winterShares } from '../../scripts/simulate/calendar.ts';
import { openGround } from '../../scripts/simulate/ground.ts';
import { areaOfM2 } from '../../scripts/simulate/piece.ts';
import { openLook } from '../../scripts/simulate/render.ts';
import { openSky } from '../../scripts/simulate/sky.ts';
import { surveyFeatures } from '../../scripts/simulate/survey.ts';
import { openTruth } from '../../scripts/simulate/truth.ts';
import { stateTable } from '../../scripts/simulate/truth-file.ts';
import { makeWorld } from '../../scripts/simulate/world.ts';

const world = makeWorld({ seed: 3, size: 420, gsd: '10', looks: 2 });
const ground = openGround(world);
const survey = [...surveyFeatures(world, ground)];

describe('the simulated landscape', () => {
  it('leaves no gap between parcels and lays none over another: inside, every edge has its reverse', () => {
    const edges = new Set<string>();
    const inner: (readonly [string, string])[] = [];
    const { originX, originY } = ground.frame;
    const isInside = ([x, y]: readonly [number, number]): boolean =>
      Math.min(x - originX, y - originY) > 800 && Math.max(x - originX, y - originY) < world.sideM - 800;
    for (const { polygons } of survey)
      for (const ring of polygons)
        ring.forEach((from, i) => {
          const to = ring[(i + 1) % ring.length]!;
          edges.add(`${from.join()} ${to.join()}`);
          if (isInside(from) && isInside(to)) inner.push([from.join(), to.join()]);
        });
    expect(inner.length).toBeGreaterThan(5000);
    expect(inner.filter(([from, to]) => !edges.has(`${to} ${from}`))).toEqual([]);
  });

  it('cuts the region into parcels that fill it to the square centimetre', () => {
    const { parcels } = world.sketch;
    const sumM2 = parcels.reduce((sum, { piece }) => sum + areaOfM2(piece), 0);
    const sideM = Math.sqrt(sumM2);
    expect(Math.abs(sumM2 - Math.round(sideM) ** 2)).toBeLessThan(1e-4);
  });

  it('names every parcel by a code of the land-survey dictionary', () => {
    const text = readFileSync(new URL('../../config/land-codes.csv', import.meta.url), 'utf8');
    const known = new Map(text.split('\n').map((line) => [line.split(',')[0], line.split(',')[1]]));
    const used = new Set(survey.map(({ properties }) => String(properties['DLBM'])));
    expect(used.size).toBeGreaterThan(18);
    for (const { properties } of survey) expect(properties['DLMC']).toBe(known.get(String(properties['DLBM'])));
    for (const { codeAfter } of changeKinds) expect(known.has(codeAfter)).toBe(true);
  });

  it('gives fields the sizes of the plain: most of them between a tenth of a hectare and two', () => {
    const fields = survey
      .filter(({ properties }) => String(properties['DLBM']).startsWith('01'))
      .map(({ properties }) => Number(properties['TBMJ']))
      .sort((a, b) => a - b);
    const at = (fraction: number): number => fields[Math.floor(fraction * fields.length)]!;
    expect(at(0.05)).toBeGreaterThan(1000);
    expect(at(0.5)).toBeGreaterThan(3000);
    expect(at(0.95)).toBeLessThan(20_000);
  });

  it('holds every kind of change, lawful ones and unlawful, and works of projects over their boundary', () => {
    const [first, last] = [world.looks[0]!.day, world.looks.at(-1)!.day];
    const changed = world.changes.filter((change) => isChanged(change, first, last));
    expect(new Set(world.changes.map(({ kind }) => kind.id)).size).toBe(changeKinds.length);
    expect(new Set(changed.map(({ kind }) => kind.category)).size).toBe(5);
    expect(new Set(changed.map(({ isLawful }) => isLawful)).size).toBe(2);
    expect(world.programme.projects.some(({ parts }) => new Set(parts.map(({ town }) => town)).size === 2)).toBe(true);
    for (const { parts } of world.programme.projects)
      expect(new Set(parts.map(({ town }) => town.slice(0, 6))).size).toBe(1);
  });

  it('lets surfaces of every field on every day add up to one', () => {
    const crops = Object.keys(summerShares.paddy) as (keyof typeof summerShares.paddy)[];
    const winters = Object.keys(winterShares.paddy) as (keyof typeof winterShares.paddy)[];
    for (const summer of crops)
      for (const winter of winters)
        for (let day = 1; day <= 366; day += 7)
          for (const lateDays of [-20, 0, 17]) {
            const mix = fieldMix({ summer, winter, nextWinter: winter, lateDays, phase: 0.37, wetness: 0.4 }, day);
            const shares = Object.values(mix);
            expect(Math.min(...shares)).toBeGreaterThanOrEqual(-1e-9);
            expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1)).toBeLessThan(1e-9);
          }
  });

  it('floods paddy in late June, is green in August and stubble in late November', () => {
    const rice = {
      summer: 'rice',
      winter: 'wheat',
      nextWinter: 'stubble',
      lateDays: 0,
      phase: 0.5,
      wetness: 0.5,
    } as const;
    expect(fieldMix(rice, 175).floodWater).toBeGreaterThan(0.6);
    expect(fieldMix(rice, 228).riceCanopy).toBeGreaterThan(0.85);
    expect(fieldMix(rice, 320).stubble).toBeGreaterThan(0.6);
  });

  it('says where every surface reflectance comes from', () => {
    for (const { reflectance, source } of Object.values(endmembers)) {
      expect(source.length).toBeGreaterThan(20);
      for (const value of reflectance) expect(value > 0 && value < 0.8).toBe(true);
    }
  });
});

describe('a series of looks', () => {
  const series = makeWorld({ seed: 3, size: 420, gsd: '10', looks: 73 });

  it('covers two years every few days under the sky of the season, overcast or clear', () => {
    const { looks } = series;
    expect([looks[0]!.date.slice(0, 7), looks.at(-1)!.date.slice(0, 7)]).toEqual(['2025-01', '2026-12']);
    const steps = looks.slice(1).map(({ day }, i) => day - looks[i]!.day);
    expect([Math.min(...steps) >= 3, Math.max(...steps) <= 17]).toEqual([true, true]);
    const clear = looks.filter(({ cloudFraction }) => cloudFraction < 0.13).length;
    const overcast = looks.filter(({ cloudFraction }) => cloudFraction === 1).length;
    expect([clear > 12, overcast > 20]).toEqual([true, true]);
  });

  it('takes some ground again that was given back: bare, then what it had become before', () => {
    const again = series.changes.filter(({ againDay }) => againDay !== undefined);
    expect(again.length).toBeGreaterThan(0);
    for (const change of again) {
      const { startDay, doneDay, endDay } = change;
      const againDay = change.againDay!;
      expect(againDay).toBeGreaterThan(endDay!);
      expect([endDay!, againDay - 1].map((day) => phaseOn(change, day))).toEqual(['back', 'back']);
      expect(classOn(change, againDay)).toBe('bare');
      expect(classOn(change, againDay + doneDay - startDay)).toBe(change.kind.classAfter);
    }
  });

  it('tells in a table what each piece of changed ground is on any day', () => {
    const rows = stateTable(series)
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    for (const [number, change] of series.changes.entries()) {
      const own = rows.filter(([id]) => id === `T${String(number + 1).padStart(5, '0')}`);
      for (const { day } of series.looks) {
        const row = own.findLast(([, from]) => from === '' || from! <= dateOf(day))!;
        expect([row[2], row[3]]).toEqual([phaseOn(change, day), classOn(change, day)]);
      }
      expect(own.slice(1).every(([, from]) => dayNumber(from!) > 0)).toBe(true);
    }
  });

  it('draws the same land as a pair does', () => {
    expect(series.sketch.parcels).toEqual(world.sketch.parcels);
  });
});

describe('a landscape where nothing changes', () => {
  const wanted = { seed: 3, size: 160, gsd: '10', looks: 2, dates: ['2026-05-12', '2026-06-15'] } as const;
  const still = makeWorld({ ...wanted, changes: 'none' });
  const moving = makeWorld(wanted);

  it('is the same land, without a change and without works of projects', () => {
    expect(still.changes).toEqual([]);
    expect(moving.changes.length).toBeGreaterThan(20);
    expect(still.sketch.parcels).toEqual(moving.sketch.parcels);
    expect(still.programme.projects.length).toBe(moving.programme.projects.length);
    const subs = still.programme.projects.flatMap(({ subProjects }) => subProjects);
    expect(subs.every(({ change, fate }) => change === null && fate !== 'deviates')).toBe(true);
  });

  it('keeps its classes while its fields turn from wheat to flooded paddy', () => {
    const { sensor, sizePx, sketch, sideM, looks } = still;
    const [first, last] = [looks[0]!, looks[1]!];
    const strip = { fromRow: 0, count: 64 };
    const days = [first.day, last.day] as const;
    const { change, classes } = openTruth(still, { gsdM: sensor.gsdM, subPx: sensor.subPx, sizePx, days })(strip);
    expect(change.every((value) => value === 0)).toBe(true);
    expect(classes[1]).toEqual(classes[0]);
    const [may, june] = [first, last].map((look) =>
      openLook(still, look, { sensor, sizePx, sky: openSky(look, { seed: sketch.seed, sideM }) }).rows(0, 64),
    );
    const pixels = 64 * sizePx;
    const nir = (rows: Uint16Array): Uint16Array => rows.subarray(3 * pixels, 4 * pixels);
    const turned = nir(may!).filter((value, i) => Math.abs(value - nir(june!)[i]!) > 600).length;
    expect(turned / pixels).toBeGreaterThan(0.3);
  });
});
