import { z } from 'zod';
import { projectTendingSchema } from '../season/tending-group.ts';
import { works } from '../rule/project-rules.ts';
import { areaFigures, type AreaFigure } from './figures.ts';

const says: Readonly<Record<AreaFigure, string>> = {
  planned: 'planned',
  reported: 'last reported as done',
  observed: 'seen to be as planned',
  underWay: 'works seen to go on',
  deviating: 'seen to be turned into what was not planned',
  tolerated: 'new roads and the like',
  idle: 'seen, and nothing was begun',
  unclear: 'seen, but class or season say nothing',
  unobserved: 'never seen up to the end of the month',
  worked: 'works were seen there at some time',
  claimedNotSeen: 'reported as done, and seen idle or turned into something else',
  outside: 'works over the boundary',
  seenInMonth: 'seen in the month itself',
  compared: 'seen in the month and before it',
};

const areas = Object.fromEntries(
  areaFigures.flatMap((figure) => [
    [`${figure}M2`, z.number().describe(`${says[figure]}, m²`)],
    [`${figure}Mu`, z.number().describe(`${says[figure]}, 亩; adds up over rows`)],
  ]),
) as Record<`${AreaFigure}M2` | `${AreaFigure}Mu`, z.ZodNumber>;

const row = {
  parts: z.number().int().describe('sub-projects and their parts by town'),
  unreported: z.number().int().describe('of them, without a report'),
  ...areas,
  groundM2: z
    .number()
    .describe('of the outlines: observed + underWay + deviating + tolerated + idle + unclear + unobserved, m²'),
  groundMu: z.number().describe('the same, 亩'),
  gapM2: z.number().describe('reported − observed, m²'),
  gapMu: z.number().describe('reported − observed, 亩'),
  progressM2: z.number().describe('as planned now less as planned before the month, over comparedM2 alone, m²'),
  observedFraction: z.number().describe('share of the ground that was seen, 0..1'),
};

const workFields = { work: z.enum(works).describe('which of the five works'), workZh: z.string().describe('Chinese') };
const territory = { code: z.string().describe('6 or 9 digits'), name: z.string().describe('Chinese name') };
const counterparts = z
  .strictObject({
    'in-out': z.number().describe('with other farm land 进出, m²'),
    occupation: z.number().describe('with construction and unused land 占补, m²'),
    undetermined: z.number().describe('with bare ground of which nothing is known yet, m²'),
  })
  .describe('by what it is exchanged with');

const balanceSchema = z.strictObject({
  lastYearM2: z.number().describe('in the land survey, m²'),
  outflowM2: z.number().describe('流出: was, and is no longer; = lawful + unlawfulSuspect, m²'),
  outByM2: counterparts,
  lawfulM2: z.number().describe('合法流出: under a permit in force, m²'),
  unlawfulSuspectM2: z.number().describe('疑似不合理流出: under none, m²'),
  onPermanentFarmlandM2: z.number().describe('of it, on permanent farmland, m²'),
  gainM2: z.number().describe('流入: is, and was not, m²'),
  gainByM2: counterparts,
  reviewM2: z.number().describe('changed, but what it is or was is for review: in no sum, m²'),
  unseenM2: z.number().describe('of last year’s, never seen this year: neither kept nor lost, m²'),
  thisYearM2: z.number().describe('lastYear − outflow + gain, m²'),
  netM2: z.number().describe('gain − outflow, m²; of water this is 水域占补平衡, whatever it was exchanged with'),
  balanceByM2: counterparts.describe(
    'the same by what it was exchanged with: of cropland 进出平衡 and 占补平衡; below 0 is to be made up for',
  ),
});

const balanceRow = { cropland: balanceSchema.describe('耕地'), water: balanceSchema.describe('水域') };

const partFields = {
  project: z.string().describe('id'),
  subProject: z.string().describe('id'),
  ...workFields,
  county: z.string().describe('6 digits'),
  town: z.string().describe('9 digits'),
  townName: z.string().describe('Chinese name'),
};

const noteSchema = z.strictObject({
  code: z.string().describe('stable word'),
  zh: z.string().describe('Chinese'),
  en: z.string().describe('English'),
});

/** What `tianwatch ledger --json` prints. */
export const ledgerSchema = z.strictObject({
  format: z.literal('tianwatch-ledger/1').describe('name and version of this format'),
  month: z.string().describe('yyyy-mm'),
  asOf: z.string().describe('last day of the month: looks and reports up to it count'),
  looks: z
    .array(
      z.strictObject({
        look: z.string().describe('id of the scene'),
        date: z.string().describe('ISO date'),
        kind: z.string().describe('satellite, uav, tower, ground'),
        sensor: z.string().nullable().describe('sensor, null = not said'),
        gsdM: z.number().describe('m'),
        referenceDate: z
          .string()
          .nullable()
          .describe('what changes were told against; null: nothing is said of change'),
      }),
    )
    .describe('what was seen up to the end of the month'),
  city: z.strictObject(row).describe('all of it'),
  counties: z
    .array(z.strictObject({ ...territory, projects: z.number().int().describe('projects'), ...row }))
    .describe('every county of the region'),
  towns: z
    .array(
      z.strictObject({
        ...territory,
        county: z.string().describe('6 digits'),
        projects: z.number().int().describe('projects'),
        ...row,
      }),
    )
    .describe('every town of the region'),
  works: z.array(z.strictObject({ ...workFields, ...row })).describe('by work'),
  countyWorks: z
    .array(z.strictObject({ ...territory, ...workFields, ...row }))
    .describe('every county by each of the five works'),
  townWorks: z
    .array(z.strictObject({ ...territory, ...workFields, ...row }))
    .describe('towns by work, those that have any'),
  projectWorks: z
    .array(z.strictObject({ project: z.string().describe('id'), ...workFields, ...row }))
    .describe('projects by work, those that have any; by town as well: parts'),
  projects: z
    .array(
      z.strictObject({
        project: z.string().describe('id'),
        name: z.string().describe('name'),
        county: z.string().describe('6 digits'),
        towns: z.array(z.string()).describe('9 digits; more than one: cross-town'),
        stage: z.string().describe('as imported'),
        startedOn: z.string().nullable().describe('look in which works were first seen'),
        finishedOn: z.string().nullable().describe('look since which all parts look finished'),
        ...row,
      }),
    )
    .describe('by project'),
  tending: z.array(projectTendingSchema).describe('tending period and payment of each project at the end of the month'),
  parts: z
    .array(
      z.strictObject({
        ...partFields,
        state: z
          .string()
          .describe('as-planned 与规划一致, not-started 未见动工, deviates 疑似偏离规划, unobserved 未观测'),
        stateZh: z.string().describe('Chinese'),
        isOverBoundary: z.boolean().describe('works over the boundary'),
        remarks: z.array(noteSchema).describe('why'),
        reportMonth: z.string().nullable().describe('month of the report that counts, null = none'),
        startedOn: z.string().nullable().describe('look in which works were first seen'),
        finishedOn: z.string().nullable().describe('look since which it has looked finished'),
        lastLook: z.string().nullable().describe('latest look that saw any of it'),
        ...row,
      }),
    )
    .describe('sub-projects, cut by town'),
  claimedNotSeen: z
    .array(z.strictObject({ ...partFields, areaM2: z.number().describe('m²'), areaMu: z.number().describe('亩') }))
    .describe('parts of which more is claimed than ground that was seen can hold, the largest first'),
  balance: z
    .strictObject({
      year: z.string().describe('from its first day to the end of the month'),
      survey: z.string().describe('as-of date of the land survey that it begins with'),
      city: z.strictObject(balanceRow).describe('all of it'),
      counties: z.array(z.strictObject({ ...territory, ...balanceRow })).describe('by county'),
      towns: z.array(z.strictObject({ ...territory, ...balanceRow })).describe('by town'),
      projects: z
        .array(z.strictObject({ project: z.string().describe('id'), ...balanceRow }))
        .describe('of what changed within projects'),
    })
    .nullable()
    .describe('cropland and water in and out; null: without a land survey nothing can be said'),
  targets: z
    .array(
      z.strictObject({
        target: z.string().describe('projects, cross-town, or a work'),
        zh: z.string().describe('Chinese'),
        unit: z.enum(['亩', '个']).describe('亩 or number'),
        target2027: z.number().describe('to be reached'),
        planned: z.number().describe('in the imported projects'),
        reported: z.number().nullable().describe('reported as done'),
        observed: z.number().nullable().describe('seen to be as planned'),
        reportedFraction: z.number().nullable().describe('of the target'),
        observedFraction: z.number().nullable().describe('of the target'),
      }),
    )
    .describe('what the programme is to reach by the end of 2027'),
  notes: z.array(noteSchema).describe('what limits these figures'),
});
export type LedgerDocument = z.infer<typeof ledgerSchema>;
