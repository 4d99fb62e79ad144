import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Preview } from '../../workers/registry/preview.ts';
import type { Recorded, Version } from '../../workers/registry/record.ts';
import { holdData } from '../support/data-holder.ts';
import { writeMadeParcels } from '../support/made-survey.ts';
import { type Outcome, tianwatch } from '../support/run-command.ts';
import { parcelRow, squareAt, writeRows } from '../support/survey-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-import-'));
const at = (name: string): string => join(folder, name);
const data = at('data');
let holder: { close(): Promise<void> };

beforeAll(async () => {
  await writeMadeParcels(at('DLTB'), { columns: 8, rows: 5, ringPoints: 20 });
  await writeMadeParcels(at('corrected'), { columns: 8, rows: 4, ringPoints: 20 });
  holder = await holdData(data);
});
afterAll(async () => {
  await holder.close();
  rmSync(folder, { recursive: true, force: true });
});

const survey = (file: string, ...flags: readonly string[]): Promise<Outcome> =>
  tianwatch(['baseline', 'import', at(file), '--kind', 'land-survey', ...flags], { data });

/** What a command printed with --json. */
function printed({ stdout, stderr, exit }: Outcome): { readonly preview: Preview; readonly recorded: Recorded | null } {
  expect(exit, stderr).toBe(0);
  return JSON.parse(stdout) as { preview: Preview; recorded: Recorded | null };
}

describe('tianwatch baseline import', () => {
  it('looks first, then keeps versions that a later date supersedes', { timeout: 120_000 }, async () => {
    expect(printed(await survey('DLTB.shp', '--preview', '--json')).recorded).toBeNull();
    const first = printed(await survey('DLTB.shp', '--json', '--by', '李工', '--why', '年度变更'));
    expect(first.recorded).toMatchObject({ isNew: true, version: { importedBy: '李工', features: 40 } });
    const again = await survey('DLTB.shp');
    expect(again).toMatchObject({ exit: 0, stdout: expect.stringContaining('the same version is there already') });
    const other = await survey('corrected.shp');
    expect(other).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/^CONFLICT: .*2024-12-31.*DLTB\.shp.*李工.*--as-of/),
    });
    const later = printed(await survey('corrected.shp', '--as-of', '2025-12-31', '--json'));
    expect(later.recorded?.superseded).toMatchObject([{ asOf: '2024-12-31' }]);
    const listed = await tianwatch(['baseline', 'list', '--json'], { data });
    const versions = JSON.parse(listed.stdout) as Version[];
    expect(versions.map(({ asOf, state }) => [asOf, state])).toEqual([
      ['2025-12-31', 'current'],
      ['2024-12-31', 'superseded'],
    ]);
    expect(first.preview.areaM2).toBeCloseTo(versions[1]!.areaM2, 1);
  });

  it('names row and code of a land code that does not exist', { timeout: 120_000 }, async () => {
    writeRows(at('code.geojson'), [parcelRow(0), parcelRow(1, { DLBM: '0199' })]);
    const outcome = await survey('code.geojson', '--as-of', '2026-06-01');
    expect(outcome).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^INPUT_INVALID: .*row 2: .*"0199"/) });
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('is told wrong use apart from wrong files', { timeout: 120_000 }, async () => {
    expect(await survey('DLTB.shp', '--as-of', '2025-02-30')).toMatchObject({ exit: 2 });
    expect(await survey('DLTB.shp', '--as-of', '2099-12-31')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('later than today'),
    });
    expect(await survey('DLTB.shp', '--zone', 'grain')).toMatchObject({ exit: 2 });
  });
});

describe('tianwatch project import', () => {
  const project = (id: string, x: number, county = '330411') => ({
    rings: [squareAt(x, 0, 100)],
    properties: { id, name: `项目${id}`, county, towns: `${county}104`, stage: '实施', startDate: '2025-03-01' },
  });
  const add = (file: string, ...flags: readonly string[]): Promise<Outcome> =>
    tianwatch(['project', 'import', at(file), ...flags], { data });

  it(
    'merges projects by id, refuses one outside its county, and lists them with their parts',
    { timeout: 120_000 },
    async () => {
      writeRows(at('first.geojson'), [project('A', 20), project('B', 130)]);
      expect(printed(await add('first.geojson', '--as-of', '2026-01-01', '--json')).recorded?.version.features).toBe(2);
      writeRows(at('second.geojson'), [project('C', 9000)]);
      const outside = await add('second.geojson', '--as-of', '2026-02-01');
      expect(outside).toMatchObject({
        exit: 1,
        stderr: expect.stringMatching(/OUTSIDE_COUNTY, row 1: C names the county 330411, but 0 %/),
      });
      const accepted = printed(
        await add('second.geojson', '--as-of', '2026-02-01', '--accept', 'OUTSIDE_COUNTY', '--json'),
      );
      expect(accepted.recorded?.version.features).toBe(3);
      const part = { id: 'A-1', project: 'A', work: 'added', plannedCode: '0101', town: '330411104', plannedM2: 2400 };
      writeRows(at('parts.geojson'), [{ rings: [squareAt(25, 5, 50)], properties: part }]);
      expect(await add('parts.geojson', '--as-of', '2026-02-01')).toMatchObject({ exit: 0 });
      const listed = await tianwatch(['project', 'list'], { data });
      expect(listed.stdout).toMatch(/^A {2}项目A {2}330411.*\n {2}A-1 {2}added {2}0101 {2}330411104 {2}3\.6 亩\nB /);
    },
  );
});

describe('a data folder that nobody holds', () => {
  it('is taken by the command itself', { timeout: 120_000 }, async () => {
    const own = at('own');
    const args = ['baseline', 'import', at('DLTB.shp'), '--kind', 'zone', '--zone', 'grain', '--json'];
    expect(printed(await tianwatch(args, { data: own })).recorded).toMatchObject({
      isNew: true,
      version: { zone: 'grain' },
    });
    const listed = await tianwatch(['baseline', 'list'], { data: own });
    expect(listed.stdout).toMatch(/^[0-9a-f]{12} {2}current +zone grain +2024-12-31 /);
  });
});
