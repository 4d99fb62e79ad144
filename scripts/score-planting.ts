import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { describeError } from '../pipeline/errors.ts';
import { parseTable } from '../pipeline/rule/csv-table.ts';
import { composeRegistry } from '../workers/compose.ts';
import { type Home, homeAt } from '../workers/home.ts';
import { plantingColumns } from '../workers/season/planting-file.ts';
import { scorePlanting, type ParcelYearTruth } from './score/planting-score.ts';

const truthColumns = ['parcel', 'year', 'winter', 'summer', 'status', 'grainFraction'] as const;
const factsSchema = z.object({ cropYear: z.number(), parcels: z.array(z.object({ id: z.string() })).length(1) });

/** State of the alerts of planting of a data folder by parcel and year, as `parcel year`. */
async function alertsOf(home: Home): Promise<ReadonlyMap<string, string>> {
  const { registry, close } = await composeRegistry(home);
  try {
    const alerts = new Map<string, string>();
    for (const { id, axis, state } of await registry.alerts({ limit: 2000 })) {
      if (axis !== 'planting') continue;
      const { cropYear, parcels } = factsSchema.parse((await registry.alert(id)).facts);
      const key = `${parcels[0]!.id} ${cropYear}`;
      if (alerts.has(key)) throw new Error(`${key} has two alerts.`);
      alerts.set(key, state);
    }
    return alerts;
  } finally {
    await close();
  }
}

/** Parcels of the simulated survey are numbered in the last eight digits of their id. */
const numberOf = (parcel: string): number => Number(parcel.slice(-8));

const [simulation, series, data] = process.argv.slice(2);
if (simulation === undefined || series === undefined || data === undefined) {
  process.stderr.write('npx tsx scripts/score-planting.ts <simulation folder> <series folder> <data folder>\n');
  process.exitCode = 2;
} else {
  try {
    const read = async (path: string, columns: readonly string[]) =>
      parseTable(await readFile(path, 'utf8'), [...columns], path);
    const planted = new Map(
      (await read(join(simulation, 'truth/planting.csv'), truthColumns)).map((row) => [
        `${Number(row['parcel'])} ${row['year']}`,
        row,
      ]),
    );
    const alerts = await alertsOf(homeAt(resolve(data)));
    const said = await read(join(series, 'planting.csv'), plantingColumns);
    const rows = said.flatMap((row): ParcelYearTruth[] => {
      const key = `${row['parcel']} ${row['year']}`;
      const truth = planted.get(`${numberOf(row['parcel']!)} ${row['year']}`);
      if (truth === undefined) return [];
      const [finding, alert] = [row['finding']!, alerts.get(key) ?? null];
      const isTold = finding !== '' && (alert === null || alert === 'withdrawn');
      const { winter, summer } = truth;
      return [
        {
          grainFraction: Number(truth['grainFraction']),
          winter: winter!,
          summer: summer!,
          status: row['status']!,
          finding,
          alert,
          isTold,
        },
      ];
    });
    process.stdout.write(`${JSON.stringify(scorePlanting(rows), null, 2)}\n`);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
