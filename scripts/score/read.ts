import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { classMinimumM2, minimumAreaSchema } from '../../pipeline/change/minimum-area.ts';
import { AppError } from '../../pipeline/errors.ts';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { summarySchema } from '../../pipeline/report/formats.ts';
import { skyCodes } from '../simulate/sky.ts';
import { layerOf } from './layer.ts';
import { pixelShare, type PixelLayer } from './pixel-share.ts';
import { scoredCategories, sizeClasses, type FoundPatch, type TrueChange } from './score-type.ts';
import { ringsOf, shapeOf, type Shape, type ShapeFrame } from './shape.ts';

const polygon = z.array(z.array(z.tuple([z.number(), z.number()])));
const geometrySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: polygon }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(polygon) }),
]);

const simulationSchema = z.object({
  epsg: z.number().int(),
  gsdM: z.number().positive(),
  looks: z.array(z.object({ date: z.string() })).min(2),
});

const truthSchema = z.object({
  features: z.array(
    z.object({
      properties: z.object({
        id: z.string(),
        kind: z.string(),
        zh: z.string(),
        category: z.enum(scoredCategories),
        changed: z.boolean(),
        classAfter: z.string(),
        lawful: z.boolean(),
        areaM2: z.number(),
        sizeClass: z.enum(sizeClasses),
        observedFraction: z.number().nullable(),
      }),
      geometry: geometrySchema,
    }),
  ),
});

const patchesSchema = z.object({
  features: z.array(
    z.object({
      properties: z.object({
        id: z.string(),
        category: z.enum([...scoredCategories, 'none']).optional(),
        state: z.enum(['suspected', 'watch']),
        classBefore: z.string(),
        classAfter: z.string(),
        areaM2: z.number(),
      }),
      geometry: geometrySchema,
    }),
  ),
});

const rulesUrl = new URL('../../config/rules/minimum-area.json', import.meta.url);

export interface Comparable {
  readonly changes: readonly TrueChange[];
  readonly patches: readonly FoundPatch[];
  readonly gsdM: number;
}

/**
 * A simulation's truth and a run's patches in one frame.
 *
 * @param simulation folder that `tianwatch simulate` wrote
 * @param run folder that `tianwatch run` wrote from its first and its last look
 * @throws AppError INPUT_INVALID where a file is not what it should be, CONFLICT where the run is of other dates
 */
export async function readComparable(simulation: string, run: string): Promise<Comparable> {
  const { epsg, gsdM, looks } = await parsed(join(simulation, 'simulation.json'), simulationSchema);
  const truth = await parsed(join(simulation, 'truth', 'truth.geojson'), truthSchema);
  const found = await parsed(join(run, 'patches.geojson'), patchesSchema);
  const summary = await parsed(join(run, 'summary.json'), summarySchema);
  const dates = [looks[0]!.date, looks.at(-1)!.date];
  const runDates = [summary.dateBefore, summary.dateAfter].map((date) => date?.slice(0, 10));
  if (runDates.join() !== dates.join())
    throw new AppError(
      'CONFLICT',
      `${run} compares ${runDates.join(' and ')}; the truth of ${simulation} is about ${dates.join(' and ')}.`,
      'Give a run of the first and the last look of this simulation.',
    );
  const minimum = await parsed(rulesUrl, minimumAreaSchema);
  const clouds = await Promise.all(
    dates.map((date) => layerOf(join(simulation, 'truth', `cloud_${date.replaceAll('-', '')}.tif`))),
  );
  const change = await layerOf(join(run, 'change.tif'));
  const origin = [clouds[0]!.affine[2], clouds[0]!.affine[5]] as const;
  const frame: ShapeFrame = { project: projector(crsFromEpsg(4326), crsFromEpsg(epsg)), origin };
  const share = (shape: Shape, layer: PixelLayer, isWanted: (value: number) => boolean): number =>
    pixelShare(ringsOf(shape, frame), layer, isWanted) ?? 0;
  return {
    gsdM,
    changes: truth.features.flatMap(({ properties, geometry }) => {
      if (!properties.changed || properties.observedFraction === null) return [];
      const shape = shapeOf(polygonsOf(geometry), frame);
      const { classAfter: name } = properties;
      const group = name === 'built' || name === 'bare' ? 'artificial' : name === 'water' ? 'water' : 'vegetation';
      const classM2 = classMinimumM2(minimum, { code: 0, name, zh: '', colour: '', group });
      return [
        {
          ...properties,
          isLawful: properties.lawful,
          minAreaM2: Math.max(classM2, minimum.minimumPx.pixels * gsdM * gsdM),
          clearFraction: properties.observedFraction,
          observedFraction: 1 - share(shape, change, (value) => value === 255),
          shape,
        },
      ];
    }),
    patches: found.features.map(({ properties, geometry }) => {
      const shape = shapeOf(polygonsOf(geometry), frame);
      return {
        ...properties,
        category: properties.category ?? null,
        cloudFraction: Math.max(...clouds.map((cloud) => share(shape, cloud, (value) => value === skyCodes.cloud))),
        shadowFraction: Math.max(...clouds.map((cloud) => share(shape, cloud, (value) => value === skyCodes.shadow))),
        shape,
      };
    }),
  };
}

const polygonsOf = (geometry: z.infer<typeof geometrySchema>) =>
  geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;

async function parsed<T>(path: string | URL, schema: z.ZodType<T>): Promise<T> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new AppError(
      'NOT_FOUND',
      `${String(path)} cannot be read.`,
      'Name the folder of a simulation, then of a run.',
      {},
      error,
    );
  });
  const result = schema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const { path: at, message } = result.error.issues[0]!;
  throw new AppError(
    'INPUT_INVALID',
    `${String(path)}: ${at.join('.')} ${message}.`,
    'Was it written by this version?',
  );
}
