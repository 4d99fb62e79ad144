import { z } from 'zod';
import { classMinimumM2, type MinimumArea } from '../change/minimum-area.ts';
import { parseConfig } from '../rule/config-document.ts';
import { categories, type Category } from '../rule/reason.ts';
import type { LandClass } from '../types.ts';
import { lookKinds } from './look.ts';
import type { SeasonGuard } from './sighting.ts';

const fraction = z.number().min(0).max(1);
const looks = z.number().int().min(1);
const days = z.number().int().min(0);

const kindSchema = z.strictObject({
  kind: z.enum(lookKinds).describe('what looked'),
  minObservedFraction: fraction.describe('a look that saw less of a patch says nothing of its not being there'),
  mapsOutline: z.boolean().describe('its outlines and areas count; else only whether there is a change'),
  isDecisive: z.boolean().describe('alone confirms or refutes'),
  refutesUnconfirmed: z
    .boolean()
    .describe('alone refutes what is not yet confirmed, where it saw all of it (`wholeFraction`) as before'),
});

const proofSchema = z
  .strictObject({
    windowLooks: looks.describe('enough looks: the newest so many clear looks are weighed'),
    changedLooks: looks.describe('enough of them changed: so many of the window show most of the patch changed'),
    agreeingLooks: looks.describe('the same where at least two sensors show it'),
    minDays: days.describe('and so many days lie between the first and the last that show it'),
    minProbability: fraction.describe('mean probability over the looks of the window that show it'),
  })
  .refine(
    ({ windowLooks, changedLooks, agreeingLooks }) => agreeingLooks <= changedLooks && changedLooks <= windowLooks,
    'wants agreeingLooks ≤ changedLooks ≤ windowLooks',
  );

const categorySchema = z.strictObject({
  category: z.enum(categories).describe('of the patch'),
  stableLooks: z
    .number()
    .int()
    .min(0)
    .describe('stable before: looks that saw the ground unchanged before the first sighting'),
  independent: proofSchema.describe('where each look speaks for itself'),
  cumulative: proofSchema.describe('where the probabilities of each look already weigh all looks before it'),
  lastLooks: looks.describe('stays changed: the newest so many clear looks all show it'),
  expireLooks: looks.describe('not confirmed and unchanged in so many clear looks one after another: expired'),
  reverseLooks: looks.describe('confirmed and unchanged in so many clear looks one after another: reversed'),
  reverseDays: days.describe('and over at least so many days'),
  relapseLooks: looks.describe('reversed and changed in so many clear looks one after another: confirmed again'),
  source: z.string().describe('where the numbers come from'),
  verified: z.boolean().describe('whether a source confirms them'),
});
/** Thresholds of one category. */
export type CategoryConfirmation = z.infer<typeof categorySchema>;

/** `config/rules/confirmation.json`: when a patch that looks show again and again is believed. */
export const confirmationSchema = z
  .strictObject({
    format: z.literal('tianwatch-confirmation/1').describe('name and version of this format'),
    version: z.number().int().positive().describe('counts up with every change; alerts name it'),
    description: z.string().describe('how to read it'),
    source: z.string().describe('where the rules come from'),
    minimumLooks: z
      .number()
      .int()
      .min(3)
      .describe('clear looks at the ground, those before the change among them, without which nothing is confirmed'),
    edgePx: z
      .number()
      .min(0)
      .max(0.5)
      .describe('a track is too small when it is below the minimum area even with so many pixels added on each side'),
    kinds: z.array(kindSchema).describe('one row for each kind of look'),
    matching: z
      .strictObject({
        minSharedFraction: fraction.describe('a sighting is of a track if they share so much of the smaller of both'),
        minAlikeFraction: fraction.describe('and of an expired one if they share so much of both together'),
        shiftPx: z.number().min(0).describe('what fits nothing is compared once more displaced by so many pixels'),
        remainFraction: fraction.describe(
          'less than this of the ground that was seen still changed: seen and not changed',
        ),
        wholeFraction: fraction.describe('a look that saw less of a patch does not make it smaller, nor split it'),
        outlineLooks: looks.describe('the outline is that of the median area of the newest so many looks'),
        mergeLooks: looks.describe('two tracks seen as one patch in so many looks one after another become one'),
        splitLooks: looks.describe('a track seen in pieces in so many looks one after another is divided'),
        lookBackLooks: looks.describe('of new ground, whether it was stable is asked of the newest so many looks'),
        growFraction: z.number().positive().describe('larger by this share, and by the minimum area: it grew'),
        fineGsdM: z.number().positive().describe('up to this pixel a look says how much; a coarser one says when'),
        source: z.string().describe('where the numbers come from'),
        verified: z.boolean().describe('whether a source confirms them'),
      })
      .describe('which sightings are one patch'),
    pairs: z
      .strictObject({
        denies: z.array(z.string()).describe('classes after'),
        deniesWithNir: z.array(z.string()).describe('and these, where both scenes have near infrared'),
        source: z.string().describe('where the list comes from'),
        verified: z.boolean().describe('whether a source confirms it'),
      })
      .describe('classes that a finer scene, compared with an earlier one alone, may say the ground has not become'),
    cumulativeGuards: z
      .array(z.string())
      .describe('guards of season.json that also hold looks whose probabilities weigh the season themselves'),
    categories: z.array(categorySchema).describe('one row for each category'),
  })
  .superRefine((rules, context) => {
    const wants = (found: readonly string[], all: readonly string[], path: string) => {
      if (found.toSorted().join() !== all.toSorted().join())
        context.addIssue({ code: 'custom', path: [path], message: `wants one row for each of ${all.join(', ')}` });
    };
    wants(
      rules.kinds.map(({ kind }) => kind),
      lookKinds,
      'kinds',
    );
    wants(
      rules.categories.map(({ category }) => category),
      categories,
      'categories',
    );
  });
export type ConfirmationRules = z.infer<typeof confirmationSchema>;

/** All that decides what becomes of sightings. */
export interface TrackRules {
  readonly confirmation: ConfirmationRules;
  /** from which area (m²) on ground that changed into this class is alerted, seen with pixels of this size */
  readonly minimumM2: (classAfter: string, gsdM: number) => number;
  readonly seasonGuard: SeasonGuard;
}

/** @throws AppError CONFIG_INVALID */
export const parseConfirmation = (document: unknown, name: string): ConfirmationRules =>
  parseConfig(confirmationSchema, document, name);

/**
 * The larger of the class's minimum and that of its pixels, less the uncertain edge of a square of that area; a class that no map
 * names counts as one of no list.
 *
 * @param edgePx how far an outline may be inside the true one
 */
export function minimumM2By(rules: MinimumArea, classes: readonly LandClass[], edgePx = 0): TrackRules['minimumM2'] {
  const known = new Map(classes.map((landClass) => [landClass.name, classMinimumM2(rules, landClass)]));
  const unknown = (name: string) => classMinimumM2(rules, { code: 0, name, zh: '', colour: '', group: '' });
  return (classAfter, gsdM) => {
    const wholeM2 = Math.max(known.get(classAfter) ?? unknown(classAfter), rules.minimumPx.pixels * gsdM * gsdM);
    const edgeM = edgePx * gsdM;
    return wholeM2 - 4 * edgeM * (Math.sqrt(wholeM2) - edgeM);
  };
}

/** The row of a category. */
export const confirmationOf = (rules: ConfirmationRules, category: Category): CategoryConfirmation =>
  rules.categories.find((row) => row.category === category)!;
