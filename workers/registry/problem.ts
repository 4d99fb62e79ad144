import { z } from 'zod';

/** The closed set of what an import finds. `blocks`: nothing is stored; `ask`: only with `--accept`; `tells`: stored, and said. */
export const importProblemTable = {
  COLUMN_MISSING: { effect: 'blocks', zh: '缺少必需字段', en: 'a column that the kind needs is not there' },
  CODE_UNKNOWN: { effect: 'blocks', zh: '地类编码不存在', en: 'a land code that the dictionary does not have' },
  ID_MISSING: { effect: 'blocks', zh: '缺少编号', en: 'a row without the id it needs' },
  ID_TWICE: { effect: 'blocks', zh: '编号重复', en: 'two rows with one id' },
  VALUE_INVALID: { effect: 'blocks', zh: '字段值无效', en: 'a value that its column cannot have' },
  DATE_INVALID: { effect: 'blocks', zh: '日期无效', en: 'a date that is none' },
  TOWN_UNKNOWN: {
    effect: 'blocks',
    zh: '乡镇或县代码不存在',
    en: 'a town or county code that the region does not have',
  },
  PROJECT_UNKNOWN: { effect: 'blocks', zh: '所属项目不存在', en: 'a sub-project of a project that was not imported' },
  PROJECT_CHANGED: {
    effect: 'blocks',
    zh: '同一日期的项目内容不同',
    en: 'a project that is known with this date and other content',
  },
  NOTHING_TO_IMPORT: { effect: 'blocks', zh: '没有可导入的图形', en: 'a file without a single polygon' },
  REPAIR_TOO_LARGE: {
    effect: 'ask',
    zh: '图形修复改变面积过大',
    en: 'a geometry whose repair changes its area beyond the limits of config/import.json',
  },
  TOWN_OUTSIDE_COUNTY: { effect: 'ask', zh: '乡镇不属于所填县', en: 'a town that is not in the county of its project' },
  OUTSIDE_COUNTY: {
    effect: 'ask',
    zh: '项目位于所填县之外',
    en: 'a project that does not lie on parcels of its county',
  },
  OUTSIDE_PROJECT: { effect: 'ask', zh: '子项目位于项目范围之外', en: 'a sub-project outside its project' },
  GROUND_OF_ANOTHER: {
    effect: 'tells',
    zh: '与现有项目范围重合',
    en: 'a new project on the ground of a known one that the file does not name, such as one whose id was changed',
  },
  PLANNED_AREA_DIFFERS: {
    effect: 'tells',
    zh: '规划面积与图形面积不符',
    en: 'a sub-project whose planned area is not that of its outline, by which it is judged',
  },
  ID_REPEATED: { effect: 'tells', zh: '编号重复', en: 'an id that several rows have; the row tells them apart' },
  GEOMETRY_REPAIRED: { effect: 'tells', zh: '图形已修复', en: 'an invalid geometry that was repaired' },
  GEOMETRY_MISSING: {
    effect: 'tells',
    zh: '没有图形',
    en: 'a row without a polygon; it is listed and kept without ground',
  },
  GEOMETRY_UNREAD: {
    effect: 'ask',
    zh: '图形类型不支持，将丢失范围',
    en: 'a row whose ground is of a type that is not read, such as curves; accepted, it is kept without ground',
  },
  SEAT_UNKNOWN: {
    effect: 'tells',
    zh: '坐落单位代码不可识别',
    en: 'a parcel whose seat (ZLDWDM) names no town of the region',
  },
  OVERLAP: { effect: 'tells', zh: '图斑重叠', en: 'ground that two features claim' },
  GAP: { effect: 'tells', zh: '图斑之间有空隙', en: 'ground between the parcels of a survey that no parcel has' },
  COUNTY_NOT_CHECKED: {
    effect: 'tells',
    zh: '未能核对所属县',
    en: 'a project that no imported survey covers, so that its county could not be checked',
  },
  YEARS_DIFFER: { effect: 'tells', zh: '数据年份不一致', en: 'rows of different years; the latest counts' },
  FILE_NOTE: { effect: 'tells', zh: '文件提示', en: 'what the reader of the file says' },
} as const;
export type ImportProblemCode = keyof typeof importProblemTable;

export const importProblemSchema = z.strictObject({
  code: z.string().describe('word of the table of import problems'),
  effect: z.enum(['blocks', 'ask', 'tells']).describe('blocks: nothing is stored; ask: only with --accept; tells'),
  message: z.string().describe('what, which rows, which values'),
  todo: z.string().describe('what to do about it'),
  rows: z.array(z.number().int()).describe('first rows concerned, 1-based'),
  count: z.number().int().describe('all rows concerned'),
});
export type ImportProblem = z.infer<typeof importProblemSchema>;

/** Rows as a message lists them: `1, 5, 9 and 12 more`. */
export function rowsText(rows: readonly number[], count: number): string {
  const rest = count - rows.length;
  return `${count === 1 ? 'row' : 'rows'} ${rows.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Gathers what concerns many rows into one problem a code and value. */
export interface ProblemList {
  /**
   * @param what is gathered together: the message without its rows
   */
  add(code: ImportProblemCode, what: { readonly what: string; readonly todo: string; readonly row?: number }): void;
  list(): readonly ImportProblem[];
}

interface Gathered {
  readonly code: ImportProblemCode;
  readonly what: string;
  readonly todo: string;
  readonly rows: number[];
  count: number;
}

/** @param listedRows rows that one problem names */
export function gatherProblems(listedRows: number): ProblemList {
  const found = new Map<string, Gathered>();
  return {
    add(code, { what, todo, row }) {
      const key = `${code}\n${what}`;
      const gathered = found.get(key) ?? { code, what, todo, rows: [], count: 0 };
      found.set(key, gathered);
      if (row === undefined) return;
      gathered.count += 1;
      if (gathered.rows.length < listedRows) gathered.rows.push(row);
    },
    list: () =>
      [...found.values()].map(({ code, what, todo, rows, count }) => ({
        code,
        effect: importProblemTable[code].effect,
        message: count === 0 ? what : `${rowsText(rows, count)}: ${what}`,
        todo,
        rows,
        count,
      })),
  };
}
