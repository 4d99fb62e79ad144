import { both, escape, number, section, table } from '../../pipeline/report/words.ts';
import { methodLegend, methodNames, placeChart, reliabilityChart } from './evaluation-chart.ts';
import type { Evaluation, MethodRow } from './evaluation-format.ts';
import { methods, type Method } from './tally.ts';

type Range = readonly [number, number] | null;

export const share = (value: number | null, digits = 3): string => (value === null ? '–' : value.toFixed(digits));
const ranged = (value: number | null, range: Range, digits = 3): string =>
  `${share(value, digits)}${range === null ? '' : ` <span class="range">${range.map((end) => end.toFixed(digits)).join('–')}</span>`}`;
export const alarm = (value: number | null): string => (value === null ? '–' : number(value, value < 10 ? 2 : 1));

/** False alarms on less ground than this (km²) are chance. */
const leastKm2 = 1;

/** Alarms on crop land, or on all ground where there is hardly any. */
export const headlineAlarms = (alarms: Evaluation['alarms']): Evaluation['alarms'][number] | undefined =>
  alarms.find(({ cover, unchangedKm2 }) => cover === 'crops' && unchangedKm2 >= leastKm2) ?? alarms[0];

/** Chinese names of the classes that count, as far as a table knows them. */
export function intoZh({ into, alarms, pooled }: Evaluation): string {
  const known = new Map([
    ...alarms.map(({ cover, zh }) => [cover, zh] as const),
    ...pooled.classes.map((row) => [row.class, row.zh] as const),
  ]);
  return (into ?? []).map((name) => known.get(name) ?? name).join('、');
}

const nameOf = (method: Method): string => both(...methodNames[method]);
const thresholdOf = ({ threshold, thresholdFrom }: MethodRow): string =>
  `${threshold.toFixed(2)} ${thresholdFrom === 'shipped' ? both('出厂', 'as shipped') : both('按标注择优', 'best on these labels')}`;

const marked = (markup: string): string => markup.replace('<tbody><tr>', '<tbody><tr class="main">');

export function methodSection(evaluation: Evaluation): string {
  const { pooled, into } = evaluation;
  const heads = [
    both('方法', 'method'),
    both('阈值', 'threshold'),
    both('精确率', 'precision'),
    both('召回率', 'recall'),
    'F1',
    both('交并比', 'IoU'),
  ];
  const tableOf = (counts: MethodRow['counts']): string =>
    marked(
      table(
        heads,
        pooled.methods
          .filter((row) => row.counts === counts)
          .map((row) => [
            nameOf(row.method),
            thresholdOf(row),
            ranged(row.precision, row.precisionInterval),
            ranged(row.recall, row.recallInterval),
            ranged(row.f1, row.f1Interval),
            ranged(row.iou, row.iouInterval),
          ]),
      ),
    );
  return section(
    '与基线方法比较',
    'Beside the baselines',
    `<p>${both('只有第一行不看标注；其余各行的阈值由这批标注本身挑出，是这些方法的上限。', 'Only the first row knows nothing of the labels; the others have the threshold that suits them best, the most they could reach.')}</p>`,
    ...(into === null
      ? [tableOf('any')]
      : [
          `<h3>${both(`仅计变为${intoZh(evaluation)}`, `flagged where it changed into ${into.join(', ')}`)}</h3>${tableOf('into')}`,
          `<h3 style="margin-top:16px">${both('不论变为什么', 'flagged whatever it changed into')}</h3>${tableOf('any')}`,
        ]),
  );
}

export function placeSection(evaluation: Evaluation): string {
  const shown = methods.filter((method) => evaluation.pooled.methods.some((row) => row.method === method));
  const rows = evaluation.places.map(({ name, methods: [row], changedPx, unchangedPx, alarmsPer1000Km2 }) => [
    escape(name),
    number(changedPx),
    number(unchangedPx),
    share(row?.precision ?? null),
    share(row?.recall ?? null),
    share(row?.f1 ?? null),
    share(row?.iou ?? null),
    alarm(alarmsPer1000Km2),
  ]);
  const heads = [
    both('地点', 'place'),
    both('变化像元', 'changed px'),
    both('未变像元', 'unchanged px'),
    both('精确率', 'precision'),
    both('召回率', 'recall'),
    'F1',
    both('交并比', 'IoU'),
    both('误报 km²/1000 km²', 'false alarms'),
  ];
  return section(
    '分地点',
    'By place',
    `<p>${both('条形为本系统 F1，圆点为各方法单独的 F1。', 'Bars: F1 of the product; dots: F1 of each method alone.')}</p>`,
    methodLegend(shown),
    placeChart(evaluation),
    `<div class="scroll" style="margin-top:12px">${table(heads, rows)}</div>`,
  );
}

export function classSection({ pooled: { classes } }: Evaluation): string {
  if (classes.length === 0) return '';
  const heads = [
    both('变为', 'changed into'),
    both('标出像元', 'flagged px'),
    both('标注像元', 'labelled px'),
    both('精确率', 'precision'),
    both('召回率', 'recall'),
    'F1',
    both('交并比', 'IoU'),
  ];
  const hasNames = classes.some(({ changedPx }) => changedPx !== null);
  const rows = classes.map((row) => [
    both(row.zh, row.class),
    number(row.flaggedPx),
    row.changedPx === null ? '–' : number(row.changedPx),
    ranged(row.precision, row.precisionInterval),
    share(row.recall),
    ranged(row.f1, row.f1Interval),
    share(row.iou),
  ]);
  const note = hasNames
    ? ''
    : `<p>${both('标注未写明变为何类，故只能给出精确率。', 'The labels do not say what it changed into: precision alone can be told.')}</p>`;
  return section('分类别', 'By class', note, table(heads, rows));
}

export function alarmSection({ alarms }: Evaluation): string {
  const heads = [
    both('变化前地类', 'cover before'),
    both('未变化 km²', 'unchanged km²'),
    both('误报 km²', 'flagged km²'),
    both('每 1000 km² 误报 km²', 'per 1,000 km²'),
  ];
  const rows = alarms.map(({ cover, zh, unchangedKm2, flaggedKm2, per1000Km2, interval }) => [
    both(zh, cover),
    number(unchangedKm2, unchangedKm2 < 100 ? 2 : 0),
    number(flaggedKm2, 3),
    per1000Km2 === null
      ? '–'
      : `${alarm(per1000Km2)}${interval === null ? '' : ` <span class="range">${interval.map((end) => alarm(end)).join('–')}</span>`}`,
  ]);
  return section(
    '误报面积',
    'False alarms',
    `<p>${both('变化前地类由本系统自己判读。', 'Cover before as the product itself sees it.')}</p>`,
    marked(table(heads, rows)),
  );
}

export function recallSection({ equalRecall }: Evaluation): string {
  const shown = equalRecall[0]?.methods.map(({ method }) => method) ?? [];
  const cell = ({
    precision,
    per1000Km2,
    cropsPer1000Km2,
    threshold,
  }: Evaluation['equalRecall'][number]['methods'][number]): string =>
    threshold === null
      ? both('达不到', 'out of reach')
      : `${share(precision)} <span class="range">${alarm(per1000Km2)} · ${alarm(cropsPer1000Km2)}</span>`;
  return section(
    '同召回率比较',
    'At equal recall',
    `<p>${both('每格：精确率，其后为每 1000 km² 未变化土地、耕地中的误报（km²）。', 'Each cell: precision, then false alarms in 1,000 km² of all unchanged ground and of crop land (km²).')}</p>`,
    table(
      [both('召回率', 'recall'), ...shown.map(nameOf)],
      equalRecall.map(({ recall, methods: row }) => [recall.toFixed(1), ...row.map(cell)]),
    ),
  );
}

export function reliabilitySection({ reliability }: Evaluation): string {
  const rows = reliability.bins.map(({ from, to, pixels, said, found }) => [
    `${from.toFixed(1)}–${to.toFixed(1)}`,
    number(pixels),
    share(said),
    share(found),
  ]);
  const ece = ranged(reliability.ece, reliability.eceInterval);
  return section(
    '概率是否可信',
    'Reliability',
    `<div class="two"><div>${reliabilityChart(reliability)}</div><div><p>${both('期望校准误差', 'expected calibration error')} <b>${ece}</b></p><p>${both('点在虚线上：说七成就有七成是真的。在下方：说得太满；在上方：说得太谦。', 'On the dashed line a probability of 0.7 is right 7 times in 10; below it says too much, above it too little.')}</p>${table([both('概率', 'probability'), both('像元', 'pixels'), both('说的均值', 'said'), both('真变化', 'found')], rows)}</div></div>`,
  );
}
