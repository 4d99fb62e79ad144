import { describe, expect, it } from 'vitest';
import { classRows } from '../../scripts/evaluate/class-row.ts';
import {
  alarmsOf,
  bestThreshold,
  bootstrap,
  per1000Km2,
  reliabilityOf,
  scoreOf,
  sumHits,
  thresholdOfRecall,
} from '../../scripts/evaluate/figure.ts';
import { labelCode } from '../../scripts/evaluate/label-value.ts';
import { countChunk, emptyTally, hitsAt, outcome, pool, type Tally } from '../../scripts/evaluate/tally.ts';
import { seededRandom } from '../../scripts/made-pair.ts';

const classMap = {
  id: 'two',
  version: 1,
  classes: [
    { code: 3, name: 'crops', zh: '耕地', colour: '#000000', group: 'vegetation' },
    { code: 4, name: 'built', zh: '建设', colour: '#000000', group: 'artificial' },
  ],
};

interface Pixel {
  readonly change: number;
  readonly into: number;
  readonly before: number;
  readonly label: number;
  readonly irmad: number;
}

function tallyOf(pixels: readonly Pixel[], into: readonly string[] | null = null, threshold = 125) {
  const tally = emptyTally(classMap.classes.length);
  const plane = (key: 'change' | 'into' | 'before') => Uint8Array.from(pixels, (pixel) => pixel[key]);
  const none = new Float32Array(pixels.length);
  const chunk = {
    keep: { col: 0, row: 0, width: pixels.length, height: 1 },
    classesBefore: plane('before'),
    classesAfter: plane('into'),
    change: plane('change'),
    into: plane('into'),
    field: new Uint8Array(pixels.length),
    voices: { network: none, irmad: Float32Array.from(pixels, ({ irmad }) => irmad), vectors: none },
  };
  const labels = Uint8Array.from(pixels, ({ label }) => label);
  const outcomes = countChunk(tally, chunk, labels, { classMap, into, threshold });
  return { tally, outcomes };
}

function randomPixels(seed: number, count = 400): Pixel[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    change: random() < 0.1 ? 255 : Math.floor(random() * 251),
    into: random() < 0.5 ? 3 : 4,
    before: random() < 0.7 ? 3 : random() < 0.5 ? 4 : 255,
    label: Math.floor(random() * 5),
    irmad: random(),
  }));
}

describe('the tally of an evaluation', () => {
  it.each([null, ['built']])('gives the counts that pixels one by one give, into %s', (into) => {
    const pixels = randomPixels(3);
    const { tally } = tallyOf(pixels, into);
    const isCounted = (name: string): boolean => into === null || into.includes(name);
    const names = ['', '', '', 'crops', 'built'];
    const scored = pixels.filter(
      ({ change, label }) => change <= 250 && label !== 0 && (label < labelCode.intoFirst || isCounted(names[label]!)),
    );
    const changed = scored.filter(({ label }) => label !== labelCode.unchanged);
    for (const threshold of [1, 90, 125, 250]) {
      const flagged = scored.filter(
        ({ change, into: code }) => change >= threshold && isCounted(code === 3 ? 'crops' : 'built'),
      );
      expect(hitsAt(tally, { method: 'product', isFiltered: into !== null }, threshold)).toEqual({
        hit: flagged.filter((pixel) => changed.includes(pixel)).length,
        flagged: flagged.length,
        changed: changed.length,
        unchanged: scored.length - changed.length,
      });
      const loud = scored.filter(({ irmad }) => irmad >= threshold / 250);
      expect(hitsAt(tally, { method: 'irmad', isFiltered: false }, threshold).flagged).toBe(loud.length);
    }
    expect(tally.labelled - tally.unobserved).toBe(scored.length);
  });

  it('says what became of each pixel, and that unseen ground is neither right nor wrong', () => {
    const pixel = { change: 200, into: 4, before: 3, label: labelCode.changed, irmad: 0 };
    const { outcomes } = tallyOf(
      [
        pixel,
        { ...pixel, change: 10 },
        { ...pixel, label: labelCode.unchanged },
        { ...pixel, change: 255 },
        { ...pixel, label: labelCode.ignored },
        { ...pixel, into: 3 },
        { ...pixel, label: labelCode.intoFirst },
        { ...pixel, change: 10, label: labelCode.unchanged },
      ],
      ['built'],
    );
    const { found, missed, wrong, unobserved, ignored, quiet } = outcome;
    expect([...outcomes]).toEqual([found, missed, wrong, unobserved, ignored, missed, ignored, quiet]);
  });

  it('of places together is the sum of theirs', () => {
    const [first, second] = [tallyOf(randomPixels(1)).tally, tallyOf(randomPixels(2)).tally];
    const filter = { method: 'product', isFiltered: false } as const;
    expect(hitsAt(pool([first, second]), filter, 90)).toEqual(
      sumHits([hitsAt(first, filter, 90), hitsAt(second, filter, 90)]),
    );
  });
});

describe('the figures', () => {
  const filter = { method: 'product', isFiltered: false } as const;
  const at = (change: number, label: number, before = 3): Pixel => ({ change, into: 4, before, label, irmad: 0 });
  const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

  it('are null where there is nothing to measure them on', () => {
    expect(scoreOf({ hit: 0, flagged: 0, changed: 0 })).toEqual({ precision: null, recall: null, f1: null, iou: null });
    expect(scoreOf({ hit: 0, flagged: 0, changed: 4 })).toEqual({ precision: null, recall: 0, f1: 0, iou: 0 });
    expect(scoreOf({ hit: 2, flagged: 4, changed: 4 })).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5, iou: 1 / 3 });
  });

  it('find the threshold that suits the labels, and the one that finds a share of the change', () => {
    const { tally } = tallyOf([
      ...times(8, at(200, 2)),
      ...times(2, at(50, 2)),
      ...times(5, at(150, 1)),
      ...times(85, at(0, 1)),
    ]);
    expect(bestThreshold(tally, filter)).toBeGreaterThan(150);
    expect(hitsAt(tally, filter, bestThreshold(tally, filter)).hit).toBe(8);
    expect([0.2, 0.8, 0.9].map((recall) => thresholdOfRecall(tally, filter, recall))).toEqual([200, 200, 50]);
    expect(thresholdOfRecall(tallyOf([at(0, 2)]).tally, filter, 0.2)).toBeNull();
  });

  it('give false alarms as km² in 1,000 km² of the cover before', () => {
    const { tally } = tallyOf([
      ...times(3, at(200, 1)),
      ...times(97, at(0, 1)),
      ...times(100, at(0, 1, 4)),
      at(250, 2),
    ]);
    const alarms = (covers: number[]) => alarmsOf(tally, filter, { threshold: 125, covers, pixelM2: 100 });
    expect(alarms([0])).toEqual({ unchangedM2: 10_000, flaggedM2: 300 });
    expect(per1000Km2([alarms([0])])).toBeCloseTo(30, 9);
    expect(per1000Km2([alarms([0, 1])])).toBeCloseTo(15, 9);
    expect(per1000Km2([alarms([2])])).toBeNull();
  });

  it('call a probability reliable that is right as often as it says', () => {
    const honest = tallyOf([...times(4, at(200, 2)), at(200, 1), ...times(9, at(25, 1)), at(25, 2)]).tally;
    expect(reliabilityOf([honest], filter).ece).toBeCloseTo(0, 9);
    const boastful = tallyOf([...times(5, at(225, 2)), ...times(5, at(225, 1))]).tally;
    const { ece, bins } = reliabilityOf([boastful], filter);
    expect(ece).toBeCloseTo(0.4, 9);
    expect(bins).toEqual([{ from: 0.9, to: 1, pixels: 10, said: 0.9, found: 0.5 }]);
  });

  it('have an interval of places: none of two, a point of equal ones, the range of different ones', () => {
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(bootstrap([0.1, 0.9], mean)).toBeNull();
    expect(bootstrap([0.5, 0.5, 0.5, 0.5], mean)).toEqual([0.5, 0.5]);
    const places = Array.from({ length: 20 }, (_, i) => i / 19);
    const [low, high] = bootstrap(places, mean)!;
    // the standard error of the mean of these twenty is 0.068
    expect(low).toBeGreaterThan(0.5 - 0.17);
    expect(low).toBeLessThan(0.5 - 0.1);
    expect(high).toBeGreaterThan(0.5 + 0.1);
    expect(high).toBeLessThan(0.5 + 0.17);
  });

  it('tell recall of a class only from labels that name classes', () => {
    const rowsOf = (tally: Tally) => classRows([tally], classMap.classes);
    const unnamed = tallyOf([...times(3, at(200, labelCode.changed)), at(200, labelCode.unchanged)]).tally;
    expect(rowsOf(unnamed)).toMatchObject([
      { class: 'built', flaggedPx: 4, changedPx: null, precision: 0.75, recall: null, f1: null },
    ]);
    const built = labelCode.intoFirst + 1;
    const named = tallyOf([...times(3, at(200, built)), at(0, built), at(200, labelCode.intoFirst), at(200, 1)]).tally;
    const [crops, row] = rowsOf(named);
    expect(crops).toMatchObject({ class: 'crops', flaggedPx: 0, changedPx: 1, precision: null, recall: 0, f1: 0 });
    expect(row).toMatchObject({ class: 'built', flaggedPx: 5, changedPx: 4, precision: 0.6, recall: 0.75 });
    expect(row!.f1).toBeCloseTo(2 / 3, 9);
    expect(row!.iou).toBeCloseTo(0.5, 9);
  });
});
