import { describe, expect, it } from 'vitest';
import { judgeAbandonment } from '../../pipeline/season/abandonment.ts';
import type { ParcelSeries } from '../../pipeline/season/parcel-series.ts';
import { judgePlanting } from '../../pipeline/season/planting.ts';
import { clockChannels, type CurveNet } from '../../pipeline/season/curve-net.ts';
import type { SeasonModel } from '../../pipeline/season/season-model.ts';
import { judgeTending } from '../../pipeline/season/tending.ts';
import type { BandName } from '../../pipeline/types.ts';
import { loadRegion, loadSeasonRules } from '../../workers/rule/load-rules.ts';

const { planting: rules, abandonment } = loadSeasonRules();
const region = loadRegion();

/** Reflectances of covers: blue, green, red, nir, swir16, swir22. */
const covers = {
  soil: [0.08, 0.1, 0.13, 0.2, 0.28, 0.24],
  water: [0.06, 0.07, 0.05, 0.04, 0.02, 0.01],
  green: [0.03, 0.06, 0.03, 0.4, 0.16, 0.07],
  rape: [0.05, 0.14, 0.11, 0.38, 0.2, 0.1],
  grass: [0.05, 0.08, 0.07, 0.24, 0.22, 0.14],
} as const;
const names: readonly BandName[] = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'];

function seriesOf(looks: readonly (readonly [date: string, cover: keyof typeof covers | null])[]): ParcelSeries {
  const bands = names.map((name, k) => [
    name,
    Float32Array.from(looks, ([, cover]) => (cover === null ? Number.NaN : covers[cover][k]!)),
  ]);
  return { dates: looks.map(([date]) => date), bands: Object.fromEntries(bands) as ParcelSeries['bands'] };
}
const judge = (series: ParcelSeries, models: readonly SeasonModel[] = [], more = {}) =>
  judgePlanting({ series, year: 2026, county: null, ...more }, { rules, region, models });

const rice = [
  ['2025-12-10', 'soil'],
  ['2026-03-02', 'grass'],
  ['2026-06-12', 'water'],
  ['2026-08-20', 'green'],
  ['2026-11-20', 'soil'],
] as const;
const codes = (judged: ReturnType<typeof judge>): readonly string[] => judged.evidence.map(({ code }) => code);

/** A model that always says the same, seasons as if independent: its network hears nothing. */
const stubborn = (winter: Record<string, number>, summer: Record<string, number>): SeasonModel => {
  const pairs = Object.entries(winter).flatMap(([w, share]) =>
    Object.entries(summer).map(([s, other]) => ({ winter: w, summer: s, odds: share * other })),
  );
  const input = { yearFrom: '11-01', stepDays: 40, steps: 9, lambda: 1, indices: ['ndvi' as const], gaps: false };
  const layer = (to: number, from: number) => ({ weights: new Float32Array(to * from), bias: new Float32Array(to) });
  const last = { ...layer(pairs.length, 1), bias: Float32Array.from(pairs, ({ odds }) => Math.log(odds)) };
  const net: CurveNet = {
    pairs,
    channels: 1,
    steps: input.steps,
    kernel: 1,
    mean: Float32Array.of(0),
    deviation: Float32Array.of(1),
    convolutions: [layer(1, 1 + clockChannels)],
    dense: [layer(1, 2), last],
  };
  return { id: 'stubborn 1', input, net };
};
const vegetables = stubborn({ stubble: 250, wheat: 5 }, { vegetables: 240, rice: 10, weeds: 5 });

describe('planting status', () => {
  it('is grain where a field was flooded in June and green in August, with the looks that say so', () => {
    const judged = judge(seriesOf(rice));
    expect(judged).toMatchObject({ status: 'grain', code: 'LS', confidence: rules.evidenceConfidence, model: null });
    expect(judged.evidence.slice(0, 2).map(({ code, date }) => [code, date])).toEqual([
      ['flooded', '2026-06-12'],
      ['green-peak', '2026-08-20'],
    ]);
  });

  it('is grain by what was seen while the year lasts, although a model says otherwise; of a whole year no accusation', () => {
    const soFar = seriesOf(rice);
    expect(judge(soFar, [vegetables])).toMatchObject({ status: 'rotation', code: 'LYFL', model: 'stubborn 1' });
    const over = seriesOf([...rice, ['2026-12-10', 'soil'], ['2026-07-20', 'green'], ['2026-09-20', 'green']]);
    expect(judge(over, [vegetables])).toMatchObject({ status: 'unknown', confidence: 0 });
    expect(codes(judge(over, [vegetables]))).toEqual(expect.arrayContaining(['undecided', 'green-peak']));
    const paddy = stubborn({ stubble: 1 }, { rice: 9, vegetables: 1 });
    expect(judge(over, [paddy])).toMatchObject({ status: 'grain' });
    expect(judge(over)).toMatchObject({ status: 'grain', confidence: rules.evidenceConfidence });
  });

  it('is non-grain of a whole year although it was green in spring and cleared in June, where the model is sure', () => {
    const field = (december: boolean) =>
      seriesOf([
        ['2026-01-10', 'grass'],
        ['2026-04-02', 'green'],
        ['2026-05-02', 'green'],
        ['2026-06-10', 'soil'],
        ['2026-07-30', 'grass'],
        ['2026-09-01', 'grass'],
        ...(december ? ([['2026-12-20', 'soil']] as const) : []),
      ]);
    expect(judge(field(false), [vegetables]).status).not.toBe('non-grain');
    expect(judge(field(true), [vegetables])).toMatchObject({ status: 'non-grain', code: 'FLS' });
  });

  it('takes water of winter for no flooding', () => {
    const winterWet = rice.map(([date, cover]) =>
      cover === 'water' ? (['2026-02-10', 'water'] as const) : ([date, cover] as const),
    );
    expect(judge(seriesOf(winterWet)).status).toBe('unknown');
  });

  it('tells wheat from rape by what flowers, and neither where nobody looked then', () => {
    const field = (april: keyof typeof covers | null) =>
      judge(
        seriesOf([
          ['2026-01-10', 'grass'],
          ['2026-04-02', april],
          ['2026-05-02', 'green'],
          ['2026-06-10', 'soil'],
          ['2026-07-30', 'grass'],
          ['2026-09-01', 'grass'],
          ['2026-12-20', 'soil'],
        ]),
      );
    expect(field('green')).toMatchObject({ status: 'grain' });
    expect(codes(field('green'))).toEqual(['winter-green', 'summer-drop']);
    expect(codes(field('rape'))).toContain('rape-flower');
    expect(field('rape').status).toBe('unknown');
    expect(field(null).status).toBe('unknown');
  });

  it('says insufficient observations of too few looks, and never non-grain before the year is over', () => {
    const few = seriesOf([
      ['2026-07-20', 'grass'],
      ['2026-12-10', 'soil'],
    ]);
    expect(judge(few, [vegetables])).toMatchObject({ status: 'unknown', code: '', confidence: 0, looks: 1 });
    expect(codes(judge(few, [vegetables]))).toEqual(['insufficient-observations']);
    const looks = ['2026-01-05', '2026-03-05', '2026-05-01', '2026-07-20', '2026-09-10'].map(
      (date) => [date, 'grass'] as const,
    );
    expect(codes(judge(seriesOf(looks), [vegetables]))).toContain('year-not-over');
    expect(judge(seriesOf([...looks, ['2026-12-15', null]]), [vegetables])).toMatchObject({
      status: 'non-grain',
      code: 'FLS',
    });
  });

  it('calls fallow only what was declared: an image shows uncultivated ground', () => {
    const wild = stubborn({ stubble: 255 }, { weeds: 250, rice: 5 });
    const looks = ['2026-01-05', '2026-03-05', '2026-05-01', '2026-07-20', '2026-09-10', '2026-12-15'];
    const series = seriesOf(looks.map((date) => [date, 'grass'] as const));
    expect(judge(series, [wild])).toMatchObject({ status: 'uncultivated', code: 'WG' });
    expect(judge(series, [wild], { isDeclaredFallow: true })).toMatchObject({ status: 'fallow', code: 'XG' });
  });

  it('does not depend on the order of the looks', () => {
    const shuffled = seriesOf([rice[3]!, rice[0]!, rice[4]!, rice[2]!, rice[1]!]);
    expect(judge(shuffled, [vegetables])).toEqual(judge(seriesOf(rice), [vegetables]));
  });

  it('counts as grain what the configuration calls grain', () => {
    const crops = rules.crops.map((crop) => (crop.id === 'vegetables' ? { ...crop, counts: 'grain' as const } : crop));
    const looks = ['2026-01-05', '2026-03-05', '2026-05-01', '2026-07-20', '2026-09-10', '2026-12-15'];
    const series = seriesOf(looks.map((date) => [date, 'grass'] as const));
    const basis = { rules: { ...rules, crops }, region, models: [vegetables] };
    expect(judgePlanting({ series, year: 2026, county: null }, basis).status).toBe('grain');
    expect(judge(series, [vegetables]).status).toBe('non-grain');
  });
});

describe('abandonment', () => {
  const over = ['2026-12-05', 'soil'] as const;
  const season = (year: number, looks: readonly (keyof typeof covers)[]) =>
    looks.map((cover, i) => [`${year}-0${6 + i}-10`, cover] as const);
  const judgeOf = (...seasons: (readonly (readonly [string, keyof typeof covers])[])[]) =>
    judgeAbandonment(seriesOf([...seasons.flat(), over]), 2026, abandonment);
  const wild = ['grass', 'grass', 'grass', 'grass'] as const;
  const crop = ['soil', 'green', 'green', 'soil'] as const;

  it('is suspected after two growing seasons without a crop, and not after one', () => {
    expect(judgeOf(season(2025, wild), season(2026, wild)).state).toBe('suspected');
    expect(judgeOf(season(2025, crop), season(2026, wild)).state).toBe('cultivated');
    expect(judgeOf(season(2025, wild), season(2026, crop)).state).toBe('cultivated');
  });

  it('is not said of a season with too few clear looks', () => {
    const judged = judgeOf(season(2025, wild), season(2026, ['grass', 'grass']));
    expect(judged.state).toBe('insufficient-observations');
    expect(judged.seasons.map(({ looks, hasCrop }) => [looks, hasCrop])).toEqual([
      [4, false],
      [2, null],
    ]);
  });

  it('is not said of a season that is not over, though a crop in it may be seen', () => {
    const until = (looks: readonly (keyof typeof covers)[]) =>
      judgeAbandonment(seriesOf([...season(2025, wild), ...season(2026, looks)]), 2026, abandonment).state;
    expect(until(wild)).toBe('insufficient-observations');
    expect(until(crop)).toBe('cultivated');
  });

  it('hears nothing of winter: no month from November to April changes the answer', () => {
    for (const month of ['11', '12', '01', '02', '03', '04'])
      for (const cover of ['soil', 'grass', 'green'] as const)
        expect(judgeOf(season(2025, crop), season(2026, crop), [[`2026-${month}-10`, cover]]).state).toBe('cultivated');
    const bareWinters = ['2024-12-10', '2025-01-10', '2025-02-10', '2025-12-10', '2026-01-10', '2026-02-10'];
    expect(judgeOf(bareWinters.map((date) => [date, 'soil'] as const)).state).toBe('insufficient-observations');
  });
});

describe('the tending period', () => {
  const facts = {
    tendingFrom: '2025-01-01',
    tendingTo: '2027-12-31',
    on: '2026-12-01',
    abandonment: 'cultivated' as const,
    planting: 'grain' as const,
  };

  it('holds payment until it is over, and after it where the ground is not seen to be tended', () => {
    expect(judgeTending(facts)).toMatchObject({ isWatched: true, isPaymentHeld: true, reason: { code: 'tending' } });
    const over = { ...facts, on: '2028-01-02' };
    expect(judgeTending(over)).toMatchObject({ isWatched: false, isPaymentHeld: false });
    for (const [change, code] of [
      [{ abandonment: 'suspected' as const }, 'abandonment-suspected'],
      [{ abandonment: 'insufficient-observations' as const }, 'insufficient-observations'],
      [{ planting: 'non-grain' as const }, 'no-grain-seen'],
      [{ planting: 'uncultivated' as const }, 'no-grain-seen'],
    ] as const)
      expect(judgeTending({ ...over, ...change })).toMatchObject({ isPaymentHeld: true, reason: { code } });
  });

  it('watches on where no end was given, and not before it began', () => {
    expect(judgeTending({ ...facts, tendingTo: null, on: '2040-01-01' }).isWatched).toBe(true);
    expect(judgeTending({ ...facts, on: '2024-01-01' })).toMatchObject({ isWatched: false, isPaymentHeld: true });
  });
});
