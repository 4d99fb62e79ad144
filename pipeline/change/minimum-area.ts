import { z } from 'zod';
import type { LandClass } from '../types.ts';

/** `config/rules/minimum-area.json`: from which area on a patch is suspected, and which thin ones are no patches. */
export const minimumAreaSchema = z.strictObject({
  format: z.literal('tianwatch-minimum-area/1'),
  version: z.number().int().positive(),
  source: z.string(),
  verified: z.boolean().describe('whether somebody has held the numbers against the text of the source'),
  minimumPx: z.strictObject({
    pixels: z.number().int().min(1).describe('below it no patch is suspected, however large its pixels'),
    source: z.string(),
  }),
  classes: z
    .array(
      z.strictObject({
        name: z.string(),
        areaM2: z.number().positive(),
        classes: z.array(z.string()).describe('English keys of class maps'),
        groups: z.array(z.string()).describe('groups of class maps, for classes that no list names'),
      }),
    )
    .min(1),
  otherAreaM2: z.number().positive().describe('for classes and groups that no list names'),
  slivers: z.strictObject({
    maxWidthPx: z
      .number()
      .min(1)
      .describe('a sliver is thinner: short side of the rectangle of equal area and perimeter'),
    minLengthPx: z.number().min(1).describe('and at least this long: its long side'),
    minEdgeFraction: z
      .number()
      .min(0)
      .max(1)
      .describe('share of its pixels that border the unseen or became what a neighbour was'),
    source: z.string(),
  }),
});
export type MinimumArea = z.infer<typeof minimumAreaSchema>;

/** Minimum area of a patch that changed into this class (m²), before the minimum in pixels. */
export function classMinimumM2(rules: MinimumArea, landClass: LandClass): number {
  const byName = rules.classes.find(({ classes }) => classes.includes(landClass.name));
  const byGroup = rules.classes.find(({ groups }) => groups.includes(landClass.group));
  return (byName ?? byGroup)?.areaM2 ?? rules.otherAreaM2;
}
