import { categoryZh } from '../../pipeline/rule/reason.ts';
import type { PatchTally, Score, Tally } from './score-type.ts';

export const categoryNames = {
  'non-farm': `${categoryZh['non-farm']} non-farm`,
  'non-grain': `${categoryZh['non-grain']} non-grain`,
  recovered: `${categoryZh.recovered} recovered`,
  other: `${categoryZh.other} other`,
  review: `${categoryZh.review} review`,
} as const;
const sizeNames = {
  'below-minimum': '低于上图面积 below the survey minimum',
  small: '小于 0.2 公顷 under 0.2 ha',
  medium: '0.2-1 公顷 0.2-1 ha',
  large: '1 公顷以上 over 1 ha',
} as const;

const percent = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`);

/** Columns a terminal needs for a text: a Chinese character is two wide. */
export const widthOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (/[\u2e80-\uffef]/.test(letter) ? 2 : 1), 0);

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));
const padLeft = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text;

/** Rows as aligned columns: the first to the left, the others to the right. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ''))));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? pad : padLeft)(cell, widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const tallyCells = ({ total, found, review, watch, missed, unobserved }: Tally): string[] =>
  [total, found, review, watch, missed, unobserved].map(String);
const tallyHead = ['真实 true', '找到 found', '归他类 otherwise', '观察 watch', '漏掉 missed', '未观测 unseen'];
const patchCells = ({ total, right, wrong }: PatchTally): string[] => [total, right, wrong].map(String);

/** Found, missed and wrong by category and size, Chinese first. */
export function scoreText(score: Score): string {
  const { recall, recallObserved, precision, sameCategory, byCategory, bySize, lawful } = score;
  const changes = tableText([
    ['真实变化 true changes', ...tallyHead],
    ...Object.entries(categoryNames).map(([key, name]) => [
      name,
      ...tallyCells(byCategory[key as keyof typeof categoryNames]),
    ]),
    ['已批准 lawful, of any kind', ...tallyCells(lawful)],
  ]);
  const sizes = tableText([
    ['非农化与非粮化，按面积 by size', ...tallyHead],
    ...Object.entries(sizeNames).map(([key, name]) => [name, ...tallyCells(bySize[key as keyof typeof sizeNames])]),
  ]);
  const patches = tableText([
    ['疑似图斑 suspected patches', '共 total', '真 right', '误 wrong'],
    ...Object.entries(score.patchesByCategory).map(([key, tally]) => [
      categoryNames[key as keyof typeof categoryNames] ?? '疑似变化 suspected change',
      ...patchCells(tally),
    ]),
    ...(['small', 'medium', 'large'] as const).flatMap((key) =>
      score.patchesBySize[key].total === 0 ? [] : [[sizeNames[key], ...patchCells(score.patchesBySize[key])]],
    ),
  ]);
  const named = sameCategory === null ? [] : [`类别一致 same category: ${percent(sameCategory)}`];
  return [
    changes,
    sizes,
    patches,
    [
      `查全率 recall: ${percent(recall)} (观测到的 of what was observed: ${percent(recallObserved)})`,
      `查准率 precision: ${percent(precision)}`,
      ...named,
      `云上图斑 patches on cloud: ${score.onCloud.length}，云影误报 false in shadow: ${score.inShadow.length}`,
    ].join('\n'),
  ].join('\n\n');
}
