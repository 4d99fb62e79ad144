import type { LandClass } from '../types.ts';
import type { Manifest, PatchProperties, Summary } from './formats.ts';
import { style } from './style.ts';

/** A picture inside the page. */
export interface Picture {
  /** `data:image/…;base64,…` */
  readonly dataUri: string;
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
}

/** A patch as the page draws it. */
export interface ReportPatch {
  /** 1-based rank by area, the label on the map */
  readonly rank: number;
  readonly properties: PatchProperties;
  /** `[longitude, latitude]` of a point inside */
  readonly centreDeg: readonly [number, number];
  /** rings in map picture pixels, simplified for display */
  readonly mapRings: readonly (readonly (readonly [number, number])[])[];
  /** before and after cut-outs with the outline burnt in; only the largest have them */
  readonly chips: { readonly before: Picture; readonly after: Picture } | null;
}

export interface ReportInput {
  readonly summary: Summary;
  readonly manifest: Omit<Manifest, 'outputs' | 'timing'>;
  readonly classes: readonly LandClass[];
  readonly map: { readonly before: Picture; readonly after: Picture; readonly metresPerPx: number };
  /** the foremost ones by rank; `summary` counts all */
  readonly patches: readonly ReportPatch[];
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
/** 亩: 1 mu = 2000/3 m² exactly. */
const mu = (areaM2: number): string => number((areaM2 * 3) / 2000, 1);
const percent = (fraction: number): string => `${number(fraction * 100, fraction < 0.01 && fraction > 0 ? 2 : 1)} %`;
const day = (date: string | null): string => (date === null ? '未知 unknown' : date.slice(0, 10));
const both = (zh: string, en: string): string => `${escape(zh)} <span class="en">${escape(en)}</span>`;

/** Rows of the patch table; more would make the page slow, the GeoJSON holds all. */
const tableRows = 300;

/**
 * The report of a run as one self-contained page: no script, no outside reference.
 *
 * Says 疑似 (suspected) throughout and the share of ground that was not seen beside every count.
 */
export function renderReport(input: ReportInput): string {
  const { summary } = input;
  const title = `疑似变化监测报告 ${day(summary.dateBefore)} → ${day(summary.dateAfter)}`;
  return [
    '<!doctype html><html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escape(title)}</title><style>${style}</style></head><body>`,
    header(input),
    facts(summary),
    maps(input),
    changeTable(input),
    cases(input),
    patchTable(input),
    coverageTable(summary),
    warnings(summary),
    provenance(input),
    '</body></html>\n',
  ].join('\n');
}

function header({ summary }: ReportInput): string {
  const hole =
    summary.state === 'partial'
      ? `<p class="alarm">${both('部分分块处理失败，结果不完整。', 'Some chunks failed: this result is incomplete.')}</p>`
      : '';
  return `<header><p class="brand">天田 Tianwatch</p><h1>${both('疑似变化监测报告', 'Suspected change report')}</h1>
<p class="dates">${day(summary.dateBefore)} <span class="arrow">→</span> ${day(summary.dateAfter)}</p>
<p class="notice">${both(summary.notice.zh, summary.notice.en)}</p>${hole}</header>`;
}

function facts({ patches, coverage, gsdM, model, sensorBefore, sensorAfter }: Summary): string {
  const sensors = [...new Set([sensorBefore ?? '未知 unknown', sensorAfter ?? '未知 unknown'])].join(' / ');
  const fact = (value: string, zh: string, en: string, extra = ''): string =>
    `<div class="fact${extra}"><b>${value}</b><span>${both(zh, en)}</span></div>`;
  return `<section class="facts">${[
    fact(number(patches.suspected), '疑似图斑', 'suspected patches', ' main'),
    fact(
      `${number(patches.suspectedM2 / 10000, 2)} ha<small>${mu(patches.suspectedM2)} 亩</small>`,
      '疑似面积',
      'suspected area',
      ' main',
    ),
    fact(number(patches.watch), '观察图斑（低于最小上图面积）', 'watched, below minimum area'),
    fact(
      percent(coverage.unobservedFraction),
      '未观测面积',
      'not observed',
      coverage.unobservedFraction > 0.2 ? ' alarm' : '',
    ),
    fact(`${number(gsdM, 1)} m`, '地面分辨率', 'ground sampling distance'),
    fact(escape(sensors), '传感器', 'sensor'),
    fact(escape(model), '模型', 'model'),
  ].join('')}</section>`;
}

function maps({ map, patches, classes, summary }: ReportInput): string {
  const figure = (picture: Picture, caption: string, overlay: string): string =>
    `<figure><svg viewBox="0 0 ${picture.width} ${picture.height}" role="img"><image href="${picture.dataUri}" width="${picture.width}" height="${picture.height}"/>${overlay}${scaleBar(picture, map.metresPerPx)}</svg><figcaption>${caption}</figcaption></figure>`;
  const colourOf = new Map(classes.map(({ name, colour }) => [name, colour]));
  const path = (rings: ReportPatch['mapRings']): string =>
    rings.map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L')}Z`).join('');
  const outlines = patches
    .toReversed()
    .map(({ properties, mapRings }) => {
      const kind = properties.state === 'watch' ? 'watch' : 'suspected';
      return `<path class="${kind}" fill="${colourOf.get(properties.classAfter) ?? '#e6007e'}" d="${path(mapRings)}"/>`;
    })
    .join('');
  const labels = patches
    .filter(({ chips }) => chips !== null)
    .map(({ rank, mapRings }) => {
      const ring = mapRings[0] ?? [];
      const x = ring.reduce((sum, point) => sum + point[0], 0) / Math.max(1, ring.length);
      const y = ring.reduce((sum, point) => sum + point[1], 0) / Math.max(1, ring.length);
      const size = Math.max(10, map.after.width / 45);
      return `<text x="${x.toFixed(1)}" y="${(y + size * 0.35).toFixed(1)}" font-size="${size.toFixed(1)}">${rank}</text>`;
    })
    .join('');
  const legend = classes
    .filter(({ name }) => summary.changes.some(({ classAfter }) => classAfter === name))
    .map(({ colour, zh, name }) => `<li><i style="background:${colour}"></i>${both(`变为${zh}`, `into ${name}`)}</li>`)
    .join('');
  return `<section><h2>${both('地图', 'Maps')}</h2><div class="pair">${figure(map.before, both('前时相', 'before'), '')}${figure(map.after, both('后时相与图斑', 'after, with patches'), outlines + labels)}</div><ul class="legend">${legend}<li><i class="dash"></i>${both('观察', 'watch')}</li></ul></section>`;
}

/** A bar of a round length near a fifth of the picture. */
function scaleBar(picture: Picture, metresPerPx: number): string {
  const wanted = (picture.width / 5) * metresPerPx;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= wanted) ?? power;
  const px = metres / metresPerPx;
  const size = Math.max(9, picture.width / 55);
  const [x, y] = [size, picture.height - size];
  const label = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  return `<g class="scale"><path d="M${x},${y - size / 2}V${y}H${(x + px).toFixed(1)}V${y - size / 2}"/><text x="${(x + px / 2).toFixed(1)}" y="${(y - size * 0.7).toFixed(1)}" font-size="${size.toFixed(1)}">${label}</text></g>`;
}

function changeTable({ summary, classes }: ReportInput): string {
  const zh = new Map(classes.map((entry) => [entry.name, entry]));
  const cell = (name: string): string => {
    const entry = zh.get(name);
    return `<td><i class="swatch" style="background:${entry?.colour ?? '#999'}"></i>${both(entry?.zh ?? name, name)}</td>`;
  };
  const rows = summary.changes
    .map(
      (row) =>
        `<tr>${cell(row.classBefore)}${cell(row.classAfter)}<td>${number(row.suspected)}</td><td>${number(row.suspectedM2)}</td><td>${mu(row.suspectedM2)}</td><td>${number(row.watch)}</td><td>${number(row.watchM2)}</td></tr>`,
    )
    .join('');
  if (rows === '')
    return `<section><h2>${both('变化类型', 'Kinds of change')}</h2><p>${both('观测到的范围内没有达到阈值的图斑。', 'No patch reached the threshold where the ground was seen.')}</p></section>`;
  return `<section><h2>${both('变化类型', 'Kinds of change')}</h2><table class="numbers"><thead><tr><th>${both('前', 'before')}</th><th>${both('后', 'after')}</th><th>${both('疑似', 'suspected')}</th><th>m²</th><th>亩</th><th>${both('观察', 'watch')}</th><th>m²</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function cases({ patches }: ReportInput): string {
  const cards = patches
    .flatMap(({ chips, rank, properties, centreDeg }) => {
      if (chips === null) return [];
      const image = (picture: Picture, label: string): string =>
        `<img src="${picture.dataUri}" width="${picture.width}" height="${picture.height}" alt="${label}">`;
      return `<article id="case-${rank}"><h3>${rank}. ${both(`${properties.classBeforeZh} → ${properties.classAfterZh}`, `${properties.classBefore} → ${properties.classAfter}`)}</h3><div class="chips">${image(chips.before, '前 before')}${image(chips.after, '后 after')}</div><p>${number(properties.areaM2)} m² · ${mu(properties.areaM2)} 亩 · ${both('概率', 'probability')} ${properties.probability.toFixed(2)}<br>${centreDeg[0].toFixed(5)}, ${centreDeg[1].toFixed(5)}<br><code>${escape(properties.id.slice(0, 12))}</code></p></article>`;
    })
    .join('');
  return cards === ''
    ? ''
    : `<section><h2>${both('面积最大的图斑', 'Largest patches')}</h2><div class="cases">${cards}</div></section>`;
}

function patchTable({ patches, summary }: ReportInput): string {
  if (patches.length === 0) return '';
  const total = summary.patches.suspected + summary.patches.watch;
  const rows = patches
    .slice(0, tableRows)
    .map(
      ({ rank, properties, centreDeg }) =>
        `<tr><td>${rank}</td><td><code>${escape(properties.id.slice(0, 12))}</code></td><td>${properties.state === 'watch' ? '观察 watch' : '疑似 suspected'}</td><td>${properties.classBeforeZh} → ${properties.classAfterZh}</td><td>${number(properties.areaM2)}</td><td>${mu(properties.areaM2)}</td><td>${properties.pixels}</td><td>${properties.probability.toFixed(2)}</td><td>${centreDeg[0].toFixed(5)}, ${centreDeg[1].toFixed(5)}</td></tr>`,
    )
    .join('');
  const more =
    total > tableRows
      ? `<p>${both(`表中列出最大的 ${tableRows} 个，全部 ${total} 个见 patches.geojson。`, `The ${tableRows} largest of ${total}; all are in patches.geojson.`)}</p>`
      : '';
  return `<section><h2>${both('图斑清单', 'Patches')}</h2>${more}<table class="numbers"><thead><tr><th>#</th><th>ID</th><th>${both('状态', 'state')}</th><th>${both('变化', 'change')}</th><th>m²</th><th>亩</th><th>px</th><th>${both('概率', 'probability')}</th><th>${both('经纬度', 'lon, lat')}</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function coverageTable({ coverage }: Summary): string {
  const row = (zh: string, en: string, areaM2: number): string =>
    `<tr><td>${both(zh, en)}</td><td>${number(areaM2)}</td><td>${mu(areaM2)}</td><td>${percent(coverage.gridM2 > 0 ? areaM2 / coverage.gridM2 : 0)}</td></tr>`;
  const { reasonsM2 } = coverage;
  return `<section><h2>${both('观测覆盖', 'What was seen')}</h2><p>${both('未观测不等于未变化。', 'Not observed is not unchanged.')}</p><table class="numbers"><thead><tr><th></th><th>m²</th><th>亩</th><th>%</th></tr></thead><tbody>${[
    row('监测范围', 'area of the grid', coverage.gridM2),
    row('两期均观测', 'seen on both dates', coverage.observedM2),
    row('未观测：影像范围外', 'not seen: outside the overlap', reasonsM2.outside),
    row('未观测：无数据', 'not seen: nodata', reasonsM2.nodata),
    row('未观测：云', 'not seen: cloud', reasonsM2.cloud),
    row('未观测：云影', 'not seen: cloud shadow', reasonsM2.shadow),
    row('未观测：处理失败', 'not seen: failed chunks', reasonsM2.failed),
  ].join('')}</tbody></table></section>`;
}

function warnings(summary: Summary): string {
  if (summary.warnings.length === 0) return '';
  const items = summary.warnings
    .map(({ code, message, todo }) => `<li><code>${escape(code)}</code> ${escape(message)} ${escape(todo)}</li>`)
    .join('');
  return `<section><h2>${both('提示', 'Remarks')}</h2><ul>${items}</ul></section>`;
}

function provenance({ manifest, summary }: ReportInput): string {
  const rows = manifest.inputs
    .map(
      ({ role, file, bytes, sha256 }) =>
        `<tr><td>${role}</td><td>${escape(file)}</td><td>${number(bytes)}</td><td><code>${sha256}</code></td></tr>`,
    )
    .join('');
  const model =
    manifest.model === null
      ? 'IR-MAD + change vectors'
      : `${escape(summary.model)} <code>${manifest.model.weightsSha256}</code>`;
  const { dropped } = manifest.counts;
  return `<section><h2>${both('可追溯信息', 'Provenance')}</h2><table><thead><tr><th>${both('角色', 'role')}</th><th>${both('文件', 'file')}</th><th>bytes</th><th>sha256</th></tr></thead><tbody>${rows}</tbody></table>
<p>${both('模型', 'model')}: ${model}<br>${both('坐标系', 'CRS')}: ${manifest.grid.epsg === null ? escape(manifest.grid.crs) : `EPSG:${manifest.grid.epsg}`} · ${manifest.grid.width} × ${manifest.grid.height} px<br>${both('剔除的细长伪变化', 'dropped slivers')}: ${dropped.slivers.patches} (${number(dropped.slivers.areaM2)} m²)<br>run <code>${manifest.id}</code> · code ${manifest.code.version} <code>${manifest.code.pixelsVersion.slice(0, 16)}</code></p><p>${both('全部输入输出的 sha256 见 run.json。', 'run.json holds the sha256 of every input and output.')}</p></section>`;
}
