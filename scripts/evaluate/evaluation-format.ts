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
  threshold: fraction,
  ...score,
});

const classRow = z.object({
  class: z.string().describe('class changed into, English key of the class map'),
  zh: z.string(),
  flaggedPx: pixels,
  changedPx: pixels.nullable().describe('labelled as changed into it; null: no label names classes'),
  ...score,
});

const sceneSchema = z.object({
  files: z.array(z.object({ file: z.string(), sha256: hash })),
  acquired: z.string().nullable(),
  sensor: z.string().nullable(),
});

export const evaluationSchema = z.object({
  format: z.literal('tianwatch-evaluation/1'),
  model: z
    .object({ id: z.string(), version: z.string(), status: z.string(), cardSha256: hash, weightsSha256: hash })
    .nullable()
    .describe('null: IR-MAD and change vectors alone'),
  threshold: fraction.describe('of the fused probability, as a run decides'),
  into: z.array(z.string()).nullable().describe('classes that count as change; null: all'),
  notes: z.array(z.string()).describe('what limits the figures'),
  pooled: z.object({
    places: pixels,
    labelledPx: pixels,
    unobservedPx: pixels.describe('labelled but not seen on both dates: not scored'),
    changedPx: pixels,
    unchangedPx: pixels,
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
    classes: z.array(classRow.extend({ precisionInterval: interval, f1Interval: interval })).describe('as shipped'),
  }),
  alarms: z
    .array(
      z.object({
        cover: z.string().describe('class before as the product sees it; `all`: together'),
        zh: z.string(),
        unchangedKm2: z.number().min(0),
        flaggedKm2: z.number().min(0),
        per1000Km2: z.number().min(0).nullable().describe('flagged km² in 1,000 km² that did not change'),
        interval,
      }),
    )
    .describe('false alarms as shipped, by cover before'),
  equalRecall: z
    .array(
      z.object({
        recall: fraction.describe('share of the change that each method is made to find'),
        methods: z.array(
          z.object({
            method: z.enum(methods),
            threshold: fraction.nullable().describe('null: it never finds so much'),
            precision: fraction.nullable(),
            per1000Km2: z.number().nullable().describe('false alarms, km² in 1,000 km² of all unchanged ground'),
            cropsPer1000Km2: z.number().nullable().describe('the same of crop land'),
          }),
        ),
      }),
    )
    .describe('methods beside each other where they find the same'),
  reliability: z.object({
    ece: fraction.nullable().describe('expected calibration error of the fused probability'),
    eceInterval: interval,
    bins: z.array(
      z.object({
        from: fraction,
        to: fraction,
        pixels,
        said: fraction.describe('mean probability'),
        found: fraction.describe('share that changed'),
      }),
    ),
  }),
  places: z.array(
    z.object({
      name: z.string(),
      before: sceneSchema,
      after: sceneSchema,
      labels: z.object({ file: z.string(), sha256: hash.nullable(), kind: z.enum(['raster', 'polygons']) }),
      widthPx: pixels,
      heightPx: pixels,
      gsdM: z.number().positive(),
      labelledPx: pixels,
      unobservedPx: pixels,
      changedPx: pixels,
      unchangedPx: pixels,
      alarmsPer1000Km2: z.number().nullable(),
      methods: z.array(methodRow).describe('at the thresholds of the pooled rows'),
      classes: z.array(classRow),
      notes: z.array(z.string()),
    }),
  ),
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
