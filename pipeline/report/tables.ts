import type { PatchProperties, Summary } from './formats.ts';
import type { ReportInput } from './report-input.ts';
import { both, escape, mu, number, percent, section, swatch, table } from './words.ts';

/** Rows of the patch table; more would make the page slow, the GeoJSON holds all. */
const tableRows = 300;

/** What was found by category, with and without the ground that a permit covers. */
export function categoryTable({ summary, categories }: ReportInput): string {
  const rows = summary.categories.map((row) => {
    const style = categories.find(({ name }) => name === row.category);
    return [
      `${swatch(style?.colour ?? '#999')}${both(style?.zh ?? row.category, style?.en ?? row.category)}`,
      number(row.suspected),
      number(row.suspectedM2),
      mu(row.suspectedM2),
      number(row.unpermittedM2),
      mu(row.unpermittedM2),
      number(row.severe),
      number(row.watch),
    ];
  });
  if (rows.length === 0)
    return section(
      '变化类别',
      'Categories',
      `<p>${both('观测到的范围内没有达到阈值的图斑。', 'No patch reached the threshold where the ground was seen.')}</p>`,
    );
  const head = [
    both('类别', 'category'),
    both('图斑数', 'patches'),
    `m²`,
    '亩',
    both('扣除批准后 m²', 'm² without permits'),
    '亩',
    both('涉严格保护', 'on strictly protected land'),
    both('观察', 'watch'),
  ];
  return section('变化类别', 'Categories', table(head, rows));
}

export function changeTable({ summary, classes }: ReportInput): string {
  const known = new Map(classes.map((entry) => [entry.name, entry]));
  const cell = (name: string): string => {
    const entry = known.get(name);
    return `${swatch(entry?.colour ?? '#999')}${both(entry?.zh ?? name, name)}`;
  };
  const rows = summary.changes.map((row) => [
    cell(row.classBefore),
    cell(row.classAfter),
    number(row.suspected),
    number(row.suspectedM2),
    mu(row.suspectedM2),
    number(row.watch),
    number(row.watchM2),
  ]);
  if (rows.length === 0) return '';
  const head = [
    both('前', 'before'),
    both('后', 'after'),
    both('图斑数', 'patches'),
    'm²',
    '亩',
    both('观察', 'watch'),
    'm²',
  ];
  return section('影像上的变化', 'As seen in the images', table(head, rows));
}

/** Where a patch lies: town and village, or nothing where no survey says it. */
export const placeOf = ({ town, townName, village, villageName }: PatchProperties): string =>
  [townName ?? town, villageName ?? village].filter((part) => part !== null).join(' ');

/** What the ground was, by the survey where there is one. */
export const beforeOf = ({ codeBefore, codeBeforeZh, classBeforeZh }: PatchProperties): string =>
  codeBefore === null ? classBeforeZh : `${codeBefore} ${codeBeforeZh ?? ''}`;

export function patchTable({ patches, summary, categories }: ReportInput): string {
  if (patches.length === 0) return '';
  const total = summary.patches.suspected + summary.patches.watch;
  const styles = new Map(categories.map((style) => [style.name, style]));
  const rows = patches.slice(0, tableRows).map(({ rank, properties, centreDeg }) => {
    const style = styles.get(properties.category);
    return [
      String(rank),
      `<code>${escape(properties.id.slice(0, 12))}</code>`,
      `${swatch(style?.colour ?? '#999')}${escape(style?.zh ?? properties.category)}${properties.state === 'watch' ? ' · 观察' : ''}${properties.isLawful ? ' · 有批准' : ''}`,
      `${escape(beforeOf(properties))} → ${escape(properties.classAfterZh)}`,
      number(properties.areaM2),
      mu(properties.areaM2),
      properties.probability.toFixed(2),
      escape(placeOf(properties)),
      `${centreDeg[0].toFixed(5)}, ${centreDeg[1].toFixed(5)}`,
    ];
  });
  const more =
    total > tableRows
      ? `<p>${both(`表中列出最大的 ${tableRows} 个，全部 ${total} 个见 patches.geojson。`, `The ${tableRows} largest of ${total}; all are in patches.geojson.`)}</p>`
      : '';
  const head = [
    '#',
    'ID',
    both('类别', 'category'),
    both('变化', 'change'),
    'm²',
    '亩',
    both('概率', 'probability'),
    both('镇村', 'town, village'),
    both('经纬度', 'lon, lat'),
  ];
  return section('图斑清单', 'Patches', more, table(head, rows));
}

export function coverageTable({ coverage }: Summary): string {
  const row = (zh: string, en: string, areaM2: number): string[] => [
    both(zh, en),
    number(areaM2),
    mu(areaM2),
    percent(coverage.gridM2 > 0 ? areaM2 / coverage.gridM2 : 0),
  ];
  const { reasonsM2 } = coverage;
  return section(
    '观测覆盖',
    'What was seen',
    `<p>${both('未观测不等于未变化。', 'Not observed is not unchanged.')}</p>`,
    table(
      ['', 'm²', '亩', '%'],
      [
        row('监测范围', 'area of the grid', coverage.gridM2),
        row('两期均观测', 'seen on both dates', coverage.observedM2),
        row('未观测：影像范围外', 'not seen: outside the overlap', reasonsM2.outside),
        row('未观测：无数据', 'not seen: nodata', reasonsM2.nodata),
        row('未观测：云', 'not seen: cloud', reasonsM2.cloud),
        row('未观测：云影', 'not seen: cloud shadow', reasonsM2.shadow),
        row('未观测：处理失败', 'not seen: failed chunks', reasonsM2.failed),
      ],
    ),
  );
}
