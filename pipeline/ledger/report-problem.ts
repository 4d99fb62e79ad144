/** The closed set of what a monthly report may have. `blocks`: nothing is stored; `refuses`: the row does not count, and the file is stored only with `--accept`; `asks`: only with `--accept`; `tells`. */
export const reportProblemTable = {
  COLUMN_MISSING: { effect: 'blocks', zh: '缺少必需列', en: 'a column that a report needs is not there' },
  NO_ROWS: { effect: 'blocks', zh: '没有数据行', en: 'a table without rows' },
  MONTH_INVALID: { effect: 'refuses', zh: '月份无效', en: 'a month that is none' },
  MONTH_IN_FUTURE: { effect: 'refuses', zh: '月份在将来', en: 'a month that has not begun' },
  PROJECT_UNKNOWN: { effect: 'refuses', zh: '项目不存在', en: 'a project that was not imported' },
  SUB_PROJECT_UNKNOWN: {
    effect: 'refuses',
    zh: '子项目不存在',
    en: 'a sub-project that was not imported, or of another project',
  },
  OUTSIDE_COUNTY: { effect: 'refuses', zh: '项目不在所填县', en: 'a county or town that is not that of the project' },
  TOWN_UNKNOWN: {
    effect: 'refuses',
    zh: '乡镇或县代码不存在',
    en: 'a town or county code that the region does not have',
  },
  WORK_DIFFERS: {
    effect: 'refuses',
    zh: '工程类型不符',
    en: 'a work that is none of the five, or not that of the sub-project',
  },
  AREA_MERGED: {
    effect: 'refuses',
    zh: '面积单元格合并',
    en: 'an area in a cell merged over several rows: nobody knows which part is of which',
  },
  UNITS_DIFFER: { effect: 'refuses', zh: '两种单位的面积不符', en: 'areas of two units that are not the same area' },
  VALUE_INVALID: { effect: 'refuses', zh: '面积无效', en: 'an area that is no number, below 0 or missing' },
  ROW_TWICE: { effect: 'refuses', zh: '同月重复填报', en: 'a second row of one month and sub-project' },
  TOTAL_WRONG: {
    effect: 'asks',
    zh: '合计不符',
    en: 'sums that their rows do not add up to, or a project and its sub-projects',
  },
  UNIT_SUSPECT: {
    effect: 'asks',
    zh: '疑似单位有误',
    en: 'an area that is as far from the plan as m² are from 亩, or a hundred times the plan',
  },
  TOTAL_EMPTY: { effect: 'tells', zh: '合计为空', en: 'a line of sums without a sum' },
  UNIT_ASSUMED: { effect: 'tells', zh: '未注明面积单位', en: 'areas whose unit nothing says, taken as m²' },
  SHEETS_UNREAD: { effect: 'tells', zh: '其他工作表未读取', en: 'other visible sheets of the workbook' },
  COLUMN_UNUSED: { effect: 'tells', zh: '未使用的列', en: 'columns that are kept with their rows and not read' },
  MORE_THAN_PLANNED: { effect: 'tells', zh: '完成超过计划', en: 'more done than planned' },
  PLANNED_DIFFERS: {
    effect: 'tells',
    zh: '计划面积与项目库不符',
    en: 'a planned area that is not that of the imported sub-project',
  },
  LESS_THAN_BEFORE: { effect: 'tells', zh: '累计完成减少', en: 'less done than in an earlier month' },
  PROJECT_MISSING: {
    effect: 'tells',
    zh: '缺少项目',
    en: 'a known project of the county of which a month says nothing',
  },
} as const;
export type ReportProblemCode = keyof typeof reportProblemTable;

/** Gathers what is wrong; one problem may concern many lines. */
export interface ReportProblems {
  add(code: ReportProblemCode, what: { readonly what: string; readonly todo: string; readonly row?: number }): void;
}
