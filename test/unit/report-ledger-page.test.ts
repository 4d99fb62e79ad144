import { expect, it } from 'vitest';
import { seenCode } from '../../pipeline/ledger/ground-code.ts';
import { ledgerDocument } from '../../pipeline/ledger/ledger-document.ts';
import { ledgerSchema } from '../../pipeline/ledger/ledger-format.ts';
import { observePart } from '../../pipeline/ledger/part-ledger.ts';
import { renderLedger } from '../../pipeline/report/ledger-page.ts';
import { ledgerCsv, ledgerLines } from '../../scripts/command/ledger-text.ts';
import { loadLedgerRules, loadProjectRules, loadRegion, loadRules, loadTowns } from '../../workers/rule/load-rules.ts';

const region = loadRegion();
const rules = loadRules(region);
const projectRules = loadProjectRules(rules);

function madeLedger() {
  const part = {
    project: 'JX001',
    subProject: 'JX001-01',
    work: 'added',
    plannedCode: '0101',
    county: '330411',
    town: '330411104',
    plannedM2: 20_000,
    groundM2: 20_000,
    startDate: null,
    endDate: null,
  } as const;
  const reading = {
    look: 'scene',
    date: '2026-10-10',
    reference: 'first',
    referenceDate: '2025-08-15',
    classes: { 0: 'water', 3: 'crops' },
    cells: Uint8Array.from({ length: 10 }, (_, i) => (i < 4 ? seenCode(3, true) : seenCode(0, false))),
  };
  const facts = { readings: [reading], cellCount: 10, outsideM2: 0 };
  const { look, date, referenceDate } = reading;
  return ledgerDocument({
    month: '2026-10',
    entries: [
      {
        part,
        observation: observePart(part, facts, { month: '2026-10', rules, projectRules }),
        reported: { reportedM2: 12_000, month: '2026-10' },
      },
    ],
    projects: [{ id: 'JX001', name: '新塍 <片区>', county: '330411', towns: ['330411104'], stage: '实施' }],
    looks: [{ look, date, kind: 'satellite', sensor: null, gsdM: 10, referenceDate }],
    balance: null,
    tending: [
      {
        project: 'JX001',
        from: '2023-10-01',
        to: '2026-10-01',
        isWatched: false,
        isPaymentHeld: true,
        year: 2025,
        reasons: [
          { code: 'abandonment-suspected', zh: '疑似抛荒，暂缓拨付', en: 'hold the payment', parcels: 2, areaM2: 2000 },
        ],
      },
    ],
    notes: [{ code: 'NO_LAND_SURVEY', zh: '没有国土调查成果', en: 'no land survey' }],
    counties: region.counties,
    towns: loadTowns(region),
    projectRules,
    ledgerRules: loadLedgerRules(rules),
  });
}

it('a ledger names every county and town, and says plan, report, observation and gap as page, table and text', () => {
  const ledger = madeLedger();
  expect(ledgerSchema.parse(ledger)).toEqual(ledger);
  expect([ledger.counties.length, ledger.towns.length, ledger.targets.length]).toEqual([7, 72, 7]);
  expect(ledger.projects[0]).toMatchObject({
    plannedMu: 30,
    reportedMu: 18,
    observedMu: 12,
    gapMu: 6,
    claimedNotSeenMu: 6,
  });
  expect(ledger.claimedNotSeen).toMatchObject([{ subProject: 'JX001-01', areaMu: 6 }]);
  const page = renderLedger(ledger);
  expect(page).toContain('新塍 &lt;片区&gt;');
  expect(page).toContain('报而未见');
  expect(page).toMatch(/2023-10-01 - 2026-10-01<\/td><td>暂缓.*疑似抛荒，暂缓拨付.* 2（3\.00）/);
  expect(page).toMatch(/JX001<\/code> 新塍镇/);
  expect([ledger.countyWorks.length, ledger.townWorks.length, ledger.projectWorks.length]).toEqual([35, 1, 1]);
  expect(page).not.toMatch(/<script|违法|NaN|undefined/);
  const lines = ledgerLines(ledger, 'project').join('\n');
  expect(lines).toMatch(/JX001 .*30\.00 .*18\.00 .*12\.00 .*6\.00/);
  const [head, ...rows] = ledgerCsv(ledger, 'county').trim().split('\r\n');
  expect(rows).toHaveLength(7);
  expect(head!.split(',')).toHaveLength(rows[0]!.split(',').length);
});
