import { describe, expect, it } from 'vitest';
import { pixelShare } from '../../scripts/score/pixel-share.ts';
import { scoreRun } from '../../scripts/score/score.ts';
import type { FoundPatch } from '../../scripts/score/score-type.ts';
import { coveredFraction, grown, shapeAreaM2, shapeOf } from '../../scripts/score/shape.ts';
import { scoreText, tableText, widthOf } from '../../scripts/score/text.ts';
import { change, frame, hundred, patch, rectangle } from '../support/score-shapes.ts';

const at10m = { gsdM: 10 };

describe('the score of a run', () => {
  it('finds a change when patches together cover thirty hundredths of it, and not below', () => {
    const two = [patch(rectangle(0, 0, 20, 100)), patch(rectangle(90, 0, 10, 100), { id: 'P2' })];
    expect(scoreRun([change(hundred)], two, at10m)).toMatchObject({ recall: 1, precision: 1 });
    const less = [two[0]!, patch(rectangle(91, 0, 9, 100))];
    const { recall, missed } = scoreRun([change(hundred)], less, at10m);
    expect(recall).toBe(0);
    expect(missed).toEqual([{ id: 'T1', kind: 'factory', areaM2: 10_000, outcome: 'missed' }]);
  });

  it('counts ground that two patches share once', () => {
    const same = rectangle(0, 0, 20, 100);
    expect(coveredFraction(hundred, [same, same])).toBeCloseTo(0.2, 9);
  });

  it('takes a patch for review, or a watched one, for no suspicion', () => {
    const outcome = (more: Partial<FoundPatch>) => scoreRun([change(hundred)], [patch(hundred, more)], at10m).wanted;
    expect(outcome({ category: 'review' })).toMatchObject({ found: 0, review: 1 });
    expect(outcome({ state: 'watch' })).toMatchObject({ found: 0, watch: 1 });
    expect(outcome({ category: null })).toMatchObject({ found: 1 });
  });

  it('finds a pond that is called non-farm, and says that the category is another', () => {
    const pond = change(hundred, { category: 'non-grain', classAfter: 'water' });
    expect(scoreRun([pond], [patch(hundred)], at10m)).toMatchObject({ recall: 1, sameCategory: 0 });
    const works = change(hundred, { category: 'non-grain', classAfter: 'bare' });
    expect(scoreRun([works], [patch(hundred)], at10m)).toMatchObject({ recall: 1, sameCategory: 1 });
  });

  it('lets what the run did not observe count as lost, and tells it apart from what it missed', () => {
    const score = scoreRun([change(hundred, { observedFraction: 0.4 })], [], at10m);
    expect(score).toMatchObject({ recall: 0, recallObserved: null, precision: null });
    expect(score.wanted).toMatchObject({ unobserved: 1, missed: 0 });
  });

  it('wants neither what cloud hid, nor what is small, nor what was approved', () => {
    const changes = [
      change(hundred, { clearFraction: 0.49 }),
      change(rectangle(0, 0, 40, 49), { sizeClass: 'small' }),
      change(hundred, { isLawful: true }),
      change(hundred, { category: 'review' }),
    ];
    const score = scoreRun(changes, [], at10m);
    expect(score.wanted.total).toBe(0);
    expect(score.recall).toBeNull();
    expect(score.bySize.small).toMatchObject({ total: 1, missed: 1 });
    expect(score.lawful).toMatchObject({ total: 1, missed: 1 });
    expect(score.byCategory.review).toMatchObject({ total: 1, missed: 1 });
  });

  it('calls a patch right when half of it lies on changed ground or within a pixel of it, lawful or not', () => {
    const lawful = [change(hundred, { isLawful: true })];
    const beside = (x: number) => scoreRun(lawful, [patch(rectangle(x, 0, 40, 100))], at10m).suspected;
    expect(beside(90)).toEqual({ total: 1, right: 1, wrong: 0 });
    expect(beside(91)).toEqual({ total: 1, right: 0, wrong: 1 });
  });

  it('judges the precision of suspicions alone and lists what is wrong, largest first', () => {
    const away = (width: number, more: Partial<FoundPatch>) => patch(rectangle(500, 0, width, 100), more);
    const { precision, wrong, patchesByCategory } = scoreRun(
      [change(hundred)],
      [
        patch(hundred),
        away(30, { id: 'small', category: 'non-grain' }),
        away(50, { id: 'large' }),
        away(90, { id: 'asked', category: 'review' }),
      ],
      at10m,
    );
    expect(precision).toBeCloseTo(1 / 3, 9);
    expect(wrong.map(({ id }) => id)).toEqual(['large', 'small']);
    expect(patchesByCategory).toEqual({
      'non-farm': { total: 2, right: 1, wrong: 1 },
      'non-grain': { total: 1, right: 0, wrong: 1 },
    });
  });

  it('names patches that lie on cloud, watched ones too, and false ones that lie in shadow', () => {
    const [half, most] = [{ cloudFraction: 0.5 }, { id: 'P2', state: 'watch', cloudFraction: 0.6 } as const];
    expect(scoreRun([], [patch(hundred, half), patch(hundred, most)], at10m).onCloud).toEqual(['P2']);
    const away = patch(rectangle(500, 0, 50, 50), { id: 'P3', shadowFraction: 0.6 });
    const { inShadow } = scoreRun([change(hundred)], [patch(hundred, { shadowFraction: 0.9 }), away], at10m);
    expect(inShadow).toEqual(['P3']);
  });

  it('reads well as a table whose columns stand under one another', () => {
    const text = scoreText(scoreRun([change(hundred)], [patch(hundred)], at10m));
    expect(text).toMatch(/查全率 recall: 100\.0 %/);
    expect(text).toMatch(/疑似非农化 non-farm +1 +1 +0/);
    expect(
      tableText([
        ['田', 'a'],
        ['b', 'cc'],
      ]),
    ).toBe('田   a\nb   cc');
    expect(widthOf('亩 mu')).toBe(5);
  });
});

describe('shapes and pixels of a score', () => {
  it('grow by a pixel on every side and keep their holes', () => {
    expect(shapeAreaM2(grown(hundred, 10))).toBeCloseTo(14_400, 6);
    const square = (from: number, to: number) =>
      [
        [from, from],
        [to, from],
        [to, to],
        [from, to],
        [from, from],
      ] as const;
    const ring = shapeOf([[square(0, 100), square(40, 60)]], frame);
    expect(shapeAreaM2(ring)).toBeCloseTo(9600, 6);
    expect(coveredFraction(rectangle(40, 40, 20, 20), [ring])).toBe(0);
  });

  it('share out pixels by their centres, rows from the top, and say nothing where there is none', () => {
    const layer = {
      data: Uint8Array.of(1, 0, 0, 0, 0, 7),
      width: 3,
      height: 2,
      affine: [10, 0, 100, 0, -10, 220],
    } as const;
    const whole = [
      [100, 200],
      [130, 200],
      [130, 220],
      [100, 220],
    ] as const;
    expect(pixelShare([whole], layer, (value) => value > 0)).toBeCloseTo(1 / 3, 9);
    const lowerRight = [
      [114, 200],
      [130, 200],
      [130, 209],
      [114, 209],
    ] as const;
    expect(pixelShare([lowerRight], layer, (value) => value === 7)).toBe(0.5);
    const outside = whole.map(([x, y]) => [x + 500, y] as const);
    expect(pixelShare([outside], layer, () => true)).toBeNull();
  });
});
