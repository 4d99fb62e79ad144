import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../workers/images/file-sink.ts';
import { isChanged } from './change.ts';
import { openGeojson, writeFeatures, type GeoFeature } from './geojson-file.ts';
import { openGround } from './ground.ts';
import { permitFeatures, projectFeatures, reportTable, subProjectFeatures } from './programme-files.ts';
import { sceneName, simulatedNote, writeLook, writeMosaic, writeTruth } from './raster-files.ts';
import { seedUse, type SeedUse } from './seed-use.ts';
import { mosaicSensor } from './sensor.ts';
import { openShapefile } from './shapefile.ts';
import { farmlandFields, surveyFields } from './survey-fields.ts';
import { farmlandFeatures, grainZoneFeatures, surveyFeatures } from './survey.ts';
import { writePlanting } from './planting-file.ts';
import { stateTable, truthFeatures, withPixels } from './truth-file.ts';
import { makeWorld, type World, type WorldWanted } from './world.ts';

export interface SimulationSummary {
  readonly simulated: string;
  readonly seed: number;
  readonly use: SeedUse;
  readonly sizePx: number;
  readonly gsdM: number;
  readonly epsg: number;
  readonly looks: World['looks'];
  /** absent: none were flown */
  readonly mosaics?: World['mosaics'];
  readonly parcels: number;
  readonly permanentFarmland: number;
  readonly permits: number;
  readonly projects: number;
  readonly changes: number;
  /** of them, changed between the first and the last look */
  readonly changed: number;
}

/**
 * Make a landscape and write it as files a user would have, with the truth beside them.
 *
 * The same request gives the same bytes.
 * @param out an empty or new folder: `scenes/`, `survey/`, `programme/`, `truth/`, `simulation.json`
 */
export async function simulate(
  wanted: WorldWanted,
  out: string,
  onStep: (text: string) => void = () => {},
): Promise<SimulationSummary> {
  const world = makeWorld(wanted);
  const use = seedUse(wanted.seed);
  const folders = {
    scenes: join(out, 'scenes'),
    survey: join(out, 'survey'),
    programme: join(out, 'programme'),
    truth: join(out, 'truth'),
  };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  onStep(`${world.sketch.parcels.length} parcels, ${world.land.count} plots, ${world.changes.length} changes`);
  const ground = openGround(world);
  const collection = { seed: wanted.seed, use };
  const geojson = (path: string) => openGeojson(path, ground, collection);
  const from = ground.frame.crs;
  const { survey, programme, truth } = folders;
  const write = async (path: string, features: Iterable<GeoFeature>) => writeFeatures(features, [await geojson(path)]);
  const parcels = await writeFeatures(surveyFeatures(world, ground), [
    await geojson(join(survey, 'DLTB.geojson')),
    await openShapefile(join(survey, 'DLTB'), { fields: surveyFields, from }),
  ]);
  const permanentFarmland = await writeFeatures(farmlandFeatures(world, ground), [
    await geojson(join(survey, 'YJJBNTBHTB.geojson')),
    await openShapefile(join(survey, 'YJJBNTBHTB'), { fields: farmlandFields, from }),
  ]);
  await write(join(survey, 'grain-zone.geojson'), grainZoneFeatures(world, ground));
  const permits = await write(join(survey, 'permit.geojson'), permitFeatures(world, ground));
  const projects = await write(join(programme, 'project.geojson'), projectFeatures(world, ground));
  await write(join(programme, 'sub-project.geojson'), subProjectFeatures(world, ground, false));
  await write(join(truth, 'sub-project.geojson'), subProjectFeatures(world, ground, true));
  const changes = [...truthFeatures(world, ground)];
  await writeFileAtomic(join(folders.programme, 'monthly-report.csv'), Buffer.from(reportTable(world, ground)));
  await writePlanting(join(folders.truth, 'planting.csv'), world);
  await writeFileAtomic(join(truth, 'states.csv'), Buffer.from(stateTable(world)));
  onStep('vector files');
  letGo(world);
  for (const look of world.looks) {
    await writeLook(world, look, { ...folders, use });
    onStep(sceneName(world, look));
  }
  for (const look of world.mosaics) {
    await writeMosaic(world, look, { ...folders, use });
    onStep(sceneName({ sensor: mosaicSensor }, look));
  }
  const seen = await writeTruth(world, { ...folders, use });
  onStep('truth rasters');
  await write(
    join(truth, 'truth.geojson'),
    changes.map((change, i) => withPixels(change, seen[i]!)),
  );
  const [firstDay, lastDay] = [world.looks[0]!.day, world.looks.at(-1)!.day];
  const summary: SimulationSummary = {
    simulated: simulatedNote,
    seed: wanted.seed,
    use,
    sizePx: world.sizePx,
    gsdM: world.sensor.gsdM,
    epsg: world.sensor.epsg,
    looks: world.looks,
    ...(world.mosaics.length > 0 && { mosaics: world.mosaics }),
    parcels,
    permanentFarmland,
    permits,
    projects,
    changes: world.changes.length,
    changed: world.changes.filter((change) => isChanged(change, firstDay, lastDay)).length,
  };
  await writeFileAtomic(join(out, 'simulation.json'), Buffer.from(`${JSON.stringify(summary, null, 2)}\n`));
  return summary;
}

/** What only the survey needed: the collector would walk its million corners again for every strip of pixels. */
function letGo({ sketch }: World): void {
  sketch.parcels.length = 0;
  sketch.blocks.length = 0;
  sketch.seams.forget();
}
