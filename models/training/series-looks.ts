// Stage `series-looks`: what the encoder says of every look of simulated series, and what the ground really was, for series.py and
// series_memory.py.
// Out: work/series/<seed>/<date>-cover.u8 [6,H,W], -input.i8 [6,H,W] (network input × 30), -seen.u8, -ground.u8 [H,W] (position in the
// grounds of models/series/s2-change.json), and looks.json when all are there. Existing seeds are kept.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unobservedFrom } from '../../pipeline/pair/cloud-class.ts';
import { crowdedGaps } from '../../pipeline/pair/cloud-rim.ts';
import { fitCloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import { maskClouds } from '../../pipeline/pair/cloud.ts';
import { bandQuantiles } from '../../pipeline/pair/quantile.ts';
import { imageTensor, planChannels } from '../../pipeline/segment/tensor.ts';
import { drawChanges, openSites, planChanges } from '../../scripts/simulate/change.ts';
import { simulatedBands } from '../../scripts/simulate/endmember.ts';
import { indexRows } from '../../scripts/simulate/fill.ts';
import type { Look } from '../../scripts/simulate/look.ts';
import { planProgramme } from '../../scripts/simulate/programme.ts';
import { openLook } from '../../scripts/simulate/render.ts';
import { refuseSeed } from '../../scripts/simulate/seed-use.ts';
import { openSky } from '../../scripts/simulate/sky.ts';
import { makeWorld, type World } from '../../scripts/simulate/world.ts';
import { openSeriesModel } from '../runner.thread.ts';
import { loadSeriesModel } from '../series-shelf.ts';
import { loadCard } from '../shelf.ts';
import { groundOn } from './series-ground.ts';

const here = dirname(fileURLToPath(import.meta.url));
const wanted = JSON.parse(readFileSync(join(here, 'series.json'), 'utf8')) as {
  readonly seeds: readonly number[];
  /** of them: as `simulate` makes them */
  readonly plainSeeds: readonly number[];
  readonly heldOutSeed: number;
  readonly sizePx: number;
  readonly looks: number;
  readonly density: number;
  readonly memory: { readonly seeds: readonly number[] };
};
const folder = join(process.env['TIANWATCH_TRAINING'] ?? join(here, 'work'), 'series');
const least = 0.05;

/** As `makeWorld`, with changes drawn `density` times. */
function busyWorld(seed: number, density: number): World {
  const world = makeWorld({ seed, size: wanted.sizePx, gsd: '10', looks: wanted.looks });
  if (density === 1) return world;
  const { sketch, sideM, looks, sensor } = world;
  const span = { sideM, firstDay: looks[0]!.day, lastDay: looks.at(-1)!.day, isSeries: true };
  const sites = openSites(sketch, sideM);
  const programme = planProgramme(sketch, sites, span);
  const drawnTimes = Array.from({ length: density }, () => planChanges(sketch, sites, span));
  const changes = [...programme.works, ...drawnTimes.flat()];
  const drawn = drawChanges(sketch, changes);
  const { plots } = drawn;
  const changed = { points: plots.points(), starts: plots.starts(), count: plots.count() };
  const changedRows = indexRows(changed, { sideM, bandM: Math.max(sideM / 64, 16 * sensor.gsdM) });
  return { ...world, programme, changes, drawn, changed, changedRows };
}

/** Reflectance of a look, and where the product's own cloud mask lets the ground be seen. */
function seenLook(world: World, look: Look) {
  const { sizePx, sensor, sketch, sideM } = world;
  const pixels = sizePx * sizePx;
  const renderer = openLook(world, look, { sensor, sizePx, sky: openSky(look, { seed: sketch.seed, sideM }) });
  const data = Float32Array.from(renderer.rows(0, sizePx), (dn) => dn / 10_000);
  const raster = { data, width: sizePx, height: sizePx, bands: sensor.bands };
  const statistics = fitCloudStatistics([raster], simulatedBands);
  const clouds = maskClouds({ raster, bands: simulatedBands, gsdM: sensor.gsdM, statistics });
  const [hidden, gaps] = [unobservedFrom(clouds, raster, sensor.gsdM), crowdedGaps(clouds, raster)];
  const seen = hidden.map((value, i) => (value === 1 || gaps[i] === 1 ? 0 : 1));
  for (let i = 0; i < pixels; i++) if (seen[i] === 0) for (let at = i; at < data.length; at += pixels) data[at] = Number.NaN;
  return { raster, seen, share: seen.reduce((sum: number, value) => sum + value, 0) / pixels };
}

const loaded = loadCard('s2-change');
const grounds = loadSeriesModel(loaded.card)!.model.grounds.map(({ name }) => name);
const encoder = await openSeriesModel(loaded);
const input = { ...loaded.card.input, tensors: ['image'], matchAfterToBefore: false };
for (const seed of new Set([...wanted.seeds, ...wanted.memory.seeds, wanted.heldOutSeed])) {
  refuseSeed(seed, 'training');
  const out = join(folder, String(seed));
  if (existsSync(join(out, 'looks.json'))) continue;
  mkdirSync(out, { recursive: true });
  const world = busyWorld(seed, [...wanted.plainSeeds, wanted.heldOutSeed].includes(seed) ? 1 : wanted.density);
  const dates: string[] = [];
  for (const look of world.looks) {
    if (look.cloudFraction >= 1) continue;
    const { raster, seen, share } = seenLook(world, look);
    if (share < least) continue;
    const statistics = bandQuantiles([{ before: raster, after: raster, observed: seen }], 'before', simulatedBands);
    const data = imageTensor(input, planChannels(input, { statistics, radiometry: 'reflectance' }), raster);
    const { cover } = await encoder.encode({ data, width: world.sizePx, height: world.sizePx });
    const write = (part: string, bytes: NodeJS.ArrayBufferView): void =>
      writeFileSync(join(out, `${look.date}-${part}`), bytes);
    write('cover.u8', cover);
    write('input.i8', Int8Array.from(data, (value) => Math.min(127, Math.max(-127, Math.round(value * 30)))));
    write('seen.u8', seen);
    write('ground.u8', groundOn(world, look.day, grounds));
    dates.push(look.date);
  }
  writeFileSync(join(out, 'looks.json'), JSON.stringify({ seed, sizePx: world.sizePx, grounds, dates }));
  process.stdout.write(`${seed}: ${dates.length} looks, ${world.changes.length} changes\n`);
}
await encoder.close();
