import { loadSeasonCard } from '../../models/season-shelf.ts';
import { cell } from './schema-table.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
const list = (values: readonly string[]): string => values.map((value) => `- ${value}`).join('\n');

const statusWords = {
  experimental: '试验 experimental: never tried on a real year of its region; clues for the eye',
  stable: '正式 stable',
} as const;

/** A page of one season model: what it looks at, what it was trained on, how good it is, where it fails. */
export function seasonPage(id: string): string {
  const card = loadSeasonCard(id);
  const { title, version, status, licence, weights, input, metrics, trainingData, knownFailures, decisions } = card;
  const { yearFrom, steps, stepDays, lambda, indices, gaps } = input;
  return [
    `# ${title.zh} ${title.en}`,
    list([
      `id: \`${id}\`, version ${version}`,
      `status 状态: ${statusWords[status]}`,
      `licence 许可: ${licence}`,
      `weights 权重: \`${weights.file.replace(/^.*\//, '')}\`, ${weights.bytes} bytes, sha256 \`${weights.sha256}\``,
      `card 模型卡: [models/cards/season/${id}.json](../../models/cards/season/${id}.json)`,
    ]),
    '## Input 输入',
    list([
      `${steps} steps of ${stepDays} days from ${yearFrom} of the year before; Whittaker smoother, stiffness ${lambda} (doi:10.1021/ac034173t)`,
      `indices 指数: ${indices.join(', ')}${gaps ? '; and the days to the nearest clear look' : ''}`,
    ]),
    '## Measured 精度',
    table(
      ['what', 'on', 'value', 'beside it'],
      metrics.map(({ name, on, value, note }) => [name, on, String(Math.round(value * 1e4) / 1e4), note ?? '']),
    ),
    '## Training data 训练数据',
    table(
      ['what', 'licence', 'use'],
      trainingData.map(({ name, licence: own, use }) => [name, own, use]),
    ),
    '## Known failures 已知不足',
    list(knownFailures.map(({ zh, en }) => `${zh} ${en}`)),
    '## Decisions 记录',
    list(decisions),
    'Measured again 重新检验: `npx tsx scripts/evaluate-season.ts`.',
  ].join('\n\n');
}
