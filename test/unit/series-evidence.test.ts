import { describe, expect, it } from 'vitest';
import { loadCard } from '../../models/shelf.ts';
import { loadSeriesModel } from '../../models/series-shelf.ts';
import { seriesEvidence, type LookLikelihood } from '../../pipeline/change/series-evidence.ts';
import { groundLikelihood } from '../../pipeline/change/series-look.ts';
import { seriesModelSchema } from '../../pipeline/change/series-model.ts';
import { openPassage } from '../../pipeline/change/series-passage.ts';

const { model } = loadSeriesModel(loadCard('s2-change').card)!;
const names = model.grounds.map(({ name }) => name);
const codeOf = (name: string): number => model.grounds.find((ground) => ground.name === name)!.class;

/** A look that is sure of the ground of each pixel; null = not seen. */
function lookOf(date: string, grounds: readonly (string | null)[]): LookLikelihood {
  const likelihood = new Uint8Array(names.length * grounds.length).fill(155);
  grounds.forEach((ground, i) => {
    if (ground !== null) likelihood[names.indexOf(ground) * grounds.length + i] = 255;
  });
  return { id: date, date, likelihood, seen: Uint8Array.from(grounds, (ground) => (ground === null ? 0 : 1)) };
}
const dates = (from: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => new Date(Date.parse(from) + i * 12 * 86_400_000).toISOString().slice(0, 10));
const seriesOf = (...pixels: readonly (readonly (string | null)[])[]): LookLikelihood[] =>
  dates('2025-03-01', pixels[0]!.length).map((date, i) =>
    lookOf(
      date,
      pixels.map((pixel) => pixel[i]!),
    ),
  );
const times = (count: number, ground: string): string[] => Array.from({ length: count }, () => ground);
const changedOf = (looks: readonly LookLikelihood[], by = model): number[][] =>
  [...seriesEvidence(looks, by)].map(({ changed }) => [...changed]);
/** The filter alone. */
const { memory: _memory, ...forgetful } = model;

describe('evidence from a series of looks', () => {
  it('is sure within three looks that a field became a pond, and into what', () => {
    const found = [...seriesEvidence(seriesOf([...times(5, 'grain'), ...times(3, 'water')]), model)];
    expect(found.slice(0, 5).every(({ changed }) => changed[0]! < 25)).toBe(true);
    expect(found.at(-1)!.changed[0]).toBeGreaterThan(200);
    expect([found.at(-1)!.before[0], found.at(-1)!.into[0]]).toEqual([codeOf('grain'), codeOf('water')]);
  });

  it('takes one look that differs for an error, and crops that follow one another for no change', () => {
    const odd = [...times(5, 'grain'), 'bare', ...times(3, 'grain')];
    const turning = [...times(3, 'grain'), ...times(3, 'vegetable'), ...times(3, 'lotus')];
    for (const changed of changedOf(seriesOf(odd, turning), forgetful)) expect(Math.max(...changed)).toBeLessThan(125);
    const known = changedOf(seriesOf(odd, turning));
    expect(known.map(([, crops]) => crops! < 125)).not.toContain(false);
    // what remembers may believe one sure look, and takes it back with the next
    expect(known.slice(6).map(([field]) => field! < 125)).not.toContain(false);
  });

  it('learns from later looks what the ground was at the beginning', () => {
    const found = [...seriesEvidence(seriesOf(['bare', ...times(6, 'grain')]), model)];
    expect(found.at(-1)!.before[0]).toBe(codeOf('grain'));
    expect(found.at(-1)!.changed[0]).toBeLessThan(25);
  });

  it('says nothing of a pixel in a look that did not see it, and forgets nothing about it', () => {
    const looks = seriesOf([...times(5, 'grain'), 'water', null, 'water', 'water']);
    const changed = changedOf(looks).map(([value]) => value!);
    expect(changed[6]).toBe(255);
    expect(changed[8]).toBeGreaterThan(125);
  });

  it('takes a pond that is drained for cleaning and filled again for a pond', () => {
    const drained = [...times(3, 'water'), ...times(3, 'fallow'), ...times(4, 'water')];
    const found = [...seriesEvidence(seriesOf(drained, [...times(2, 'fallow'), ...times(8, 'water')]), model)];
    for (const { changed } of found) expect(Math.max(...changed)).toBeLessThan(125);
    expect([...found.at(-1)!.before]).toEqual([codeOf('water'), codeOf('water')]);
  });

  it('sees ground that is given back as before', () => {
    const changed = changedOf(seriesOf([...times(5, 'grain'), ...times(5, 'bare'), ...times(6, 'grain')]));
    expect(changed[9]![0]).toBeGreaterThan(125);
    expect(changed.at(-1)![0]).toBeLessThan(125);
  });

  it('is the same in whatever order the looks come', () => {
    const looks = seriesOf([...times(4, 'grain'), ...times(4, 'built')], [...times(6, 'woods'), 'bare', 'bare']);
    expect(changedOf(looks.toReversed())).toEqual(changedOf(looks));
    expect(changedOf([...looks.slice(3), ...looks.slice(0, 3)])).toEqual(changedOf(looks));
  });
});

describe('what passes between two looks', () => {
  it('keeps all probability, changes nothing in no time, and makes two steps of one', () => {
    const passage = openPassage(model);
    const [none, ten, twenty] = [passage(0), passage(10), passage(20)];
    const size = names.length + model.guises.length;
    for (let i = 0; i < size; i++) {
      expect(none[i * size + i]).toBeCloseTo(1, 9);
      expect(twenty.subarray(i * size, (i + 1) * size).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
      for (let j = 0; j < size; j++) {
        let two = 0;
        for (let k = 0; k < size; k++) two += ten[i * size + k]! * ten[k * size + j]!;
        expect(twenty[i * size + j]).toBeCloseTo(two, 6);
      }
    }
  });
});

describe('the likelihood of one look', () => {
  const width = 4;
  const pixels = width * width;
  const look = {
    date: '2025-08-10',
    width,
    height: width,
    cover: new Uint8Array(6 * pixels).map((_, i) => (Math.floor(i / pixels) === 3 ? 250 : 1)),
    input: new Float32Array(model.bands.length * pixels).fill(0.3),
    seen: new Uint8Array(pixels).map((_, i) => (i === 5 ? 0 : 1)),
  };

  it('gives the likeliest ground of each pixel 255 and unseen pixels nothing, whatever lies under the cloud', () => {
    const likelihood = groundLikelihood(model, look);
    const at = (i: number): number[] => names.map((_, ground) => likelihood[ground * pixels + i]!);
    expect(Math.max(...at(0))).toBe(255);
    expect(Math.max(...at(5))).toBe(0);
    const veiled = { ...look, input: look.input.slice() };
    for (let band = 0; band < model.bands.length; band++) veiled.input[band * pixels + 5] = 4;
    expect(groundLikelihood(model, veiled)).toEqual(likelihood);
  });

  it('refuses a model whose rates or layers do not fit its grounds', () => {
    const [first, ...rest] = model.rates;
    expect(seriesModelSchema.safeParse({ ...model, rates: [{ ...first!, to: ['sea'] }, ...rest] }).success).toBe(false);
    const guises = [{ ...model.guises[0]!, like: 'sea' }];
    expect(seriesModelSchema.safeParse({ ...model, guises }).success).toBe(false);
    expect(seriesModelSchema.safeParse({ ...model, layers: model.layers.slice(1) }).success).toBe(false);
  });
});
