import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ledgerSchema } from '../../pipeline/ledger/ledger-format.ts';
import { simulate } from '../../scripts/simulate/simulate.ts';
import { tianwatch } from '../support/run-command.ts';

const isLong = process.env['TIANWATCH_LONG'] === '1';
const title = isLong
  ? 'the ledger of the whole simulated programme'
  : 'the ledger of the whole simulated programme (skipped: a long test)';

describe.skipIf(!isLong)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-ledger-'));
  const at = (path: string): string => join(folder, path);
  const data = { data: at('data') };
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('balances over 65 projects, 7 counties and 72 towns, and prints plan, report, observation and gap of each', async () => {
    const dates = ['2025-08-15', '2026-10-10'];
    await simulate({ seed: 1, size: 512, gsd: '10', looks: 2, dates, programme: 'whole' }, at('sim'));
    const asOf = ['--as-of', '2025-07-31'];
    const commands = [
      ['baseline', 'import', at('sim/survey/DLTB.shp'), '--kind', 'land-survey', ...asOf],
      ['baseline', 'import', at('sim/survey/YJJBNTBHTB.shp'), '--kind', 'permanent-farmland', ...asOf],
      ['baseline', 'import', at('sim/survey/permit.geojson'), '--kind', 'permit', ...asOf],
      ['project', 'import', at('sim/programme/project.geojson'), ...asOf],
      ['project', 'import', at('sim/programme/sub-project.geojson'), ...asOf],
      ['report', 'import', at('sim/programme/monthly-report.csv')],
      [
        'run',
        '--before',
        at('sim/scenes/simulated_sentinel-2_20250815.tif'),
        '--after',
        at('sim/scenes/simulated_sentinel-2_20261010.tif'),
        '--baseline',
        '--project',
        '--out',
        at('result'),
      ],
    ];
    for (const command of commands) {
      const { exit, stderr } = await tianwatch(command, data);
      expect(exit, stderr).toBe(0);
    }
    const { stdout } = await tianwatch(['ledger', '--month', '2026-10', '--json'], data);
    const ledger = ledgerSchema.parse(JSON.parse(stdout));
    expect([ledger.projects.length, ledger.counties.length, ledger.towns.length]).toEqual([65, 7, 72]);
    expect(ledger.projects.filter(({ towns }) => towns.length > 1)).toHaveLength(10);
    for (const figure of ['planned', 'reported', 'observed', 'unobserved', 'claimedNotSeen', 'outside'] as const)
      for (const rows of [ledger.counties, ledger.towns, ledger.projects, ledger.works, ledger.parts]) {
        const sumM2 = rows.reduce((sum, row) => sum + row[`${figure}M2`], 0);
        expect(Math.abs(sumM2 - ledger.city[`${figure}M2`]), figure).toBeLessThan(0.01);
        const hundredths = rows.reduce((sum, row) => sum + Math.round(100 * row[`${figure}Mu`]), 0);
        expect(hundredths, figure).toBe(Math.round(100 * ledger.city[`${figure}Mu`]));
      }
    for (const row of [...ledger.parts, ...ledger.projects]) {
      expect(Math.abs(row.reportedM2 - row.observedM2 - row.gapM2)).toBeLessThan(0.01);
      const { observedM2, underWayM2, deviatingM2, toleratedM2, idleM2, unclearM2, unobservedM2 } = row;
      const seenM2 = observedM2 + underWayM2 + deviatingM2 + toleratedM2 + idleM2 + unclearM2;
      expect(Math.abs(seenM2 + unobservedM2 - row.groundM2)).toBeLessThan(0.01);
    }
    for (const subject of ['cropland', 'water'] as const)
      for (const key of ['lastYearM2', 'outflowM2', 'lawfulM2', 'gainM2', 'thisYearM2', 'unseenM2'] as const)
        for (const rows of [ledger.balance!.counties, ledger.balance!.towns]) {
          const sumM2 = rows.reduce((sum, row) => sum + row[subject][key], 0);
          expect(Math.abs(sumM2 - ledger.balance!.city[subject][key]), key).toBeLessThan(0.01);
        }
  }, 900_000);
});
