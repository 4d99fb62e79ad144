import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModelCard } from '../../models/card.ts';
import { loadCard } from '../../models/shelf.ts';
import { cell } from './schema-table.ts';

const statusWords: Readonly<Record<ModelCard['status'], string>> = {
  first: '初版 a first one: clues for the eye, not findings',
  experimental: '试验 experimental: its findings go no further than review 待核',
  stable: '正式 stable',
  foreign: '外部 of others: run as its card says, not trained here',
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const figure = (value: number): string => String(Math.round(value * 10_000) / 10_000);
const list = (values: readonly string[]): string => values.map((value) => `- ${value}`).join('\n');

function inputSection({ input, kind, classMap }: ModelCard): string {
  const bands = input.bands.map(({ name, optional, fill }) => {
    const expected = input.expected?.[name];
    const quantiles = expected ? [expected.p2, expected.p50, expected.p98].map(figure) : ['', '', ''];
    return [`\`${name}\``, optional ? `optional, else ${fill}` : 'required', ...quantiles];
  });
  const { kind: scaling, ...parameters } = input.scaling;
  const values = Object.entries(parameters).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [
    '## Input 输入',
    table(['band', 'needed', '2 % of training reflectance', '50 %', '98 %'], bands),
    list([
      `GSD 地面分辨率: ${input.gsdM.join('-')} m${input.ownGsdM === undefined ? '' : `, resampled to ${input.ownGsdM} m`}`,
      `kind: ${kind} (${kind === 'change' ? 'both dates at once' : 'each date by itself'}); class map \`${classMap}\``,
      `scaling 归一化: ${scaling}${values.length > 0 ? ` (${values.join('; ')})` : ''}${input.matchAfterToBefore ? '; date 2 is given the distribution of date 1' : ''}`,
      `tiles up to ${input.tilePx} px, halo ${input.haloPx} px, sides a multiple of ${input.alignPx} px`,
    ]),
  ].join('\n\n');
}

function decisionSection({ thresholds, fusion, outputs }: ModelCard): string {
  const network = thresholds.network === undefined ? [] : [`the network alone: ${thresholds.network}`];
  const patches = Object.entries(thresholds.patches ?? {}).map(([category, least]) => `${category} ${least}`);
  const weights =
    fusion === undefined
      ? 'fused with IR-MAD and change vectors by the geometric mean of all evidence'
      : `fused with IR-MAD and change vectors by weights: \`${JSON.stringify(fusion)}\``;
  return [
    '## Decision 判定',
    list([
      `changed where the fused probability reaches ${thresholds.change}`,
      ...network,
      ...(patches.length > 0 ? [`a patch of a lower mean probability goes to review 待核: ${patches.join(', ')}`] : []),
      weights,
      `outputs: ${outputs.map(({ role, kind }) => `${role} (${kind})`).join(', ')}`,
    ]),
  ].join('\n\n');
}

type Metric = ModelCard['metrics'][number];

/** Figures with an interval, a baseline or another remark beside them say it in their own column. */
function metricTable(
  heading: string,
  metrics: readonly Metric[],
  headOf: (metric: Metric) => readonly string[],
): string {
  const hasNotes = metrics.some(({ note }) => note !== undefined);
  return table(
    [...heading.split(', '), 'value', ...(hasNotes ? ['beside it: intervals, baselines'] : [])],
    metrics.map((metric) => [
      ...headOf(metric).map(cell),
      figure(metric.value),
      ...(hasNotes ? [cell(metric.note ?? '')] : []),
    ]),
  );
}

/** More rows of one name than this are a table by place. */
const fewPlaces = 2;

function metricsSection({ metrics }: ModelCard): string {
  if (metrics.length === 0) return '## Measured 精度\n\n模型卡未给出 The card tells none.';
  const byName = new Map<string, Metric[]>();
  for (const metric of metrics) byName.set(metric.name, [...(byName.get(metric.name) ?? []), metric]);
  const single = [...byName.values()].filter((rows) => rows.length <= fewPlaces).flat();
  const byPlace = [...byName].filter(([, rows]) => rows.length > fewPlaces);
  return [
    '## Measured 精度',
    ...(single.length === 0 ? [] : [metricTable('what, on', single, ({ name, on }) => [name, on])]),
    ...byPlace.map(([name, rows]) => `### ${name}\n\n${metricTable('on', rows, ({ on }) => [on])}`),
  ].join('\n\n');
}

/** Where it fails, as its recipe drew it. */
function pictureOf(id: string): readonly string[] {
  const text =
    '误差最大处 where it errs most: both dates, truth, network, and change found (white), missed (red), wrong (yellow)';
  const name = `${id}-failures.png`;
  const isDrawn = existsSync(fileURLToPath(new URL(`../../docs/pictures/${name}`, import.meta.url)));
  return isDrawn ? [`![${text}](../pictures/${name})`, text] : [];
}

/** A page of one card: what goes in, what it was trained on, how good it is, where it fails. */
export function modelPage(id: string): string {
  const { card } = loadCard(id);
  const { title, version, status, weights, licence, trainingData, knownFailures, decisions } = card;
  const parts = [
    `# ${title.zh} ${title.en}`,
    list([
      `id: \`${card.id}\`, version ${version}`,
      `status 状态: ${statusWords[status]}`,
      `licence 许可: ${licence}`,
      `weights 权重: \`${weights.file.replace(/^.*\//, '')}\`, ${weights.bytes} bytes, sha256 \`${weights.sha256}\``,
      `card 模型卡: [models/cards/${id}.json](../../models/cards/${id}.json)`,
    ]),
    inputSection(card),
    decisionSection(card),
    metricsSection(card),
    '## Training data 训练数据',
    trainingData.length === 0
      ? '模型卡未给出 The card tells none.'
      : table(
          ['what', 'licence', 'use'],
          trainingData.map(({ name, licence, use }) => [name, licence, use].map(cell)),
        ),
    '## Known failures 已知不足',
    knownFailures.length === 0
      ? '模型卡未给出 The card tells none.'
      : list(knownFailures.map(({ zh, en }) => `${zh} ${en}`)),
    ...pictureOf(id),
    ...(decisions.length === 0 ? [] : ['## Decisions 记录', list(decisions)]),
    `Measured on places of your own 用自己的标注检验: \`tianwatch evaluate --model ${id} --before … --after … --labels … --out …\`.`,
  ];
  return parts.join('\n\n');
}
