import { z } from 'zod';

const fraction = z.number().min(0).max(1);
const layer = z.strictObject({ weights: z.array(z.array(z.number())).min(1), bias: z.array(z.number()).min(1) });

/** `models/series/*.json`: what one look says of the ground, and how ground follows ground; learnt for one encoder. */
export const seriesModelSchema = z
  .strictObject({
    format: z.literal('tianwatch-series-model/1'),
    id: z.string().min(1),
    version: z.number().int().positive(),
    source: z.string().min(1).describe('what the numbers were learnt from or set by'),
    verified: z.boolean().describe('whether the rates were held against counts of real changes'),
    region: z
      .string()
      .min(1)
      .describe('id of the region on whose calendar it was learnt; elsewhere looks are compared in pairs'),
    encoder: z
      .strictObject({ model: z.string().min(1), sha256: z.string().length(64) })
      .describe('card and weights of the encoder whose cover probabilities it was learnt from'),
    bands: z.array(z.string().min(1)).min(1).describe('channels of the network input, in order'),
    classMap: z.string().min(1),
    grounds: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          zh: z.string().min(1),
          class: z.number().int().min(0).max(254).describe('code of the class map; grounds of one class are no change'),
          share: fraction.describe('of the land before anything is seen of it'),
        }),
      )
      .min(2)
      .max(32),
    guises: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          zh: z.string().min(1),
          class: z.number().int().min(0).max(254).describe('as of grounds'),
          share: fraction.describe('as of grounds'),
          like: z.string().min(1).describe('the ground that it looks like'),
        }),
      )
      .describe('ground that looks like another: a drained pond is water that looks like a bare field'),
    layers: z
      .array(layer)
      .min(1)
      .describe(
        'fully connected; rectified between; the last one gives the logarithm of the likelihood of each ground',
      ),
    look: z.strictObject({
      contextPx: z
        .number()
        .int()
        .min(1)
        .max(8)
        .describe('pixels on each side of which the network sees mean and deviation'),
      temper: z.number().positive().max(1).describe('power of a likelihood: looks at one plot are not independent'),
      floor: fraction.describe(
        'a look never says less of any ground than this fraction of what it says of the likeliest',
      ),
      caution: z
        .number()
        .min(1)
        .describe('odds of change are divided by it: by how much a false alarm is worse than to wait for another look'),
      smooth: fraction.describe('weight of the neighbours on each side in the logarithm of the likelihood, 0 = none'),
    }),
    memory: z
      .strictObject({
        input: layer.describe('reset, update and candidate of the unit from what it sees of a look'),
        state: layer.describe('the same from its state'),
        answer: layer.describe('from its state: corrections for unchanged, then changed into each class, by code'),
        trust: z.array(z.number()).min(1).describe('weights of the logarithms that the filter gives for the same'),
      })
      .optional()
      .describe('gated recurrent unit that corrects the filter in each pixel; without it the filter alone speaks'),
    rates: z
      .array(
        z.strictObject({
          from: z.array(z.string()).min(1),
          to: z.array(z.string()).min(1),
          perYear: z.number().min(0).describe('rate at which each `from` becomes any of `to`, shared evenly'),
          why: z.string().min(1),
        }),
      )
      .min(1),
  })
  .superRefine((model, context) => {
    const names = new Set([...model.grounds, ...model.guises].map(({ name }) => name));
    for (const [i, { from, to }] of model.rates.entries())
      for (const name of [...from, ...to])
        if (!names.has(name)) context.addIssue({ code: 'custom', path: ['rates', i], message: `no ground is ${name}` });
    let wide = 2 * coverClasses + 3 * model.bands.length + seasonInputs;
    for (const [i, { weights, bias }] of model.layers.entries()) {
      if (weights.length !== bias.length || weights.some((row) => row.length !== wide))
        context.addIssue({ code: 'custom', path: ['layers', i], message: `wants ${wide} inputs and a bias an output` });
      wide = bias.length;
    }
    if (wide !== model.grounds.length)
      context.addIssue({
        code: 'custom',
        path: ['layers'],
        message: `gives ${wide} outputs, not ${model.grounds.length}`,
      });
    if (model.memory !== undefined) checkMemory(model.memory, model.grounds.length, context);
    for (const [i, { like }] of model.guises.entries())
      if (model.grounds.every(({ name }) => name !== like))
        context.addIssue({ code: 'custom', path: ['guises', i, 'like'], message: `no ground is ${like}` });
  });
export type SeriesModel = z.infer<typeof seriesModelSchema>;

function checkMemory(
  { input, state, answer, trust }: NonNullable<SeriesModel['memory']>,
  grounds: number,
  context: z.RefinementCtx,
): void {
  const hidden = answer.weights[0]!.length;
  const wanted = [
    { name: 'input', layer: input, rows: 3 * hidden, columns: grounds + 2 * coverClasses + 1 + seasonInputs + 1 },
    { name: 'state', layer: state, rows: 3 * hidden, columns: hidden },
    { name: 'answer', layer: answer, rows: coverClasses + 1, columns: hidden },
  ];
  for (const { name, layer: found, rows, columns } of wanted)
    if (
      found.bias.length !== rows ||
      found.weights.length !== rows ||
      found.weights.some((row) => row.length !== columns)
    )
      context.addIssue({
        code: 'custom',
        path: ['memory', name],
        message: `wants ${rows} × ${columns} and as many biases`,
      });
  if (trust.length !== coverClasses + 1)
    context.addIssue({ code: 'custom', path: ['memory', 'trust'], message: `wants ${coverClasses + 1} weights` });
}

/** Classes of which the encoder tells the cover. */
const coverClasses = 6;

/** Sine and cosine of the day of the year, once and twice a year. */
export const seasonInputs = 4;

/** Days since 1970-01-01. */
export const dayOf = (date: string): number => Math.floor(Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / 86_400_000);

/** Angles of the season as the network takes them. @param date ISO-8601 */
export function seasonOf(date: string): readonly number[] {
  const angle = (2 * Math.PI * (dayOf(date) - dayOf(`${date.slice(0, 4)}-01-01`) + 1)) / 365.25;
  return [Math.sin(angle), Math.cos(angle), Math.sin(2 * angle), Math.cos(2 * angle)];
}
