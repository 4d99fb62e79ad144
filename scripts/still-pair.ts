import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { categories } from '../pipeline/rule/reason.ts';
import { step } from './demo/step.ts';
import { tableText } from './score/text.ts';

/**
 * `npx tsx scripts/still-pair.ts [--seeds 1,2,3] [--size 512] [--dates 2026-05-12,2026-06-15]`: landscapes whose ground
 * stays while wheat is harvested and paddies are flooded. What is called non-farm or non-grain there is a false alarm;
 * review is right. Exit code 1 where there is such an alarm.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    size: { type: 'string', default: '512' },
    dates: { type: 'string', default: '2026-05-12,2026-06-15' },
  },
});

const patchesSchema = z.object({
  features: z.array(
    z.object({ properties: z.object({ state: z.enum(['suspected', 'watch']), category: z.enum(categories) }) }),
  ),
});

/** Suspected patches of a still pair by category. */
async function alarmsOf(seed: string): Promise<ReadonlyMap<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'tianwatch-still-'));
  const quiet = { dataFolder: join(folder, 'data'), isQuiet: true };
  const [landscape, result] = [join(folder, 'landscape'), join(folder, 'result')];
  const still = ['--size', values.size, '--dates', values.dates, '--changes', 'none'];
  try {
    await step(['simulate', '--seed', seed, ...still, '--out', landscape], quiet);
    const survey = join(landscape, 'survey', 'DLTB.shp');
    await step(['baseline', 'import', survey, '--kind', 'land-survey', '--yes', '--json'], quiet);
    const scenes = (await readdir(join(landscape, 'scenes'))).filter((name) => name.endsWith('.tif')).sort();
    const [before, after] = [scenes[0]!, scenes.at(-1)!].map((name) => join(landscape, 'scenes', name));
    await step(['run', '--before', before!, '--after', after!, '--baseline', 'current', '--out', result], quiet);
    const { features } = patchesSchema.parse(JSON.parse(await readFile(join(result, 'patches.geojson'), 'utf8')));
    const counts = new Map<string, number>();
    for (const { properties } of features)
      if (properties.state === 'suspected') counts.set(properties.category, (counts.get(properties.category) ?? 0) + 1);
    return counts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const rows: string[][] = [['种子 seed', ...categories]];
for (const seed of values.seeds.split(',')) {
  const counts = await alarmsOf(seed);
  rows.push([seed, ...categories.map((category) => String(counts.get(category) ?? 0))]);
  if (counts.has('non-farm') || counts.has('non-grain')) process.exitCode = 1;
}
process.stdout.write(`\n${tableText(rows)}\n`);
