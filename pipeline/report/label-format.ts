import { z } from 'zod';

const date = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}/, 'wants an ISO-8601 date')
  .nullable();
const text = z.string().nullable();

/** Properties of a feature of `tianwatch-labels/1`; of other people's polygons all may be missing, and more may stand there. */
export const labelPropertiesSchema = z.object({
  verdict: z
    .enum(['confirmed', 'refuted'])
    .nullable()
    .optional()
    .describe(
      'what a person found: confirmed = it changed, refuted = it did not; where no feature has one, each polygon is a change; else a feature without is not scored',
    ),
  classBefore: text.optional().describe('English key of the class map, as a person saw it before'),
  classAfter: text.optional().describe('the same after; null or absent: it changed, into nobody says what'),
  dateBefore: date.optional().describe('ISO-8601 date of the earlier scene'),
  dateAfter: date.optional().describe('ISO-8601 date of the later scene'),
  sceneBefore: text.optional().describe('id of the earlier scene, as in run.json'),
  sceneAfter: text.optional().describe('id of the later scene'),
  patch: text.optional().describe('id of the patch of patches.geojson that the verdict is on'),
  verdictBy: text.optional().describe('who said it'),
  verdictDate: date.optional().describe('when'),
});
export type LabelProperties = z.infer<typeof labelPropertiesSchema>;

export const labelFormat = 'tianwatch-labels/1';
