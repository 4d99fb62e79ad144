import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discrepancyText, type JudgedPart } from '../../pipeline/rule/discrepancy.ts';
import { faultsOf, runDemo } from '../../scripts/demo/demo.ts';
import { caseRows, largestCases } from '../../scripts/demo/largest.ts';
import { discrepanciesOf, projectRows } from '../../scripts/demo/project-rows.ts';
import { scoreRun } from '../../scripts/score/score.ts';
import { change, hundred, patch, rectangle } from '../support/score-shapes.ts';

function part(subProject: string, town: string, more: Partial<JudgedPart['judgement']>): JudgedPart {
  return {
    project: 'JX001',
    name: '某镇，整治项目（模拟）',
    county: '330421',
    town,
    work: 'added',
    subProject,
    judgement: {
      state: 'not-started',
      isOverBoundary: false,
      isDiscrepant: true,
      plannedM2: 2000,
      observedM2: 0,
      underWayM2: 0,
      deviatingM2: 0,
      unobservedM2: 0,
      outsideM2: 0,
      reasons: [],
      ...more,
    },
  };
}

describe('the demo', () => {
  it('replaces no folder but an earlier demo', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tianwatch-demo-'));
    try {
      writeFileSync(join(folder, 'mine.txt'), '');
      await expect(runDemo({ seed: 1, sizePx: 256, out: folder })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(readdirSync(folder)).toEqual(['mine.txt']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what is wrong with a build that finds nothing, or too much', () => {
    const good = scoreRun([change(hundred)], [patch(hundred)], { gsdM: 10 });
    expect(faultsOf(good)).toEqual([]);
    const blind = scoreRun([change(hundred)], [], { gsdM: 10 });
    expect(faultsOf(blind)).toHaveLength(2);
    const noise = Array.from({ length: 20 }, (_, i) => patch(rectangle(500 + 200 * i, 0, 100, 100), { id: `N${i}` }));
    expect(faultsOf(scoreRun([change(hundred)], [patch(hundred), ...noise], { gsdM: 10 }))).toHaveLength(1);
  });

  it('lists the largest cases with what happened there', () => {
    const cases = largestCases(
      [
        patch(rectangle(500, 0, 90, 100), { id: 'nothing-there' }),
        patch(hundred, { id: 'on-a-factory' }),
        patch(rectangle(0, 0, 10, 10), { id: 'third' }),
        patch(rectangle(0, 0, 300, 300), { id: 'watched', state: 'watch' }),
      ],
      [change(rectangle(0, 0, 20, 20)), change(hundred, { id: 'T2', isLawful: true })],
      2,
    );
    expect(cases.map(({ patch: { id }, change: found }) => [id, found?.id ?? null])).toEqual([
      ['on-a-factory', 'T2'],
      ['nothing-there', null],
    ]);
    const [, first, second] = caseRows(cases);
    expect(first).toEqual([' 1 on-a-fac 疑似非农化 non-farm: crops → built', '15.0', '厂房 factory', '有 yes']);
    expect(second!.slice(2)).toEqual(['无变化 nothing', '']);
  });

  it('adds up what is to be looked at in a project by town', () => {
    const text = discrepancyText([
      part('JX001-01', '330421111', { outsideM2: 1000 }),
      part('JX001-02', '330421111', { state: 'deviates', observedM2: 500 }),
      part('JX001-03', '330421112', { unobservedM2: 200 }),
    ]);
    const [head, first, second] = projectRows(discrepanciesOf(text));
    expect(head).toHaveLength(7);
    expect(first).toEqual(['JX001 330421111 某镇，整治项目（模拟）', '1', '1', '6.0', '0.8', '1.5', '0.0']);
    expect(second).toEqual(['JX001 330421112 某镇，整治项目（模拟）', '1', '0', '3.0', '0.0', '0.0', '0.3']);
  });
});
