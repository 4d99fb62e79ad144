/** Columns of a monthly report with the names that files give them, in the order in which a template has them. */
export const reportColumns = {
  month: ['month', '月份', '报告月份', '填报月份', '统计月份', '报告期', '年月', 'BGYF'],
  project: ['project', '项目编号', '项目代码', 'projectId', 'XMBH', 'XMDM'],
  subProject: ['subProject', '子项目编号', '子项目代码', 'subProjectId', 'ZXMBH', 'ZXMDM', '标段编号'],
  name: ['name', '项目名称', 'projectName', 'XMMC'],
  county: ['county', '县代码', '区县代码', '县市区代码', '县级代码', 'countyCode', 'XDM'],
  town: ['town', '镇街代码', '乡镇代码', '镇代码', 'townCode', 'XZDM'],
  work: ['work', '工程类型', '工程类别', '整治类型', '建设内容', 'workType', 'GCLX'],
  plannedM2: ['plannedM2', '计划面积平方米', '计划面积m2', '规划面积平方米', '计划任务平方米', 'JHMJ'],
  plannedMu: ['plannedMu', '计划面积亩', '规划面积亩', '计划任务亩'],
  plannedHa: ['plannedHa', '计划面积公顷', '规划面积公顷', '计划任务公顷'],
  reportedM2: ['reportedM2', '累计完成面积平方米', '完成面积平方米', '累计完成面积m2', '完成面积m2', 'WCMJ'],
  reportedMu: ['reportedMu', '累计完成面积亩', '完成面积亩', '累计完成亩'],
  reportedHa: ['reportedHa', '累计完成面积公顷', '完成面积公顷', '累计完成公顷'],
} as const;
export type ReportColumn = keyof typeof reportColumns;

/** Areas without a unit: that of the title (单位：亩), else m². */
export const unitlessColumns = {
  planned: ['计划面积', '规划面积', '计划任务'],
  reported: ['累计完成面积', '完成面积', '累计完成'],
} as const;
export const areaUnits = ['M2', 'Mu', 'Ha'] as const;
export type AreaUnit = (typeof areaUnits)[number];

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
const unitless = new Map<string, 'planned' | 'reported'>(
  Object.entries(unitlessColumns).flatMap(([column, names]) =>
    names.map((name) => [plain(name), column as 'planned' | 'reported'] as const),
  ),
);

/** The column that a head cell names, null = none of them. */
function columnOf(head: string, unit: AreaUnit): ReportColumn | null {
  const area = unitless.get(plain(head));
  return byName.get(plain(head)) ?? (area === undefined ? null : `${area}${unit}`);
}

/** A report is told apart by these; the areas by any unit. */
const isHead = (columns: readonly (ReportColumn | null)[]): boolean =>
  columns.includes('project') && areaUnits.some((unit) => columns.includes(`reported${unit}`));

/** Titles and notes may stand above the head. */
const mostTitleRows = 12;

export interface Head {
  /** position of its last row */
  readonly row: number;
  /** rows that it takes: 2 where units stand below the areas */
  readonly rows: 1 | 2;
  readonly columns: readonly (ReportColumn | null)[];
  /** as the file has them */
  readonly names: readonly string[];
  /** what areas without a unit are in, and whether a title says so; null: each names its own */
  readonly unit: { readonly of: AreaUnit; readonly isSaid: boolean } | null;
}

const unitPattern = /单位\s*[:：]\s*(平方米|㎡|m2|m²|亩|公顷)/i;

/** The unit that a title names: 单位：亩. */
function titleUnit(rows: readonly (readonly string[])[]): AreaUnit | null {
  const said = rows.flat().flatMap((cell) => unitPattern.exec(cell)?.[1] ?? [])[0];
  if (said === undefined) return null;
  return said === '亩' ? 'Mu' : said === '公顷' ? 'Ha' : 'M2';
}

/** Names of a head of two rows: what stands above several columns, then its own. */
function joinedNames(above: readonly string[], below: readonly string[]): readonly string[] {
  let group = '';
  return Array.from({ length: Math.max(above.length, below.length) }, (_, col) => {
    const own = above[col]?.trim() ?? '';
    if (own !== '') group = own;
    const sub = below[col]?.trim() ?? '';
    return sub === '' ? own : `${group}${sub}`;
  });
}

/**
 * Where the table begins.
 *
 * @returns null: no row, nor two together, name project and reported area
 */
export function findHead(rows: readonly (readonly string[])[]): Head | null {
  for (let row = 0; row < Math.min(rows.length, mostTitleRows); row++) {
    const said = titleUnit(rows.slice(0, row + 1));
    const read = (names: readonly string[], size: 1 | 2): Head => ({
      row: row + size - 1,
      rows: size,
      columns: names.map((name) => columnOf(name, said ?? 'M2')),
      names,
      unit: names.some((name) => unitless.has(plain(name))) ? { of: said ?? 'M2', isSaid: said !== null } : null,
    });
    const one = read(rows[row]!, 1);
    const two = read(joinedNames(rows[row]!, rows[row + 1] ?? []), 2);
    // data below a head never makes names of columns that the head alone does not
    if (isHead(two.columns) && isMore(two, one) && rows[row + 1]!.some((cell) => cell.trim() !== '')) return two;
    if (isHead(one.columns)) return one;
  }
  return null;
}

/** Units below the areas: more columns are named, or fewer are without a unit. */
function isMore(two: Head, one: Head): boolean {
  const known = ({ columns }: Head): number => columns.filter((column) => column !== null).length;
  return known(two) > known(one) || (known(two) === known(one) && one.unit !== null && two.unit === null);
}
