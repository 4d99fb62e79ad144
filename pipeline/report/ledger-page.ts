import { balanceColumns, balanceRowsMu } from '../ledger/balance-table.ts';
import type { LedgerDocument } from '../ledger/ledger-format.ts';
import { style } from './style.ts';
import { both, escape, number, percent, section, table } from './words.ts';

type Row = LedgerDocument['city'];

const mu = (value: number): string => number(value, 2);

const figureHead = [
  both('计划', 'planned'),
  both('上报', 'reported'),
  both('观测', 'observed'),
  both('差额', 'gap'),
  both('报而未见', 'claimed, not seen'),
  both('施工', 'under way'),
  both('未观测', 'unobserved'),
  both('已观测', 'seen'),
];

const figureCells = (row: Row): readonly string[] => [
  mu(row.plannedMu),
  mu(row.reportedMu),
  mu(row.observedMu),
  mu(row.gapMu),
  mu(row.claimedNotSeenMu),
  mu(row.underWayMu),
  mu(row.unobservedMu),
  percent(row.observedFraction),
];

/** The ledger of a month as one self-contained page, areas in 亩: no script, no outside reference. */
export function renderLedger(ledger: LedgerDocument): string {
  const title = `整治台账 ${ledger.month}`;
  const dates = [...new Set(ledger.looks.map(({ date }) => date))].join('、') || '无 none';
  return [
    '<!doctype html><html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escape(title)}</title><style>${style}</style></head><body>`,
    `<header><p class="brand">天田 Tianwatch</p><h1>${both('整治台账', 'Ledger of land consolidation')}</h1>
<p class="dates">${escape(ledger.month)}</p>
<p class="notice">${both('影像所见均为线索，须实地核查；未观测的地块不等于没有变化。单位：亩。', 'What looks show are clues to be checked in the field; ground that was not seen is not unchanged. Areas in mu.')}</p>
<p>${both('影像日期', 'looks')}: ${escape(dates)}</p></header>`,
    levels(ledger),
    claims(ledger),
    balances(ledger),
    targets(ledger),
    tendings(ledger),
    notes(ledger),
    '</body></html>\n',
  ].join('\n');
}

function levels({ city, counties, towns, projects, works, countyWorks }: LedgerDocument): string {
  const total = [both('合计', 'total'), '', ...figureCells(city)];
  const names = new Map(towns.map(({ code, name }) => [code, name]));
  const townName = (code: string): string => names.get(code) ?? code;
  const head = (zh: string, en: string): readonly string[] => [both(zh, en), both('项目', 'projects'), ...figureHead];
  const places = (
    rows: readonly (Row & { readonly code: string; readonly name: string; readonly projects: number })[],
  ) => rows.map((row) => [`${escape(row.name)} <code>${row.code}</code>`, String(row.projects), ...figureCells(row)]);
  return [
    section('分县', 'By county', table(head('县（市、区）', 'county'), [...places(counties), total])),
    section(
      '分工程',
      'By work',
      table(
        [both('工程', 'work'), ...figureHead],
        works.map((row) => [both(row.workZh, row.work), ...figureCells(row)]),
      ),
    ),
    section(
      '分县分工程',
      'By county and work',
      table(
        [both('县（市、区）', 'county'), both('工程', 'work'), ...figureHead],
        countyWorks
          .filter(({ parts }) => parts > 0)
          .map((row) => [escape(row.name), both(row.workZh, row.work), ...figureCells(row)]),
      ),
    ),
    section(
      '分项目',
      'By project',
      table(
        [both('项目', 'project'), both('首见动工', 'begun'), ...figureHead],
        projects.map((row) => [
          `${escape(row.name)}<br><code>${escape(row.project)}</code> ${escape(row.towns.map(townName).join('、'))}`,
          row.startedOn ?? '',
          ...figureCells(row),
        ]),
      ),
    ),
    section('分镇', 'By town', table(head('镇（街道）', 'town'), places(towns.filter(({ parts }) => parts > 0)))),
  ].join('\n');
}

function claims({ claimedNotSeen }: LedgerDocument): string {
  if (claimedNotSeen.length === 0) return '';
  return section(
    '报而未见',
    'Claimed and not seen',
    table(
      [both('子项目', 'sub-project'), both('镇街', 'town'), both('工程', 'work'), both('面积', 'area')],
      claimedNotSeen.map(({ subProject, townName, workZh, work, areaMu }) => [
        `<code>${escape(subProject)}</code>`,
        escape(townName),
        both(workZh, work),
        mu(areaMu),
      ]),
    ),
  );
}

function balances({ balance }: LedgerDocument): string {
  if (balance === null) return '';
  const names = [...balance.counties.map(({ name }) => name || '地块之外'), '合计'];
  const of = (subject: 'cropland' | 'water'): string => {
    const rows = balanceRowsMu(
      subject,
      balance.counties.map((row) => row[subject]),
    );
    return table(
      [both('县', 'county'), ...balanceColumns[subject].map(({ zh, en }) => both(zh, en))],
      names.map((name, i) => [escape(name), ...rows[i]!.map(mu)]),
    );
  };
  return [
    section('耕地进出平衡与占补平衡', `Cropland in and out, ${balance.year} up to the month`, of('cropland')),
    section('水域占补平衡', 'Water', of('water')),
  ].join('\n');
}

function tendings({ tending }: LedgerDocument): string {
  if (tending.length === 0) return '';
  const why = ({ zh, en, parcels, areaM2 }: (typeof tending)[number]['reasons'][number]): string =>
    `${both(zh, en)}${parcels === 0 ? '' : ` ${parcels}（${number((areaM2 * 3) / 2000, 2)}）`}`;
  return section(
    '管护与拨付',
    'Tending and payment',
    table(
      [
        both('项目', 'project'),
        both('管护期', 'tending period'),
        both('拨付', 'payment'),
        both('作物年', 'crop year'),
        both('依据：地块数（亩）', 'because: parcels (mu)'),
      ],
      tending.map(({ project, from, to, isWatched, isPaymentHeld, year, reasons }) => [
        `<code>${escape(project)}</code>`,
        from === null
          ? both('未竣工', 'no end yet')
          : `${from} - ${to}${isWatched ? ` ${both('管护中', 'watched')}` : ''}`,
        isPaymentHeld ? both('暂缓', 'held') : both('可拨付', 'free'),
        year === null ? '' : String(year),
        reasons.map(why).join('<br>'),
      ]),
    ),
  );
}

function targets({ targets: rows }: LedgerDocument): string {
  const value = (unit: string, of: number | null): string => (of === null ? '' : unit === '亩' ? mu(of) : String(of));
  const share = (fraction: number | null): string => (fraction === null ? '' : percent(fraction));
  return section(
    '2027 年目标',
    'Targets of 2027',
    table(
      ['', both('目标', 'target'), both('计划', 'planned'), both('上报', 'reported'), '', both('观测', 'observed'), ''],
      rows.map((row) => [
        `${escape(row.zh)}（${row.unit}）`,
        value(row.unit, row.target2027),
        value(row.unit, row.planned),
        value(row.unit, row.reported),
        share(row.reportedFraction),
        value(row.unit, row.observed),
        share(row.observedFraction),
      ]),
    ),
  );
}

function notes({ notes: all }: LedgerDocument): string {
  if (all.length === 0) return '';
  return section('说明', 'Notes', `<ul>${all.map(({ zh, en }) => `<li>${both(zh, en)}</li>`).join('')}</ul>`);
}
