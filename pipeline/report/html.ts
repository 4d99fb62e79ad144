import type { PatchProperties, Summary } from './formats.ts';
import { maps } from './map.ts';
import { projectTable } from './project-table.ts';
import type { Picture, ReportInput } from './report-input.ts';
import { style } from './style.ts';
import { beforeOf, categoryTable, changeTable, coverageTable, patchTable, placeOf } from './tables.ts';
import { both, day, escape, mu, number, percent, section } from './words.ts';

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
    categoryTable(input),
    cases(input),
    projectTable(input.projects),
    changeTable(input),
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

function facts({ patches, categories, coverage, gsdM, model, sensorBefore, sensorAfter }: Summary): string {
  const sensors = [...new Set([sensorBefore ?? '未知 unknown', sensorAfter ?? '未知 unknown'])].join(' / ');
  const fact = (value: string, zh: string, en: string, extra = ''): string =>
    `<div class="fact${extra}"><b>${value}</b><span>${both(zh, en)}</span></div>`;
  const found = (category: PatchProperties['category'], zh: string, en: string, extra = ''): string => {
    const row = categories.find((entry) => entry.category === category);
    const areaM2 = row?.suspectedM2 ?? 0;
    return fact(
      `${number(row?.suspected ?? 0)}<small>${number(areaM2 / 10_000, 2)} ha · ${mu(areaM2)} 亩</small>`,
      zh,
      en,
      extra,
    );
  };
  return `<section class="facts">${[
    found('non-farm', '疑似非农化图斑', 'suspected non-farm patches', ' main'),
    found('non-grain', '疑似非粮化图斑', 'suspected non-grain patches', ' main'),
    found('review', '待核图斑', 'patches for review'),
    found('recovered', '疑似恢复耕地', 'suspected recovered cropland'),
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

function cases({ patches, categories }: ReportInput): string {
  const styles = new Map(categories.map((entry) => [entry.name, entry]));
  const cards = patches.flatMap(({ chips, rank, properties, centreDeg }) => {
    if (chips === null) return [];
    const image = (picture: Picture, label: string): string =>
      `<img src="${picture.dataUri}" width="${picture.width}" height="${picture.height}" alt="${label}">`;
    const known = styles.get(properties.category);
    const tag = `<b class="tag" style="background:${known?.colour ?? '#777'}">${escape(known?.zh ?? properties.category)}</b>`;
    const lawful = properties.isLawful ? ` · ${both('有批准', 'permitted')}` : '';
    const lines = [
      `${number(properties.areaM2)} m² · ${mu(properties.areaM2)} 亩 · ${both('概率', 'probability')} ${properties.probability.toFixed(2)}${lawful}`,
      escape(placeOf(properties)),
      ...properties.reasons.map(({ zh, en }) => both(zh, en)),
      ...(properties.permits.length > 0
        ? [
            both(
              `批准外余 ${number(properties.unpermittedM2)} m²`,
              `${number(properties.unpermittedM2)} m² beyond permits`,
            ),
          ]
        : []),
      ...properties.policies.map(({ id, version, zh, en, source, isPossible }) =>
        both(
          `${isPossible ? '可能涉及' : '疑似涉及'}：${zh}（${source}）`,
          `${isPossible ? 'may touch' : 'suspected to touch'}: ${en} [${id} v${version}]`,
        ),
      ),
      `${centreDeg[0].toFixed(5)}, ${centreDeg[1].toFixed(5)} <code>${escape(properties.id.slice(0, 12))}</code>`,
    ].filter((line) => line !== '');
    return [
      `<article id="case-${rank}"><h3>${rank}. ${tag} ${both(`${beforeOf(properties)} → ${properties.classAfterZh}`, `into ${properties.classAfter}`)}</h3><div class="chips">${image(chips.before, '前 before')}${image(chips.after, '后 after')}</div><p>${lines.join('<br>')}</p></article>`,
    ];
  });
  return cards.length === 0
    ? ''
    : section('面积最大的图斑', 'Largest patches', `<div class="cases">${cards.join('')}</div>`);
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
