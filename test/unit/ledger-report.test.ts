import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, describe, expect, it } from 'vitest';
import type { KnownProgramme } from '../../pipeline/ledger/report-check.ts';
import type { ReportProblemCode } from '../../pipeline/ledger/report-problem.ts';
import { type MergedCells, monthOf, readReport } from '../../pipeline/ledger/report-table.ts';
import { muM2 } from '../../pipeline/parcel/mu.ts';
import { readTable } from '../../workers/registry/read-table.ts';
import { readSheet } from '../../workers/registry/xlsx-sheet.ts';
import { madeWorkbook } from '../support/made-workbook.ts';

const known: KnownProgramme = {
  projects: new Map([
    ['JX001', { county: '330411', towns: ['330411104', '330411105'] }],
    ['JX002', { county: '330421', towns: ['330421103'] }],
  ]),
  subProjects: new Map([
    ['JX001-01', { project: 'JX001', work: 'added', town: '330411104', plannedM2: 10_000 }],
    ['JX001-02', { project: 'JX001', work: 'reclaimed', town: '330411105', plannedM2: 20_000 }],
    ['JX002-01', { project: 'JX002', work: 'contiguous', town: '330421103', plannedM2: 30_000 }],
  ]),
  towns: new Set(['330411104', '330411105', '330421103']),
  counties: new Set(['330411', '330421']),
  thisMonth: '2026-11',
};
const head = [
  '月份',
  '项目编号',
  '子项目编号',
  '县代码',
  '镇街代码',
  '工程类型',
  '计划面积（平方米）',
  '累计完成面积（平方米）',
];

function read(rows: readonly (readonly string[])[], month: string | null = null, merges: readonly MergedCells[] = []) {
  const problems: { code: ReportProblemCode; row?: number; what: string }[] = [];
  const add = (code: ReportProblemCode, told: { row?: number; what: string }) => problems.push({ code, ...told });
  const found = readReport(rows, { known, month, merges, problems: { add } });
  return { ...found, codes: problems.map(({ code }) => code), problems };
}
const good = ['2026-10', 'JX001', 'JX001-01', '330411', '330411104', '新增耕地', '10000', '4000.50'];
const change = (at: number, value: string): readonly string[] => good.map((cell, i) => (i === at ? value : cell));

describe('a monthly report', () => {
  it('is understood by the names that its columns have, titles above and notes below listed', () => {
    const { rows, notes, codes } = read([['嘉兴市整治进度月报'], [], head, good, ['# 模拟数据']]);
    expect(codes).toEqual([]);
    expect(rows).toMatchObject([
      {
        line: 4,
        month: '2026-10',
        project: 'JX001',
        subProject: 'JX001-01',
        work: 'added',
        reportedM2: 4000.5,
        refused: null,
      },
    ]);
    expect(notes).toEqual([
      { line: 1, text: '嘉兴市整治进度月报' },
      { line: 5, text: '# 模拟数据' },
    ]);
  });

  it('may be in 亩', () => {
    const { rows, codes } = read([
      ['年月', '项目代码', '子项目代码', '完成面积（亩）'],
      ['2026年10月', 'JX002', 'JX002-01', '1,2.5'],
    ]);
    expect(codes).toEqual([]);
    expect(rows[0]?.reportedM2).toBeCloseTo(12.5 * muM2, 9);
  });

  it.each([
    ['MONTH_IN_FUTURE', 0, '2026-12'],
    ['MONTH_INVALID', 0, '2026-13'],
    ['PROJECT_UNKNOWN', 1, 'JX999'],
    ['SUB_PROJECT_UNKNOWN', 2, 'JX002-01'],
    ['OUTSIDE_COUNTY', 3, '330421'],
    ['OUTSIDE_COUNTY', 4, '330421103'],
    ['TOWN_UNKNOWN', 4, '330411999'],
    ['WORK_DIFFERS', 5, '复垦'],
    ['VALUE_INVALID', 7, '四千'],
    ['VALUE_INVALID', 7, '-1'],
  ] as const)('refuses a row with %s and keeps it with its reason', (code, at, value) => {
    const { rows, codes, problems } = read([
      head,
      change(at, value),
      change(2, 'JX001-02').with(4, '330411105').with(5, '复垦'),
    ]);
    expect(codes[0]).toBe(code);
    expect(problems[0]?.row).toBe(2);
    expect(rows).toHaveLength(2);
    expect(rows[0]?.refused).toMatch(new RegExp(`^${code} `));
    expect(rows[1]?.refused).toBeNull();
  });

  it('refuses the second row of one month and sub-project', () => {
    const { rows, codes } = read([head, good, change(7, '5000')]);
    expect(codes).toEqual(['ROW_TWICE']);
    expect(rows.map(({ refused }) => refused === null)).toEqual([true, false]);
  });

  it('is held against its own sums', () => {
    const second = ['2026-10', 'JX001', 'JX001-02', '330411', '330411105', '复垦', '20000', '1000'];
    const total = (sum: string) => ['合计', '', '', '', '', '', '30000', sum];
    expect(read([head, good, second, total('5000.50')]).codes).toEqual([]);
    expect(read([head, good, second, total('5100.50')])).toMatchObject({
      codes: ['TOTAL_WRONG'],
      problems: [{ what: '累计完成 reported is 5100.50 m²; its rows add up to 5000.50 m²' }],
    });
    const part = ['小计', '', '', '', '', '', '', '4000.50'];
    expect(read([head, good, part, second, ['小计', '', '', '', '', '', '', '1000'], total('5000.5')]).codes).toEqual(
      [],
    );
  });

  it('remarks more done than planned, less than before, and another plan', () => {
    expect(read([head, change(7, '10050')]).codes).toEqual(['MORE_THAN_PLANNED']);
    expect(read([head, change(0, '2026-09'), change(7, '3000')]).codes).toEqual(['LESS_THAN_BEFORE']);
    expect(read([head, change(6, '11000')]).codes).toEqual(['PLANNED_DIFFERS']);
  });

  it('is in the unit that its title names, and of two units in both', () => {
    const bare = ['年月', '项目代码', '子项目代码', '累计完成面积'];
    const row = ['2026-10', 'JX001', 'JX001-01', '6'];
    expect(read([['单位：亩'], bare, row])).toMatchObject({ codes: [], rows: [{ reportedM2: 4000 }] });
    expect(read([['单位：公顷'], bare, row.with(3, '0.4')])).toMatchObject({ codes: [], rows: [{ reportedM2: 4000 }] });
    expect(read([bare, row])).toMatchObject({ codes: ['UNIT_ASSUMED'], rows: [{ reportedM2: 6 }] });
    const both = [...bare.slice(0, 3), '完成面积（亩）', '完成面积（平方米）'];
    expect(read([both, [...row, '4001']]).codes).toEqual([]);
    expect(read([both, [...row, '6000']])).toMatchObject({
      codes: ['UNITS_DIFFER'],
      problems: [{ row: 2, what: '6000.00 m² and 6 亩 stand for one area' }],
    });
  });

  it('asks where an area is as far from the plan as m² are from 亩', () => {
    const inMu = head.map((name) => name.replace('平方米', '亩'));
    expect(read([inMu, good]).codes).toEqual(['UNIT_SUSPECT']);
    expect(read([inMu, change(6, '15').with(7, '6')]).codes).toEqual([]);
    expect(read([head, change(6, '').with(7, '2000000')]).codes).toEqual(['UNIT_SUSPECT']);
  });

  it('may have a head of two rows, units below the areas', () => {
    const above = ['月份', '项目编号', '子项目编号', '计划面积', '', '累计完成面积', ''];
    const below = ['', '', '', '平方米', '亩', '平方米', '亩'];
    const row = ['2026-10', 'JX001', 'JX001-01', '10000', '15', '4000', '6'];
    const { rows, codes, notes } = read([['月报'], above, below, row]);
    expect([codes, notes]).toEqual([[], [{ line: 1, text: '月报' }]]);
    expect(rows).toMatchObject([{ line: 4, plannedM2: 10_000, reportedM2: 4000 }]);
  });

  it('has texts of merged cells in each row, and refuses an area that stands over several', () => {
    const second = ['', '', 'JX001-02', '', '330411105', '复垦', '20000', '1000'];
    const over = (col: number): MergedCells => ({ row: 1, col, rows: 2, cols: 1 });
    const table = [head, good, second];
    expect(read(table, null, [0, 1, 3].map(over))).toMatchObject({
      codes: [],
      rows: [{ project: 'JX001' }, { month: '2026-10', project: 'JX001', county: '330411', refused: null }],
    });
    const { rows, codes } = read([head, good, second.with(7, '')], null, [0, 1, 3, 7].map(over));
    expect(codes).toEqual(['AREA_MERGED', 'AREA_MERGED']);
    expect(rows.every(({ refused }) => refused?.startsWith('AREA_MERGED'))).toBe(true);
  });

  it('knows sums by what people call them, and says what of them cannot be held against the rows', () => {
    const sum = (label: string, value: string) => [label, '', '', '', '', '', '', value];
    for (const label of ['合 计', '新塍镇小计', '秀洲区合计', '总计：', 'Total'])
      expect(read([head, good, sum(label, '4000.5')])).toMatchObject({ codes: [], totals: [{ line: 3 }] });
    expect(read([head, good, sum('合计', '')]).codes).toEqual(['TOTAL_EMPTY']);
    expect(read([head, good, sum('合计', '=SUM(H2:H2)')]).problems[0]).toMatchObject({
      code: 'TOTAL_WRONG',
      what: expect.stringContaining('=SUM(H2:H2)'),
    });
  });

  it('holds a project against its sub-projects of the month', () => {
    const whole = (area: string) => ['2026-10', 'JX001', '', '330411', '', '', '', area];
    expect(read([head, good, whole('4000.50')]).codes).toEqual([]);
    expect(read([head, good, whole('4100')])).toMatchObject({
      codes: ['TOTAL_WRONG'],
      problems: [{ row: 3, what: 'JX001 reports 4100.00 m² in 2026-10, its 1 sub-projects add up to 4000.50 m²' }],
    });
  });

  it('lists the columns that it does not read', () => {
    expect(
      read([
        [...head, '联系人'],
        [...good, '张三'],
      ]).problems,
    ).toMatchObject([{ code: 'COLUMN_UNUSED', what: expect.stringContaining('联系人') }]);
  });

  it('without a head, a month or rows is refused as a whole', () => {
    expect(
      read([
        ['a', 'b'],
        ['1', '2'],
      ]).codes,
    ).toEqual(['COLUMN_MISSING']);
    const noMonth = [
      ['项目编号', '完成面积'],
      ['JX001', '5'],
    ];
    expect(read(noMonth).codes).toContain('COLUMN_MISSING');
    expect(read(noMonth, '2026-10').codes).toEqual(['UNIT_ASSUMED']);
    expect(read([head]).codes).toEqual(['NO_ROWS']);
  });

  it('has months as people write them', () => {
    const texts = [
      '2026-10',
      '2026年10月',
      '202610',
      '2026/10/31',
      '２０２６．１０',
      '2026年8月份',
      '2026-00',
      '10月',
      '2026-10-31日',
    ];
    expect(texts.map(monthOf)).toEqual([
      '2026-10',
      '2026-10',
      '2026-10',
      '2026-10',
      '2026-10',
      '2026-08',
      null,
      null,
      '2026-10',
    ]);
  });
});

describe('a workbook', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-workbook-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const saved = (name: string, bytes: Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  it('is read as it is shown: shared and inline texts, numbers, months that are dates, empty cells and rows', async () => {
    const path = saved(
      'report.xlsx',
      madeWorkbook('十月 & 十一月', [
        ['月报 <2026>'],
        [],
        ['月份', '项目编号', null, '完成面积'],
        [{ date: 46_296 }, { inline: 'JX001' }, null, 4000.5],
      ]),
    );
    expect(await readSheet(path)).toEqual({
      name: '十月 & 十一月',
      rows: [['月报 <2026>'], [], ['月份', '项目编号', '', '完成面积'], ['2026-10-01', 'JX001', '', '4000.5']],
      merges: [],
      others: [],
    });
    await expect(readSheet(path, '十二月')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('十月'),
    });
  });

  it('tells its merged cells, and formulas that have no value', async () => {
    const rows = [['合计', null], [{ formula: 'SUM(A1:A2)' }]];
    expect(await readSheet(saved('merged.xlsx', madeWorkbook('表', rows, ['A1:B1', 'C2:C4'])))).toMatchObject({
      rows: [['合计'], ['=SUM(A1:A2)']],
      merges: [
        { row: 0, col: 0, rows: 1, cols: 2 },
        { row: 1, col: 2, rows: 3, cols: 1 },
      ],
    });
  });

  it('or a text of any encoding and separator is one table', async () => {
    const rows = [
      ['月份', '项目编号'],
      ['2026-10', '新塍，一'],
    ];
    const texts = {
      utf8: Buffer.from(`\uFEFF${rows.map((row) => row.join(',')).join('\r\n')}`),
      gbk: iconv.encode(rows.map((row) => row.join(',')).join('\n'), 'gbk'),
      'utf-16': iconv.encode(rows.map((row) => row.join('\t')).join('\r\n'), 'utf-16le', { addBOM: true }),
      semicolons: Buffer.from(rows.map((row) => row.join(';')).join('\n')),
    };
    for (const [name, bytes] of Object.entries(texts))
      expect((await readTable(saved(`${name}.csv`, bytes))).rows, name).toEqual(rows);
  });

  it('that is none is refused with what to do', async () => {
    const path = saved('text.xlsx', Buffer.from('PK no zip'));
    await expect(readSheet(path)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      todo: expect.stringContaining('.xlsx'),
    });
  });
});
