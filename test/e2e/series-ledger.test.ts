import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ledgerSchema } from '../../pipeline/ledger/ledger-format.ts';
import { seriesManifestSchema } from '../../pipeline/report/series-formats.ts';
import { simulate } from '../../scripts/simulate/simulate.ts';
import { tianwatch } from '../support/run-command.ts';

const isLong = process.env['TIANWATCH_LONG'] === '1';
const title = isLong ? 'the ledger of a series' : 'the ledger of a series (skipped: a long test)';

describe.skipIf(!isLong)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-series-ledger-'));
  const at = (path: string): string => join(folder, path);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const give = async (data: string, command: readonly string[]): Promise<string> => {
    const { exit, stdout, stderr } = await tianwatch(command, { data: at(data) });
    expect(exit, stderr).toBe(0);
    return stdout;
  };
  const importAll = async (data: string): Promise<void> => {
    const asOf = ['--as-of', '2025-07-31'];
    await give(data, ['baseline', 'import', at('sim/survey/DLTB.shp'), '--kind', 'land-survey', ...asOf]);
    for (const name of ['project', 'sub-project'])
      await give(data, ['project', 'import', at(`sim/programme/${name}.geojson`), ...asOf]);
  };
  const series = async (data: string, out: string): Promise<unknown> => {
    const layers = ['--baseline', '--project', '--model', 'none', '--threads', '1', '--json'];
    return JSON.parse(await give(data, ['series', '--scenes', at('sim/scenes'), '--out', at(out), ...layers]));
  };

  it('is the same in whatever steps the scenes come, and planting.csv is among the outputs', async () => {
    const dates = ['2025-08-15', '2026-07-20', '2026-08-25', '2026-10-10'];
    await simulate({ seed: 1, size: 128, gsd: '10', looks: 4, dates }, at('sim'));
    await importAll('a');
    expect(await series('a', 'out')).toMatchObject({ recorded: { readings: 4 } });
    expect(await series('a', 'again')).toMatchObject({ recorded: { readings: 0 } });
    await importAll('b');
    mkdirSync(at('later'));
    const late = readdirSync(at('sim/scenes')).filter((name) => /20250815|20260825/.test(name));
    for (const name of late) renameSync(at(`sim/scenes/${name}`), at(`later/${name}`));
    expect(await series('b', 'steps')).toMatchObject({ recorded: { readings: 2 } });
    for (const name of late) renameSync(at(`later/${name}`), at(`sim/scenes/${name}`));
    await series('b', 'steps');
    const month = ['ledger', '--month', '2026-10', '--json'];
    const [a, b] = [await give('a', month), await give('b', month)];
    expect(b).toBe(a);
    const ledger = ledgerSchema.parse(JSON.parse(a));
    expect(ledger.looks.map(({ date }) => date)).toEqual(dates);
    expect(ledger.city.groundM2 - ledger.city.unobservedM2).toBeGreaterThan(0);
    const planting = readFileSync(at('out/planting.csv'));
    expect(readFileSync(at('steps/planting.csv')).equals(planting)).toBe(true);
    const { outputs } = seriesManifestSchema.parse(JSON.parse(readFileSync(at('out/run.json'), 'utf8')));
    expect(outputs).toContainEqual(expect.objectContaining({ file: 'planting.csv', bytes: planting.length }));
  }, 900_000);
});
