import { style } from '../../pipeline/report/style.ts';
import { both, day, escape, number, section, table } from '../../pipeline/report/words.ts';
import type { Evaluation, MethodRow } from './evaluation-format.ts';
import {
  alarm,
  alarmSection,
  classSection,
  headlineAlarms,
  intoZh,
  methodSection,
  placeSection,
  recallSection,
  reliabilitySection,
  share,
} from './evaluation-table.ts';
import { outcomeColours } from './outcome-map.ts';
import type { PlacePictures } from './place-picture.ts';

type Range = readonly [number, number] | null;

const own = `
.facts{grid-template-columns:repeat(4,1fr)}.lead{font-size:17px;margin:12px 0}.lead b{color:var(--green)}
.chart{width:100%;max-width:420px;height:auto;display:block}.chart.wide{max-width:860px}
svg.chart text{fill:var(--ink);stroke:none;font-weight:400;text-anchor:inherit;font-size:13px}
svg.chart text[text-anchor=middle]{text-anchor:middle}svg.chart text[text-anchor=end]{text-anchor:end}svg.chart text.value{font-weight:600}
.chart .grid{stroke:var(--line);fill:none}.chart .ideal{stroke:#9aa79f;stroke-dasharray:5 4;fill:none}
.two{display:grid;grid-template-columns:minmax(300px,420px) 1fr;gap:26px;align-items:start}
tr.main td{background:#eef4ef;font-weight:600}.range{color:var(--soft);font-weight:400;font-size:.86em;white-space:nowrap}
.three{display:grid;grid-template-columns:repeat(3,1fr);gap:10px}.three img{width:100%;height:auto;display:block;border-radius:8px;background:#d9dfda}
.place{margin:0 0 22px}.place p{margin:8px 0 0}.scroll{overflow-x:auto}
@media(max-width:760px){.three,.two{grid-template-columns:1fr}.facts{grid-template-columns:1fr 1fr}}
`.trim();

/** An evaluation as one self-contained page: no script, no outside reference. */
export function evaluationPage(evaluation: Evaluation, pictures: ReadonlyMap<string, PlacePictures>): string {
  return [
    '<!doctype html><html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>精度评估报告 Accuracy evaluation</title><style>${style}\n${own}</style></head><body>`,
    header(evaluation),
    facts(evaluation),
    methodSection(evaluation),
    placeSection(evaluation),
    classSection(evaluation),
    alarmSection(evaluation),
    recallSection(evaluation),
    reliabilitySection(evaluation),
    pictureSection(evaluation, pictures),
    remarks(evaluation),
    provenance(evaluation),
    '</body></html>\n',
  ].join('\n');
}

function header(evaluation: Evaluation): string {
  const { model, pooled, into, threshold } = evaluation;
  const name =
    model === null
      ? both('无网络：IR-MAD 与变化向量', 'no network: IR-MAD and change vectors')
      : `<b>${escape(`${model.id}@${model.version}`)}</b>`;
  const counted =
    into === null
      ? both('任何变化', 'change of any kind')
      : both(`变为${intoZh(evaluation)}`, `change into ${into.join(', ')}`);
  return `<header><p class="brand">天田 Tianwatch</p><h1>${both('精度评估报告', 'Accuracy evaluation')}</h1>
<p class="dates">${name} · ${both('阈值', 'threshold')} ${threshold} · ${counted} · ${pooled.places} ${both('处', pooled.places === 1 ? 'place' : 'places')}</p>
${lead(pooled.methods[0])}</header>`;
}

/** What the first row means, in words that need no textbook. */
function lead(row: MethodRow | undefined): string {
  if (row === undefined || row.precision === null || row.recall === null) return '';
  const ten = (value: number): string => (10 * value).toFixed(1);
  return `<p class="notice lead">标出的变化里，每 10 个像元约 <b>${ten(row.precision)}</b> 个是真的；真变化里，每 10 个像元找到约 <b>${ten(row.recall)}</b> 个。<br><span class="en">Of 10 pixels flagged, some ${ten(row.precision)} truly changed; of 10 that changed, some ${ten(row.recall)} were found.</span></p>`;
}

function facts({ pooled, alarms, reliability }: Evaluation): string {
  const row = pooled.methods[0];
  const fact = (value: string, range: Range, zh: string, en: string, { extra = '', show = share } = {}): string =>
    `<div class="fact${extra}"><b>${value}${range === null ? '' : `<small>${range.map((end) => show(end)).join(' – ')}</small>`}</b><span>${both(zh, en)}</span></div>`;
  const ground = headlineAlarms(alarms);
  return `<section class="facts">${[
    fact(share(row?.f1 ?? null), row?.f1Interval ?? null, 'F1', '', { extra: ' main' }),
    fact(share(row?.precision ?? null), row?.precisionInterval ?? null, '精确率', 'precision'),
    fact(share(row?.recall ?? null), row?.recallInterval ?? null, '召回率', 'recall'),
    fact(share(row?.iou ?? null), row?.iouInterval ?? null, '交并比', 'IoU'),
    fact(
      `${alarm(ground?.per1000Km2 ?? null)} km²`,
      ground?.interval ?? null,
      `每 1000 km² 未变化${ground?.cover === 'all' ? '土地' : (ground?.zh ?? '')}中的误报`,
      `false alarms in 1,000 km² of unchanged ${ground?.cover === 'all' ? 'ground' : (ground?.cover ?? '')}`,
      { show: alarm },
    ),
    fact(share(reliability.ece), reliability.eceInterval, '校准误差', 'calibration error (ECE)'),
    fact(number(pooled.changedPx), null, '真变化像元', 'changed pixels'),
    fact(number(pooled.unchangedPx), null, '未变化像元', 'unchanged pixels'),
  ].join('')}</section>`;
}

function pictureSection({ places }: Evaluation, pictures: ReadonlyMap<string, PlacePictures>): string {
  const legend = (
    [
      ['found', '找到', 'found'],
      ['missed', '漏掉', 'missed'],
      ['wrong', '误报', 'wrong'],
      ['unobserved', '未观测', 'not observed'],
    ] as const
  ).map(
    ([key, zh, en]) =>
      `<li><i style="background:${outcomeColours[key]};border-color:${outcomeColours[key]}"></i>${both(zh, en)}</li>`,
  );
  const shown = places.flatMap(({ name, before, after, methods: [row] }) => {
    const drawn = pictures.get(name);
    if (drawn === undefined) return [];
    const image = ({ dataUri, width, height }: PlacePictures['before'], caption: string): string =>
      `<figure><img src="${dataUri}" width="${width}" height="${height}" alt="${escape(name)}"><figcaption>${caption}</figcaption></figure>`;
    return [
      `<article class="place"><h3>${escape(name)} <span class="en">F1 ${share(row?.f1 ?? null)} · ${both('精确率', 'P')} ${share(row?.precision ?? null)} · ${both('召回率', 'R')} ${share(row?.recall ?? null)}</span></h3><div class="three">${image(drawn.before, `${both('前', 'before')} ${day(before.acquired)}`)}${image(drawn.after, `${both('后', 'after')} ${day(after.acquired)}`)}${image(drawn.outcome, both('与标注对照', 'against the labels'))}</div></article>`,
    ];
  });
  const left = places.length - shown.length;
  return section(
    '逐地图示',
    'Pictures',
    `<ul class="legend">${legend.join('')}<li>${both('暗处：无标注', 'dim: no label')}</li></ul><br>`,
    ...shown,
    left > 0 ? `<p>${both(`另有 ${left} 处未附图。`, `${left} more places without pictures.`)}</p>` : '',
  );
}

function remarks({ notes, places }: Evaluation): string {
  const items = [
    ...notes.map(escape),
    ...places.flatMap(({ name, notes: own }) => own.map((note) => `<b>${escape(name)}</b> ${escape(note)}`)),
  ];
  return items.length === 0
    ? ''
    : section('说明', 'Remarks', `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`);
}

function provenance({ places, model }: Evaluation): string {
  const card =
    model === null
      ? ''
      : `<p>${both('模型卡', 'card')} <code>${model.cardSha256}</code><br>${both('权重', 'weights')} <code>${model.weightsSha256}</code></p>`;
  const rows = places.map(({ name, before, after, labels }) => [
    escape(name),
    [...before.files, ...after.files]
      .map(({ file, sha256 }) => `${escape(file)} <code>${sha256.slice(0, 16)}</code>`)
      .join('<br>'),
    `${escape(labels.file)} <code>${labels.sha256?.slice(0, 16) ?? ''}</code>`,
  ]);
  return section(
    '来源与算法',
    'Provenance',
    `<p>${both('区间为 95 %，对地点（而非像元）重抽样 1000 次；未观测与无标注像元不计。', '95 % intervals from 1,000 draws of places, not pixels; pixels without label or not observed are not scored.')}</p>`,
    card,
    table([both('地点', 'place'), both('影像', 'scenes'), both('标注', 'labels')], rows),
  );
}
