import { z } from 'zod';
import { lookProblems } from '../scene/look-sieve.ts';
import type { LookProblem } from '../scene/look-sieve.ts';
import { categories } from '../rule/reason.ts';
import { manifestSchema, notice, warningSchema } from './formats.ts';

/** The contract of every document that a series writes; `docs/formats.md` is generated from the descriptions. */
const m2 = z.number().min(0).describe('m² on the ellipsoid');
const fraction = z.number().min(0).max(1);
const count = z.number().int().min(0);
const date = z.string().describe('ISO-8601 date');
const bilingual = z.strictObject({ zh: z.string().describe('Chinese'), en: z.string().describe('English') });
export const trackStates = ['watched', 'probable', 'confirmed', 'expired', 'reversed'] as const;
const state = z
  .enum(trackStates)
  .describe(
    'watched: too small for its sensor or in a season that proves nothing; probable: seen, not yet believed; confirmed; expired: gone before it was confirmed; reversed: as before again',
  );
const problemCodes = Object.keys(lookProblems) as [LookProblem, ...LookProblem[]];

export const trackPropertiesSchema = z.strictObject({
  id: z.string().describe('of the first sighting: later looks never change it'),
  formerIds: z.array(z.string()).describe('ids that it had while earlier looks were missing'),
  state,
  category: z.enum(categories).describe('what the change means for cropland'),
  categoryZh: z.string().describe('the same in Chinese'),
  classBefore: z.string().describe('English key of the class map'),
  classAfter: z.string().describe('English key of the class map'),
  firstSeen: date,
  since: date.describe('when the present change began to show'),
  lastSeen: date,
  confirmedOn: date.nullable().describe('ISO-8601 date; null = never'),
  looksToConfirm: count.nullable().describe('clear looks from the first that showed it to the one that confirmed it'),
  daysToConfirm: count.nullable().describe('days from `since`, as it was then, to `confirmedOn`'),
  looks: count.describe('looks that showed it'),
  areaM2: m2.describe('newest area, m² on the ellipsoid'),
  areaMu: m2.describe('the same in 亩'),
  parents: z.array(z.string()).describe('tracks that it came from'),
  children: z.array(z.string()).describe('tracks that came from it'),
  mergedInto: z.string().nullable().describe('the track that it became a part of'),
  history: z
    .array(
      z.strictObject({ date, event: z.string().describe('appeared, grew, split, merged, confirmed …'), areaM2: m2 }),
    )
    .describe('what happened to it, by date'),
});
export type TrackProperties = z.infer<typeof trackPropertiesSchema>;

const sumSchema = z.strictObject({
  state,
  category: z.enum(categories).describe('what the change means for cropland'),
  tracks: count.describe('how many'),
  areaM2: m2.describe('newest areas'),
});

export const seriesSummarySchema = z.strictObject({
  format: z.literal('tianwatch-series-summary/1').describe('name and version of this format'),
  state: z
    .enum(['done', 'partial', 'no-input'])
    .describe('partial: looks were lost, or chunks of them failed for good'),
  notice: bilingual.describe('what such findings are, and what they are not'),
  from: date.nullable().describe('first look'),
  to: date.nullable().describe('last look'),
  reference: z.string().nullable().describe('the look that all are registered to and compared with'),
  model: z.string().describe('id@version, or none'),
  evidence: z
    .enum(['looks', 'pairs'])
    .nullable()
    .describe('looks: all looks weighed together; pairs: each look beside the reference; null: no look'),
  gsdM: z.number().positive().nullable().describe('ground sampling distance of the grid, m'),
  gridM2: m2.describe('area of the grid, inside the area of interest where one is given'),
  looks: z
    .strictObject({
      found: count.describe('scenes and files that were found'),
      used: count.describe('scenes that are looks'),
      leftOut: z
        .array(
          z.strictObject({
            problem: z.enum(problemCodes).describe('as in looks.csv'),
            looks: count.describe('how many'),
          }),
        )
        .describe('why others are no looks; each is a row of looks.csv'),
      meanObservedFraction: fraction.describe(
        'share of the grid that a look saw, mean of all, those that saw nothing included',
      ),
    })
    .describe('what looked'),
  tracks: z.array(sumSchema).describe('by state and category'),
  daysToConfirm: z
    .strictObject({
      median: z.number().nullable().describe('null: none was confirmed'),
      longest: z.number().nullable().describe('likewise'),
    })
    .describe('from the first look that showed a track to its confirmation'),
  warnings: z.array(warningSchema).describe('what limits the result'),
});
export type SeriesSummary = z.infer<typeof seriesSummarySchema>;

const { code, model, grid, layers, config, outputs, timing, inputs } = manifestSchema.shape;

export const seriesManifestSchema = z.strictObject({
  format: z.literal('tianwatch-series/1').describe('name and version of this format'),
  id: z.string().describe('derived from looks, model, grid, configuration and code'),
  state: seriesSummarySchema.shape.state,
  code,
  inputs: z
    .array(
      inputs.element.extend({
        role: z.enum(['look', 'aoi']).describe('scene, or area of interest'),
        scene: z.string().describe('name of the scene'),
      }),
    )
    .describe('every file that was read'),
  layers,
  model,
  config,
  grid: grid.nullable().describe('of all rasters; null: no look'),
  looks: z
    .array(
      z.strictObject({
        scene: z.string().describe('name'),
        id: z.string().describe('sha256 over files, bands and scaling'),
        acquired: date,
        bands: z.array(z.string()).describe('bands that took part'),
        shiftPx: z
          .strictObject({ col: z.number().describe('px'), row: z.number().describe('px') })
          .nullable()
          .describe('how it lay against the reference, corrected; null: not beyond a quarter of a pixel'),
        model: z.string().describe('id@version, or none'),
        comparedWith: z.string().optional().describe('name of the earlier scene that a finer look was compared with'),
        gsdM: z.number().positive().optional().describe('pixels in which that was done (m)'),
        failed: z
          .array(z.strictObject({ chunk: count.describe('its number'), why: z.string().describe('code and message') }))
          .describe('chunks that failed for good'),
      }),
    )
    .describe('by date'),
  chunks: count.describe('pieces that the grid was cut into'),
  verdicts: z.array(z.string()).describe('what people found on the spot that tracking heard, by id'),
  tracks: count.describe('tracks that were found'),
  warnings: z.array(warningSchema).describe('what limits the result'),
  outputs,
  timing,
});
export type SeriesManifest = z.infer<typeof seriesManifestSchema>;

export { notice };
