import { join } from 'node:path';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { openCogWriter, type CogWriter } from '../../pipeline/raster/cog.ts';
import type { Affine, Crs } from '../../pipeline/types.ts';
import { fileSpools, openFileSink, writeFileAtomic } from '../../workers/images/file-sink.ts';
import { coverClasses } from './cover.ts';
import { categoryCodes } from './change-type.ts';
import { mosaicSensor } from './sensor.ts';
import { simulatedBands } from './endmember.ts';
import type { Look } from './look.ts';
import { openLook } from './render.ts';
import { openSky, skyCodes, type Sky } from './sky.ts';
import { openTruth } from './truth.ts';
import type { World } from './world.ts';

/** What every file of a simulation says of itself. */
export const simulatedNote = 'simulated by tianwatch simulate; not a real image';

/** Rows painted at a time. */
const stripRows = 64;

export interface Frame {
  readonly crs: Crs;
  readonly affine: Affine;
  /** position of the lower left corner of the scene */
  readonly originX: number;
  readonly originY: number;
}

/** Lower left corners near Jiaxing, so that coordinates look familiar. */
const origins: Readonly<Record<number, readonly [number, number]>> = {
  32651: [270_000, 3_370_000],
  4549: [560_000, 3_380_000],
};

export function frameOf({ sensor, sideM }: Pick<World, 'sensor' | 'sideM'>): Frame {
  const [originX, originY] = origins[sensor.epsg]!;
  const { gsdM } = sensor;
  return {
    crs: crsFromEpsg(sensor.epsg),
    affine: [gsdM, 0, originX, 0, -gsdM, originY + sideM],
    originX,
    originY,
  };
}

/** Writes one raster strip by strip under its final name. */
async function writeRaster(
  path: string,
  options: Parameters<typeof openCogWriter>[0],
  fill: (writer: CogWriter) => Promise<void>,
): Promise<void> {
  const sink = await openFileSink(path);
  const writer = await openCogWriter(options);
  try {
    await fill(writer);
    await writer.finish(sink);
    await sink.publish();
  } finally {
    await writer.close();
    await sink.discard();
  }
}

function* stripsOf(sizePx: number): Generator<{ readonly fromRow: number; readonly count: number }> {
  for (let fromRow = 0; fromRow < sizePx; fromRow += stripRows)
    yield { fromRow, count: Math.min(stripRows, sizePx - fromRow) };
}

export interface RasterFolder {
  readonly scenes: string;
  readonly truth: string;
  readonly use: string;
}

export function sceneName({ sensor }: Pick<World, 'sensor'>, { date }: Look): string {
  return `simulated_${sensor.id}_${date.replaceAll('-', '')}`;
}

/** One look: the scene, what a scene's tags cannot say beside it, and its true cloud mask. */
export async function writeLook(world: World, look: Look, folder: RasterFolder): Promise<void> {
  const { sizePx, sensor, sketch, sideM } = world;
  const frame = frameOf(world);
  const sky = openSky(look, { seed: sketch.seed, sideM });
  const renderer = openLook(world, look, { sensor, sky, sizePx });
  const name = sceneName(world, look);
  const common = {
    width: sizePx,
    height: sizePx,
    crs: frame.crs,
    affine: frame.affine,
    spool: fileSpools(folder.scenes),
  };
  const metadata = { SIMULATED: simulatedNote, SIMULATION_SEED: String(sketch.seed), SIMULATION_USE: folder.use };
  await writeRaster(
    join(folder.scenes, `${name}.tif`),
    {
      ...common,
      bands: sensor.bands,
      dtype: 'uint16',
      nodata: 0,
      overview: 'average',
      bandDescriptions: simulatedBands.slice(0, sensor.bands),
      metadata: { ...metadata, ACQUISITION_DATE: look.date, SENSOR: sensor.label },
    },
    async (writer) => {
      for (const { fromRow, count } of stripsOf(sizePx))
        await writer.writeRows({
          data: renderer.rows(fromRow, count),
          width: sizePx,
          height: count,
          bands: sensor.bands,
        });
    },
  );
  const sidecar = { scale: 0.0001, acquired: look.date, sensor: sensor.id };
  await writeFileAtomic(
    join(folder.scenes, `${name}.tif.scene.json`),
    Buffer.from(`${JSON.stringify(sidecar, null, 2)}\n`),
  );
  await writeRaster(
    join(folder.truth, `cloud_${look.date.replaceAll('-', '')}.tif`),
    {
      ...common,
      bands: 1,
      dtype: 'uint8',
      overview: 'mode',
      metadata: { ...metadata, CLASSES: JSON.stringify(swapped(skyCodes)) },
    },
    async (writer) => {
      for (const { fromRow, count } of stripsOf(sizePx))
        await writer.writeRows({ data: cloudRows(sky, world, fromRow, count), width: sizePx, height: count, bands: 1 });
    },
  );
}

/** Reflectance of the largest of 8 bits. */
const brightest = 0.6;

/** A mosaic of a drone, as it comes: red, green and blue of 8 bits, and beside it what its tags cannot say. */
export async function writeMosaic(world: World, look: Look, folder: RasterFolder): Promise<void> {
  const { sketch, sideM } = world;
  const sensor = mosaicSensor;
  const sizePx = Math.round(sideM / sensor.gsdM);
  const frame = frameOf({ sensor, sideM });
  const renderer = openLook(world, look, { sensor, sky: openSky(look, { seed: sketch.seed, sideM }), sizePx });
  const path = join(folder.scenes, `${sceneName({ sensor }, look)}.tif`);
  await writeRaster(
    path,
    {
      width: sizePx,
      height: sizePx,
      crs: frame.crs,
      affine: frame.affine,
      spool: fileSpools(folder.scenes),
      bands: 3,
      dtype: 'uint8',
      nodata: 0,
      overview: 'average',
      metadata: { SIMULATED: simulatedNote, SIMULATION_SEED: String(sketch.seed), SIMULATION_USE: folder.use },
    },
    async (writer) => {
      for (const { fromRow, count } of stripsOf(sizePx))
        await writer.writeRows({
          data: inRedGreenBlue(renderer.rows(fromRow, count)),
          width: sizePx,
          height: count,
          bands: 3,
        });
    },
  );
  const sidecar = { bands: ['R', 'G', 'B'], sensor: sensor.id, acquired: look.date, scale: brightest / 255 };
  await writeFileAtomic(`${path}.scene.json`, Buffer.from(`${JSON.stringify(sidecar, null, 2)}\n`));
}

/** Rows of blue, green and red in 1/10,000 of reflectance, turned round and in 8 bits. */
function inRedGreenBlue(rows: Uint16Array): Uint8Array {
  const plane = rows.length / 3;
  return Uint8Array.from(rows, (_, at) => {
    const band = Math.floor(at / plane);
    const reflectance = rows[(2 - band) * plane + (at % plane)]! / 10_000;
    return Math.min(255, Math.max(1, Math.round((255 * reflectance) / brightest)));
  });
}

const swapped = (codes: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(codes).map(([name, code]) => [String(code), name]));

function cloudRows(sky: Sky, { sizePx, sensor, sideM }: World, fromRow: number, count: number): Uint8Array {
  const out = new Uint8Array(count * sizePx);
  for (let i = 0; i < out.length; i++) {
    const row = fromRow + Math.floor(i / sizePx);
    out[i] = sky.code(((i % sizePx) + 0.5) * sensor.gsdM, sideM - (row + 0.5) * sensor.gsdM);
  }
  return out;
}

/** What of a change lies in the raster, and how much of that both looks of a pair saw. */
export interface Seen {
  pixels: number;
  observedPixels: number;
}

/** Classes of the first and the last look, and what changed between them. */
export async function writeTruth(world: World, folder: RasterFolder): Promise<Seen[]> {
  const { sizePx, sensor, looks, sketch, sideM } = world;
  const frame = frameOf(world);
  const [first, last] = [looks[0]!, looks.at(-1)!];
  const skies = [first, last].map((look) => openSky(look, { seed: sketch.seed, sideM }));
  const seen = world.changes.map((): Seen => ({ pixels: 0, observedPixels: 0 }));
  const common = {
    width: sizePx,
    height: sizePx,
    bands: 1,
    dtype: 'uint8',
    crs: frame.crs,
    affine: frame.affine,
    overview: 'mode',
  } as const;
  const metadata = { SIMULATED: simulatedNote, SIMULATION_SEED: String(sketch.seed), SIMULATION_USE: folder.use };
  const classes = JSON.stringify(Object.fromEntries(coverClasses.map((name, code) => [String(code), name])));
  const categories = JSON.stringify({ '0': 'unchanged', ...swapped(categoryCodes) });
  const open = (items: Readonly<Record<string, string>>) =>
    openCogWriter({ ...common, metadata: { ...metadata, ...items } });
  const writers = [
    await open({ CLASSES: classes }),
    await open({ CLASSES: classes }),
    await open({ CLASSES: categories }),
  ];
  const wanted = { gsdM: sensor.gsdM, subPx: sensor.subPx, sizePx, days: [first.day, last.day] } as const;
  const truth = openTruth(world, wanted);
  for (const strip of stripsOf(sizePx)) {
    const rows = truth(strip);
    const data = [...rows.classes, rows.change];
    for (const [i, writer] of writers.entries())
      await writer.writeRows({ data: data[i]!, width: sizePx, height: strip.count, bands: 1 });
    tally(rows.owner, seen, (i) => {
      const row = strip.fromRow + Math.floor(i / sizePx);
      return skies.every(
        (sky) => sky.code(((i % sizePx) + 0.5) * sensor.gsdM, sideM - (row + 0.5) * sensor.gsdM) === 0,
      );
    });
  }
  const names = [`classes_${first.date.replaceAll('-', '')}`, `classes_${last.date.replaceAll('-', '')}`, 'change'];
  for (const [i, writer] of writers.entries()) {
    const sink = await openFileSink(join(folder.truth, `${names[i]}.tif`));
    await writer.finish(sink);
    await sink.publish();
  }
  return seen;
}

function tally(owner: Int32Array, seen: readonly Seen[], isClear: (at: number) => boolean): void {
  for (let i = 0; i < owner.length; i++) {
    if (owner[i] === 0) continue;
    const one = seen[owner[i]! - 1]!;
    one.pixels++;
    if (isClear(i)) one.observedPixels++;
  }
}
