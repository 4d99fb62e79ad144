import { join } from 'node:path';
import { z } from 'zod';
import { step } from './step.ts';

const importedSchema = z.object({
  preview: z.object({
    rows: z.number(),
    areaMu: z.number(),
    crs: z.object({ name: z.string() }),
    encoding: z.string().nullable(),
    problems: z.array(z.unknown()),
  }),
});

/** What a user would import before the first run. */
function wordsOf(landscape: string, dates: { readonly before: string; readonly after: string }) {
  const survey = (file: string, ...words: readonly string[]) => ({
    file,
    words: ['baseline', 'import', join(landscape, 'survey', file), '--kind', ...words],
  });
  const programme = (file: string) => ({
    file,
    words: ['project', 'import', join(landscape, 'programme', file), '--as-of', dates.before],
  });
  return [
    survey('DLTB.shp', 'land-survey'),
    survey('YJJBNTBHTB.shp', 'permanent-farmland', '--as-of', '2024-12-31'),
    survey('grain-zone.geojson', 'zone', '--zone', 'grain', '--as-of', '2024-12-31'),
    survey('permit.geojson', 'permit', '--as-of', dates.after),
    programme('project.geojson'),
    programme('sub-project.geojson'),
  ];
}

/** Imports survey, permanent farmland, grain zones, permits and projects of a simulation, a line for each. */
export async function importAll(
  landscape: string,
  dates: { readonly before: string; readonly after: string },
  dataFolder: string,
): Promise<void> {
  for (const { file, words } of wordsOf(landscape, dates)) {
    const text = await step([...words, '--yes', '--json'], { dataFolder, isQuiet: true });
    const { rows, areaMu, crs, encoding, problems } = importedSchema.parse(JSON.parse(text)).preview;
    const mu = Math.round(areaMu).toLocaleString('en-US');
    process.stdout.write(
      `${file}: ${rows.toLocaleString('en-US')} 行 rows, ${mu} 亩, ${crs.name}, ${encoding ?? ''}, 问题 problems: ${problems.length}\n`,
    );
  }
}
