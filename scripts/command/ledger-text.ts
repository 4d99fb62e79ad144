import { balanceColumns, balanceRowsMu } from '../../pipeline/ledger/balance-table.ts';
import type { LedgerDocument } from '../../pipeline/ledger/ledger-format.ts';
import { areaFigures } from '../../pipeline/ledger/figures.ts';
import { tableText } from '../../pipeline/rule/csv-table.ts';
import type { ProjectTending } from '../../pipeline/season/tending-group.ts';

export const ledgerLevels = ['city', 'county', 'town', 'work', 'project', 'part'] as const;
export type LedgerLevel = (typeof ledgerLevels)[number];

type Row = LedgerDocument['city'];
interface NamedRow {
  readonly names: Readonly<Record<string, string>>;
  readonly row: Row;
}

/** Rows of a level with what they are called. */
function rowsOf(ledger: LedgerDocument, level: LedgerLevel): readonly NamedRow[] {
  switch (level) {
    case 'city':
      return [{ names: { code: '', name: '全市' }, row: ledger.city }];
    case 'county':
      return ledger.counties.map((row) => ({ names: { code: row.code, name: row.name }, row }));
    case 'town':
      return ledger.towns.map((row) => ({ names: { code: row.code, name: row.name, county: row.county }, row }));
    case 'work':
      return ledger.countyWorks.map((row) => ({
        names: { code: row.code, name: `${row.name} ${row.workZh}`, work: row.work },
        row,
      }));
    case 'project':
      return ledger.projects.map((row) => ({
        names: {
          code: row.project,
          name: row.name,
          county: row.county,
          towns: row.towns.join(' '),
          ...tendingNames(ledger, row.project),
        },
        row,
      }));
    case 'part':
      return ledger.parts.map((row) => ({
        names: {
          code: row.subProject,
          name: `${row.workZh} ${row.townName}`,
          project: row.project,
          work: row.work,
          town: row.town,
          state: row.state,
          startedOn: row.startedOn ?? '',
          finishedOn: row.finishedOn ?? '',
          lastLook: row.lastLook ?? '',
        },
        row,
      }));
  }
}

/** Whether payment is held, as spreadsheets read it. */
function tendingNames({ tending }: LedgerDocument, project: string): Readonly<Record<string, string>> {
  const own = tending.find((one) => one.project === project);
  return {
    tendingTo: own?.to ?? '',
    payment: own?.isPaymentHeld === false ? 'free' : 'held',
    paymentWhy: own?.reasons.map(({ zh }) => zh).join('；') ?? '',
  };
}

/** Tending and payment of a project in one line. */
export function tendingLine({ project, from, to, isPaymentHeld, isWatched, year, reasons }: ProjectTending): string {
  const period = from === null ? '未竣工 no end yet' : `${from} - ${to}${isWatched ? ' 管护中 watched' : ''}`;
  const why = reasons.map(({ zh, en, parcels, areaM2 }) => {
    const size = parcels === 0 ? '' : `: ${parcels} 个地块 parcels, ${mu((areaM2 * 3) / 2000)} 亩`;
    return `${zh} ${en}${size}`;
  });
  const state = isPaymentHeld ? '暂缓拨付 payment held' : '可拨付 free to pay';
  return `${project}  ${period}  ${state}  ${year === null ? '' : `${year}: `}${why.join('; ')}`;
}

/** One line a project whose payment is held or free, by project; else how many are held. */
function tendingLines({ tending }: LedgerDocument, level: LedgerLevel): readonly string[] {
  if (tending.length === 0) return [];
  const held = tending.filter(({ isPaymentHeld }) => isPaymentHeld).length;
  const head = `管护与拨付 tending and payment: 暂缓 held ${held}，可拨付 free ${tending.length - held}`;
  if (level !== 'project') return ['', `${head} (--by project)`];
  return ['', head, ...tending.map((one) => `  ${tendingLine(one)}`)];
}

/** Columns that a terminal takes for a character: Chinese ones are twice as wide. */
const widthOf = (text: string): number => [...text].reduce((sum, character) => sum + (character > '\u2E7F' ? 2 : 1), 0);
const padded = (text: string, width: number, isRight: boolean): string => {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isRight ? `${space}${text}` : `${text}${space}`;
};

/** A table for a terminal: the first `left` columns to the left, numbers to the right. */
function terminalTable(head: readonly string[], rows: readonly (readonly string[])[], left: number): readonly string[] {
  const widths = head.map((name, i) => Math.max(widthOf(name), ...rows.map((cells) => widthOf(cells[i] ?? ''))));
  return [head, ...rows].map((cells) =>
    cells
      .map((cell, i) => padded(cell, widths[i]!, i >= left))
      .join('  ')
      .trimEnd(),
  );
}

const mu = (value: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

const heads = [
  '编号 code',
  '名称 name',
  '计划 planned',
  '上报 reported',
  '观测 observed',
  '差额 gap',
  '报而未见 not seen',
  '施工 under way',
  '未观测 unobserved',
  '已观测 seen',
];

function figureLines(ledger: LedgerDocument, level: LedgerLevel): readonly string[] {
  const cells = ({ names, row }: NamedRow): readonly string[] => [
    names['code'] ?? '',
    names['name'] ?? '',
    mu(row.plannedMu),
    mu(row.reportedMu),
    mu(row.observedMu),
    mu(row.gapMu),
    mu(row.claimedNotSeenMu),
    mu(row.underWayMu),
    mu(row.unobservedMu),
    percent(row.observedFraction),
  ];
  const shown = rowsOf(ledger, level).filter(({ row }) => !['town', 'work'].includes(level) || row.parts > 0);
  const total: NamedRow = { names: { code: '', name: '合计 total' }, row: ledger.city };
  return terminalTable(heads, [...shown, ...(level === 'city' ? [] : [total])].map(cells), 2);
}

function balanceLines({ balance, counties }: LedgerDocument): readonly string[] {
  if (balance === null) return [];
  const known = new Set(counties.map(({ code }) => code));
  const names = balance.counties.map(({ code, name }) => (known.has(code) ? name : code || '地块之外 no parcel'));
  const lines = (subject: 'cropland' | 'water'): readonly string[] => {
    const rows = balanceRowsMu(
      subject,
      balance.counties.map((row) => row[subject]),
    );
    const head = ['', ...balanceColumns[subject].map(({ zh, en }) => `${zh} ${en}`)];
    const named = [...names, '合计 total'].map((name, i) => [name, ...rows[i]!.map(mu)]);
    return terminalTable(head, named, 1);
  };
  return [
    '',
    `耕地进出平衡与占补平衡（${balance.year} 年初至月末，亩）cropland in and out since the beginning of ${balance.year}`,
    ...lines('cropland'),
    '',
    '水域占补平衡（亩）water',
    ...lines('water'),
  ];
}

function targetLines({ targets }: LedgerDocument): readonly string[] {
  const share = (fraction: number | null): string => (fraction === null ? '' : percent(fraction));
  const value = (unit: string, of: number | null): string => (of === null ? '' : unit === '亩' ? mu(of) : String(of));
  return [
    '',
    '2027 年目标 targets of 2027',
    ...terminalTable(
      ['', '目标 target', '计划 planned', '上报 reported', '', '观测 observed', ''],
      targets.map(({ zh, unit, target2027, planned, reported, observed, reportedFraction, observedFraction }) => [
        `${zh}（${unit}）`,
        value(unit, target2027),
        value(unit, planned),
        value(unit, reported),
        share(reportedFraction),
        value(unit, observed),
        share(observedFraction),
      ]),
      1,
    ),
  ];
}

/** A ledger for people: Chinese first, areas in 亩. */
export function ledgerLines(ledger: LedgerDocument, level: LedgerLevel): readonly string[] {
  const dates = [...new Set(ledger.looks.map(({ date }) => date))];
  return [
    `台账 ledger ${ledger.month}：项目 ${ledger.projects.length} projects，子项目部分 ${ledger.parts.length} parts，影像日期 looks ${dates.join(' ') || '无 none'}；单位：亩`,
    '',
    ...figureLines(ledger, level),
    ...balanceLines(ledger),
    ...targetLines(ledger),
    ...tendingLines(ledger, level),
    ...(ledger.claimedNotSeen.length === 0
      ? []
      : ['', `报而未见 claimed and not seen: ${ledger.claimedNotSeen.length}`]),
    ...ledger.claimedNotSeen
      .slice(0, 10)
      .map(({ subProject, workZh, townName, areaMu }) => `  ${subProject}  ${townName}  ${workZh}  ${mu(areaMu)} 亩`),
    ...(ledger.notes.length === 0 ? [] : ['']),
    ...ledger.notes.map(({ code, zh, en }) => `提示 ${code}: ${zh} / ${en}`),
  ];
}

const csvFigures = [...areaFigures, 'ground', 'gap'] as const;

/** The rows of a level as spreadsheets read them: m² and 亩, which add up. */
export function ledgerCsv(ledger: LedgerDocument, level: LedgerLevel): string {
  const rows = rowsOf(ledger, level);
  const names = Object.keys(rows[0]?.names ?? { code: '', name: '' });
  return tableText([
    [
      'month',
      ...names,
      ...csvFigures.map((figure) => `${figure}M2`),
      ...csvFigures.map((figure) => `${figure}Mu`),
      'observedFraction',
    ],
    ...rows.map(({ names: named, row }) => [
      ledger.month,
      ...names.map((name) => named[name] ?? ''),
      ...csvFigures.map((figure) => row[`${figure}M2`].toFixed(4)),
      ...csvFigures.map((figure) => row[`${figure}Mu`].toFixed(2)),
      row.observedFraction.toFixed(4),
    ]),
  ]);
}
