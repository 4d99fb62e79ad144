/** Columns of a monthly report with the names that files give them, in the order in which a template has them. */
export const reportColumns = {
  month: ['month', '月份', '报告月份', '填报月份', '统计月份', '报告期', '年月', 'BGYF'],
  project: ['project', '项目编号', '项目代码', 'projectId', 'XMBH', 'XMDM'],
  subProject: ['subProject', '子项目编号', '子项目代码', 'subProjectId', 'ZXMBH', 'ZXMDM', '标段编号'],
  name: ['name', '项目名称', 'projectName', 'XMMC'],
  county: ['county', '县代码', '区县代码', '县市区代码', '县级代码', 'countyCode', 'XDM'],
  town: ['town', '镇街代码', '乡镇代码', '镇代码', 'townCode', 'XZDM'],
  work: ['work', '工程类型', '工程类别', '整治类型', '建设内容', 'workType', 'GCLX'],
  plannedM2: ['plannedM2', '计划面积平方米', '计划面积m2', '计划面积', '规划面积', '计划任务平方米', 'JHMJ'],
  plannedMu: ['plannedMu', '计划面积亩', '规划面积亩', '计划任务亩'],
  reportedM2: [
    'reportedM2',
    '累计完成面积平方米',
    '完成面积平方米',
    '累计完成面积m2',
    '完成面积m2',
    '累计完成面积',
    '完成面积',
    'WCMJ',
  ],
  reportedMu: ['reportedMu', '累计完成面积亩', '完成面积亩', '累计完成亩'],
} as const;
export type ReportColumn = keyof typeof reportColumns;

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_\-()[\]（）、，,/·:：]/g, '')
    .replaceAll('㎡', 'm2')
    .replaceAll('m²', 'm2');

const byName = new Map<string, ReportColumn>(
  Object.entries(reportColumns).flatMap(([column, names]) =>
    names.map((name) => [plain(name), column as ReportColumn] as const),
  ),
);

/** The column that a head cell names, null = none of them. */
export const columnOf = (head: string): ReportColumn | null => byName.get(plain(head)) ?? null;

/** A report is told apart by these; the areas by either unit. */
const isHead = (columns: ReadonlySet<ReportColumn | null>): boolean =>
  columns.has('project') && (columns.has('reportedM2') || columns.has('reportedMu'));

/** Titles and notes may stand above the head. */
const mostTitleRows = 12;

/**
 * Where the table begins.
 *
 * @returns position of the head row and the column of each cell; null: no row names project and reported area
 */
export function findHead(
  rows: readonly (readonly string[])[],
): { readonly row: number; readonly columns: readonly (ReportColumn | null)[] } | null {
  for (let row = 0; row < Math.min(rows.length, mostTitleRows); row++) {
    const columns = rows[row]!.map(columnOf);
    if (isHead(new Set(columns))) return { row, columns };
  }
  return null;
}
