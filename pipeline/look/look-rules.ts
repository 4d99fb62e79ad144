import { z } from 'zod';
import { parseConfig } from '../rule/config-document.ts';

const metres = z.number().positive();
const limits = {
  farthestM: metres.describe('what is farther away is not seen well enough (m)'),
  positionErrorM: z.number().min(0).describe('how wrong a position may be that does not say so itself (m)'),
  bearingErrorDeg: z.number().min(0).max(90).describe('how wrong a bearing may be (degrees)'),
};
const sourced = {
  source: z.string().describe('where it is from'),
  verified: z.boolean().describe('whether somebody has held it against its source'),
};

/** `config/rules/look.json`: when a photo is a look at a place. */
export const lookRulesSchema = z.strictObject({
  format: z.literal('tianwatch-look/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change; verdicts name it'),
  description: z.string().describe('how to read it'),
  photo: z
    .strictObject({
      ...limits,
      defaultViewDeg: z.number().gt(0).lt(180).describe('angle across of a photo that does not tell its focal length'),
      ...sourced,
    })
    .describe('photos with EXIF, taken on the spot'),
  tower: z.strictObject({ ...limits, ...sourced }).describe('stills of cameras with a registration beside them'),
  declinationDeg: z
    .number()
    .min(-30)
    .max(30)
    .describe('magnetic from true north, east positive: bearings from magnetic north turn by it'),
  declinationSource: z.string().describe('where it is from'),
  daysBefore: z.number().int().min(0).describe('days that a look may be older than the change'),
  daysSource: z.string().describe('why'),
});
export type LookRules = z.infer<typeof lookRulesSchema>;

/** @throws AppError CONFIG_INVALID */
export const parseLookRules = (document: unknown): LookRules =>
  parseConfig(lookRulesSchema, document, 'config/rules/look.json');
