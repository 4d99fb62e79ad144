import { resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../pipeline/errors.ts';
import { reportProblemTable } from '../../pipeline/ledger/report-problem.ts';
import type { PreparedReport } from '../../workers/registry/monthly-report.ts';
import type { RecordedReport, ReportVersion, StoredReport } from '../../workers/registry/report-record.ts';
import { monthFlag } from './ledger.ts';

interface Flags {
  readonly month?: string;
  readonly sheet?: string;
  readonly accept?: string;
  readonly supersede?: true;
  readonly preview?: true;
  readonly by?: string;
  readonly why?: string;
  readonly json?: true;
}

const number = (value: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const effects = { blocks: '拒绝 blocks', refuses: '不计 refuses', asks: '待确认 asks', tells: '提示 note' } as const;
/** Problems that a terminal shows; JSON has all. */
const shownProblems = 20;

function preparedLines({ file, sheet, read, problems }: PreparedReport): readonly string[] {
  const counted = read.rows.filter(({ refused }) => refused === null);
  const months = [...new Set(counted.map(({ month }) => month ?? ''))].toSorted();
  const more = problems.length - shownProblems;
  return [
    `文件 file: ${file}${sheet === null ? '' : ` (${sheet})`}`,
    `数据行 rows: ${read.rows.length}，计入 count: ${counted.length}，不计 refused: ${read.rows.length - counted.length}；合计行 totals: ${read.totals.length}；说明行 notes: ${read.notes.length}`,
    `月份 months: ${months.join(' ')}`,
    ...problems
      .slice(0, shownProblems)
      .map(
        ({ effect, code, message, todo }) =>
          `  [${effects[effect]}] ${code} ${reportProblemTable[code].zh}: ${message}. ${todo}`,
      ),
    ...(more > 0 ? [`  … 另有 ${more} 项 and ${more} more (--json shows all)`] : []),
  ];
}

const versionLine = ({
  month,
  county,
  number: version,
  state,
  rows,
  refusedRows,
  reportedM2,
  file,
  importedBy,
  importedAt,
  report,
}: ReportVersion): string =>
  `${month}  ${county}  第${version}版 version ${version}  ${state}  ${rows} 行 rows${refusedRows > 0 ? `（另不计 refused ${refusedRows}）` : ''}  ${number((reportedM2 * 3) / 2000)} 亩  ${file}  ${importedBy} ${importedAt.slice(0, 10)}  ${report.slice(0, 12)}`;

function recordedLines({ isNew, versions }: RecordedReport): readonly string[] {
  if (!isNew) return ['内容相同，未新增版本 the same content is there already'];
  return ['已入库 imported:', ...versions.map((version) => `  ${versionLine(version)}`)];
}

function acceptFlag(text = ''): readonly string[] {
  const codes = text
    .split(',')
    .map((code) => code.trim())
    .filter((code) => code !== '');
  const may = Object.entries(reportProblemTable).flatMap(([code, { effect }]) =>
    effect === 'asks' || effect === 'refuses' ? [code] : [],
  );
  for (const code of codes)
    if (!may.includes(code))
      throw new AppError('CONFIG_INVALID', `--accept ${code} cannot be accepted.`, `Only ${may.join(', ')} can be.`);
  return codes;
}

async function importReport(path: string, flags: Flags): Promise<void> {
  const accept = acceptFlag(flags.accept);
  const { currentHome } = await import('../../workers/home.ts');
  const { commitReport, prepareReport, refuseReport } = await import('../../workers/registry/monthly-report.ts');
  const { userName } = await import('../../workers/user-name.ts');
  const { sheet, json } = flags;
  const prepared = await prepareReport(resolve(path), {
    home: currentHome(),
    month: flags.month ?? null,
    now: new Date().toISOString(),
    ...(sheet !== undefined && { sheet }),
  });
  const say = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
  const { file, read, problems } = prepared;
  const understood = { file, rows: read.rows, totals: read.totals, notes: read.notes, problems };
  if (!json) say(preparedLines(prepared));
  else if (flags.preview) say([JSON.stringify({ ...understood, recorded: null }, null, 2)]);
  refuseReport(prepared, accept);
  if (flags.preview) return;
  const actor = { by: flags.by ?? userName(), why: flags.why ?? `import of ${file}` };
  const recorded = await commitReport(prepared, {
    home: currentHome(),
    actor,
    supersedes: flags.supersede ?? false,
  });
  say(json ? [JSON.stringify({ ...understood, recorded }, null, 2)] : recordedLines(recorded));
}

async function list({ json }: { readonly json?: true }): Promise<void> {
  const { currentHome } = await import('../../workers/home.ts');
  const { listMonthlyReports } = await import('../../workers/registry/door.ts');
  const versions = await listMonthlyReports(currentHome());
  const text = json ? JSON.stringify(versions, null, 2) : versions.map(versionLine).join('\n') || '没有月报 / none yet';
  process.stdout.write(`${text}\n`);
}

function fileLines({ report, file, sheet, rows, refused, problems, notes, ...by }: StoredReport): readonly string[] {
  return [
    `${report.slice(0, 12)}  ${file}${sheet === null ? '' : ` (${sheet})`}  ${rows} 行 rows，不计 refused ${refused.length}  问题 problems ${problems.length}  ${by.importedBy} ${by.importedAt.slice(0, 10)}`,
    ...refused.map(({ line, reason, cells }) => `  不计 refused row ${line}: ${reason}\n    ${cells.join(' | ')}`),
    ...problems.map(({ code, message }) => `  问题 problem ${code}: ${message}`),
    ...notes.map(({ line, text }) => `  说明 note row ${line}: ${text}`),
  ];
}

async function show(start: string | undefined, { json }: { readonly json?: true }): Promise<void> {
  const { currentHome } = await import('../../workers/home.ts');
  const { listReportFiles } = await import('../../workers/registry/door.ts');
  const files = await listReportFiles(currentHome(), start ?? '');
  if (start !== undefined && files.length === 0)
    throw new AppError('NOT_FOUND', `No report begins with ${start}.`, '`tianwatch report show` prints them all.');
  const lines = files.flatMap((file) => (start === undefined ? fileLines(file).slice(0, 1) : fileLines(file)));
  process.stdout.write(`${json ? JSON.stringify(files, null, 2) : lines.join('\n') || '没有月报 / none yet'}\n`);
}

/** `tianwatch report import`, `list` and `show`: what counties say that was done. */
export function addReport(program: Command): void {
  const report = program.command('report').description('月报：各县上报的进度 / monthly reports of the counties');
  report
    .command('import')
    .description(
      '导入月报（XLSX 或 CSV），核对后按月、县入库 / a monthly report, checked and stored by month and county',
    )
    .argument('<file>', 'XLSX 或 CSV / workbook or table')
    .option('--month <yyyy-mm>', '表中无月份列时的月份 / month of a table that has no such column', monthFlag)
    .option('--sheet <name>', '工作表，缺省为第一张 / sheet, default the first')
    .option('--accept <codes>', '接受的问题，逗号分隔；不计的行连同原因保留 / problems to accept, comma-separated')
    .option(
      '--supersede',
      '更正已上报的月份，旧版保留但不再计入 / replace months that are reported already; the earlier version is kept',
    )
    .option('--preview', '只预览，不入库 / say what was understood; store nothing')
    .option('--by <name>', '操作人，默认为系统用户名 / who does it, default the name of the account')
    .option('--why <text>', '原因 / why')
    .option('--json', '输出 JSON / print JSON')
    .action(importReport);
  report
    .command('list')
    .description('列出各月各县的版本 / list the versions by month and county')
    .option('--json', '输出 JSON / print JSON')
    .action(list);
  report
    .command('show')
    .description(
      '已导入的文件；给出编号则列出不计的行、问题和说明 / files that were imported; of one what does not count, and why',
    )
    .argument('[report]', '编号，可只写开头 / id, or its beginning')
    .option('--json', '输出 JSON / print JSON')
    .action(show);
}
