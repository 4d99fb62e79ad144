import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { classMinimumM2, minimumAreaSchema } from '../../pipeline/change/minimum-area.ts';
import { AppError } from '../../pipeline/errors.ts';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { fieldDay } from '../../pipeline/rule/calendar.ts';
import type { Region } from '../../pipeline/rule/region.ts';
import { scoredCategories, sizeClasses } from './score-type.ts';
import { layerOf } from './layer.ts';
import { pixelShare } from './pixel-share.ts';
import { ringsOf, shapeOf, type ShapeFrame } from './shape.ts';
import type { ScoredTrack, TrueEvent } from './track-score.ts';

const polygon = z.array(z.array(z.tuple([z.number(), z.number()])));
const geometrySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: polygon }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(polygon) }),
]);
const polygonsOf = (geometry: z.infer<typeof geometrySchema>) =>
  geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;

const simulationSchema = z.object({
  epsg: z.number().int(),
  gsdM: z.number().positive(),
  looks: z.array(z.object({ date: z.string(), cloudFraction: z.number() })).min(3),
});

const truthSchema = z.object({
  features: z.array(
    z.object({
      properties: z.object({
        id: z.string(),
        kind: z.string(),
        category: z.enum(scoredCategories),
        classFinal: z.string(),
        startDate: z.string(),
        areaM2: z.number(),
        sizeClass: z.enum(sizeClasses),
      }),
      geometry: geometrySchema,
    }),
  ),
});

const tracksSchema = z.object({
  features: z.array(
    z.object({
      properties: z.object({
        id: z.string(),
        state: z.string(),
        category: z.string(),
        classBefore: z.string(),
        classAfter: z.string(),
        confirmedOn: z.string().nullable(),
        looksToConfirm: z.number().nullable(),
        mergedInto: z.string().nullable(),
        areaM2: z.number(),
      }),
      geometry: geometrySchema,
    }),
  ),
});

export interface ComparableSeries {
  readonly events: readonly TrueEvent[];
  readonly tracks: readonly ScoredTrack[];
  readonly gsdM: number;
}

/**
 * What happened in a simulated series and the tracks that a series run found, in one frame.
 *
 * @param simulation folder of `tianwatch simulate --looks n`
 * @param series folder of `tianwatch series` over its scenes
 * @param region calendar of the fields, null = none
 * @throws AppError NOT_FOUND, INPUT_INVALID where a file is missing or not what it should be
 */
export async function readSeries(simulation: string, series: string, region: Region | null): Promise<ComparableSeries> {
  const truthAt = (name: string): string => join(simulation, 'truth', name);
  const { epsg, gsdM, looks } = await parsed(join(simulation, 'simulation.json'), simulationSchema);
  const truth = await parsed(truthAt('truth.geojson'), truthSchema);
  const stateRows = stateRowsOf(await text(truthAt('states.csv')));
  const found = await parsed(join(series, 'tracks.geojson'), tracksSchema);
  const minimum = await parsed(new URL('../../config/rules/minimum-area.json', import.meta.url), minimumAreaSchema);
  const skyOf = (date: string) => layerOf(truthAt(`cloud_${date.replaceAll('-', '')}.tif`));
  const { affine } = await skyOf(looks[0]!.date);
  const frame: ShapeFrame = {
    project: projector(crsFromEpsg(4326), crsFromEpsg(epsg)),
    origin: [affine[2], affine[5]],
  };
  const shapes = truth.features.map(({ geometry }) => shapeOf(polygonsOf(geometry), frame));
  const clearDates: string[][] = truth.features.map(() => []);
  for (const { date, cloudFraction } of looks) {
    if (cloudFraction >= 1) continue;
    const sky = await skyOf(date);
    truth.features.forEach(({ properties }, i) => {
      const rows = stateRows.get(properties.id) ?? [];
      if (classOn(rows, date) === rows[0]?.class || date < properties.startDate) return;
      if ((pixelShare(ringsOf(shapes[i]!, frame), sky, (value) => value === 0) ?? 0) >= 0.5) clearDates[i]!.push(date);
    });
  }
  return {
    gsdM,
    events: truth.features.map(({ properties }, i) => {
      const { classFinal: name, startDate } = properties;
      const group = name === 'built' || name === 'bare' ? 'artificial' : name === 'water' ? 'water' : 'vegetation';
      const classM2 = classMinimumM2(minimum, { code: 0, name, zh: '', colour: '', group });
      return {
        ...properties,
        classBefore: stateRows.get(properties.id)?.[0]?.class ?? '',
        minAreaM2: Math.max(classM2, minimum.minimumPx.pixels * gsdM * gsdM),
        isOlder: startDate <= looks[0]!.date,
        clearDates: clearDates[i]!,
        shape: shapes[i]!,
      };
    }),
    tracks: found.features.map(({ properties, geometry }) => ({
      ...properties,
      isMerged: properties.mergedInto !== null,
      periods: [...(fieldDay(properties.confirmedOn, null, region)?.kinds ?? [])],
      shape: shapeOf(polygonsOf(geometry), frame),
    })),
  };
}

interface StateRow {
  readonly from: string;
  readonly class: string;
}

/** `states.csv` by change, in the order of days. */
function stateRowsOf(csv: string): ReadonlyMap<string, readonly StateRow[]> {
  const out = new Map<string, StateRow[]>();
  for (const line of csv.trimEnd().split('\n').slice(1)) {
    const [id, from, , name] = line.split(',') as [string, string, string, string];
    const rows = out.get(id) ?? [];
    rows.push({ from, class: name });
    out.set(id, rows);
  }
  return out;
}

const classOn = (rows: readonly StateRow[], date: string): string | undefined =>
  rows.findLast(({ from }) => from === '' || from <= date)?.class;

async function text(path: string | URL): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    const todo = 'Name the folder of a simulated series, then of a series run.';
    throw new AppError('NOT_FOUND', `${String(path)} cannot be read.`, todo, {}, error);
  });
}

async function parsed<T>(path: string | URL, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(JSON.parse(await text(path)));
  if (result.success) return result.data;
  const { path: at, message } = result.error.issues[0]!;
  const what = `${String(path)}: ${at.join('.')} ${message}.`;
  throw new AppError('INPUT_INVALID', what, 'Was it written by this version?');
}
