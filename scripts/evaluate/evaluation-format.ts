import { z } from 'zod';
import { methods } from './tally.ts';

const fraction = z.number().min(0).max(1);
const interval = z
  .tuple([z.number(), z.number()])
  .nullable()
  .describe('95 %, by resampling places; null of fewer than three places');
const pixels = z.number().int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const score = {
  precision: fraction.nullable().describe('share of what is flagged that changed; null: nothing is flagged'),
  recall: fraction.nullable().describe('share of the change that is flagged; null: nothing changed'),
  f1: fraction.nullable().describe('harmonic mean of both'),
  iou: fraction.nullable().describe('found / (found + missed + wrong)'),
};

const methodRow = z.object({
  method: z
    .enum(methods)
    .describe(
      'product: the whole decision of a run; network, irmad, vectors: one voice alone, where the product observed',
    ),
  counts: z
    .enum(['into', 'any'])
    .describe('into: only what changed into the classes of `into` is flagged; any: whatever it changed into'),
  thresholdFrom: z.enum(['shipped', 'best']).describe('shipped: as a run decides; best: chosen on these very labels'),
  threshold: fraction.describe('flagged where the probability reaches it'),
  ...score,
});

const classRow = z.object({
  class: z.string().describe('class changed into, English key of the class map'),
  zh: z.string().describe('the same in Chinese'),
  flaggedPx: pixels.describe('flagged as changed into it, px'),
  changedPx: pixels.nullable().describe('labelled as changed into it; null: no label names classes'),
  ...score,
});

const sceneSchema = z.object({
  files: z
    .array(z.object({ file: z.string().describe('name without folder'), sha256: hash.describe('of the file') }))
    .describe('what was read'),
  acquired: z.string().nullable().describe('ISO-8601 date of acquisition; null where no file says it'),
  sensor: z.string().nullable().describe('null where no file says it'),
});

export const evaluationSchema = z.object({
  format: z.literal('tianwatch-evaluation/1').describe('version of this document'),
  model: z
    .object({
      id: z.string().describe('of its card'),
      version: z.string().describe('of its card'),
      status: z.string().describe('of its card: first, experimental, stable, foreign'),
      cardSha256: hash.describe('of the card file'),
      weightsSha256: hash.describe('of the weights'),
    })
    .nullable()
    .describe('null: IR-MAD and change vectors alone'),
  threshold: fraction.describe('of the fused probability, as a run decides'),
  into: z.array(z.string()).nullable().describe('classes that count as change; null: all'),
  notes: z.array(z.string()).describe('what limits the figures'),
  pooled: z
    .object({
      places: pixels.describe('how many places'),
      labelledPx: pixels.describe('labelled pixels, observed or not'),
      unobservedPx: pixels.describe('labelled but not seen on both dates: not scored'),
      changedPx: pixels.describe('scored pixels that changed'),
      unchangedPx: pixels.describe('scored pixels that did not'),
      methods: z
        .array(
          methodRow.extend({
            precisionInterval: interval,
            recallInterval: interval,
            f1Interval: interval,
            iouInterval: interval,
          }),
        )
        .describe('pixels of all places together'),
      classes: z
        .array(classRow.extend({ precisionInterval: interval, f1Interval: interval }))
        .describe('what it changed into, as shipped'),
    })
    .describe('all places together'),
  alarms: z
    .array(
      z.object({
        cover: z.string().describe('class before as the product sees it; `all`: together'),
        zh: z.string().describe('the same in Chinese'),
        unchangedKm2: z.number().min(0).describe('scored ground that did not change, km²'),
        flaggedKm2: z.number().min(0).describe('what of it is flagged, km²'),
        per1000Km2: z.number().min(0).nullable().describe('flagged km² in 1,000 km² that did not change'),
        interval,
      }),
    )
    .describe('false alarms as shipped, by cover before'),
  equalRecall: z
    .array(
      z.object({
        recall: fraction.describe('share of the change that each method is made to find'),
        methods: z
          .array(
            z.object({
              method: z.enum(methods).describe('as above'),
              threshold: fraction.nullable().describe('null: it never finds so much'),
              precision: fraction.nullable().describe('there'),
              per1000Km2: z.number().nullable().describe('false alarms, km² in 1,000 km² of all unchanged ground'),
              cropsPer1000Km2: z.number().nullable().describe('the same of crop land'),
            }),
          )
          .describe('each method there'),
      }),
    )
    .describe('methods beside each other where they find the same'),
  reliability: z
    .object({
      ece: fraction.nullable().describe('expected calibration error of the fused probability'),
      eceInterval: interval,
      bins: z
        .array(
          z.object({
            from: fraction.describe('probability from'),
            to: fraction.describe('to'),
            pixels: pixels.describe('scored pixels in it'),
            said: fraction.describe('mean probability'),
            found: fraction.describe('share that changed'),
          }),
        )
        .describe('ten bins of probability, empty ones left out'),
    })
    .describe('is the probability to be believed'),
  places: z
    .array(
      z.object({
        name: z.string().describe('as given'),
        before: sceneSchema.describe('the earlier scene'),
        after: sceneSchema.describe('the later scene'),
        labels: z
          .object({
            file: z.string().describe('name without folder'),
            sha256: hash.nullable().describe('null of a folder'),
            kind: z.enum(['raster', 'polygons']).describe('what they are'),
          })
          .describe('what was held against it'),
        widthPx: pixels.describe('of the grid'),
        heightPx: pixels.describe('of the grid'),
        gsdM: z.number().positive().describe('ground sampling distance, m'),
        labelledPx: pixels.describe('as pooled; so are the next three'),
        unobservedPx: pixels.describe('not scored'),
        changedPx: pixels.describe('scored'),
        unchangedPx: pixels.describe('scored'),
        alarmsPer1000Km2: z
          .number()
          .nullable()
          .describe('false alarms as shipped, km² in 1,000 km² of unchanged ground'),
        methods: z.array(methodRow).describe('at the thresholds of the pooled rows'),
        classes: z.array(classRow).describe('what it changed into, as shipped'),
        notes: z.array(z.string()).describe('what a person should know of scenes and labels'),
      }),
    )
    .describe('each place by itself'),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
export type MethodRow = z.infer<typeof methodRow>;
export type ClassRow = z.infer<typeof classRow>;

const sceneGiven = z.union([
  z.string().min(1).describe('files of one date, separated by commas'),
  z.strictObject({
    files: z.array(z.string().min(1)).min(1),
    bands: z.string().optional(),
    sensor: z.string().optional(),
    acquired: z.string().optional(),
    scale: z.string().optional(),
  }),
]);

/** Several places with labels; paths are relative to the file. */
export const placesSchema = z.strictObject({
  format: z.literal('tianwatch-places/1'),
  places: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        before: sceneGiven.describe('paths, relative to this file, or what `--bands` and its like say besides'),
        after: sceneGiven.describe('the same of the later scene'),
        labels: z.string().min(1).describe('GeoTIFF on the before grid, or polygons'),
        changed: z.string().optional().describe('as the flag; so are the next four'),
        unchanged: z.string().optional(),
        ignore: z.string().optional(),
        outside: z.enum(['unchanged', 'ignore']).optional(),
        align: z.enum(['map', 'array']).optional(),
      }),
    )
    .min(1)
    .refine((places) => new Set(places.map(({ name }) => name)).size === places.length, 'a name stands twice'),
});
