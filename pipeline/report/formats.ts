import { z } from 'zod';
import { layerRefSchema } from '../parcel/layer-ref.ts';
import { policyLayers } from '../rule/policy-rules.ts';
import { categories, reasonSchema, severities } from '../rule/reason.ts';

/**
 * The contract of every document a run writes. `docs/formats.md` is generated from the descriptions here.
 */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const m2 = z.number().min(0);
const fraction = z.number().min(0).max(1);
const dataDate = z.string().nullable().describe('ISO-8601 date of acquisition (UTC); null where no file says it');
const sensor = z
  .string()
  .nullable()
  .describe('id of config/sensors.json, else as the file calls it; null where none says it');
const bilingual = z.strictObject({ zh: z.string().describe('Chinese'), en: z.string().describe('English') });

export const warningSchema = z.strictObject({
  code: z.string().describe('stable word, e.g. DATE_UNKNOWN'),
  message: z.string().describe('what, where, which value'),
  todo: z.string().describe('what to do about it'),
});
export type Warning = z.infer<typeof warningSchema>;

const shareFraction = fraction.describe('share of the area of the patch');

export const patchPropertiesSchema = z.strictObject({
  id: z.string().describe('derived from the content: the same patch of the same scenes has the same id'),
  classBefore: z.string().describe('class seen before (majority of pixels), English key of the class map'),
  classAfter: z.string().describe('class changed into (majority of pixels)'),
  classBeforeZh: z.string().describe('the same in Chinese'),
  classAfterZh: z.string().describe('the same in Chinese'),
  probability: fraction.describe('mean probability of change over the pixels'),
  areaM2: m2.describe('sum of the ellipsoidal areas of the pixels, m²'),
  pixels: z.number().int().positive().describe('pixels of the grid, px'),
  state: z.enum(['suspected', 'watch']).describe('疑似 suspected: at or above minAreaM2; 观察 watch: below it'),
  minAreaM2: m2.describe('minimum area in force: max(class minimum, 20 px)'),
  dateBefore: dataDate,
  dateAfter: dataDate,
  category: z.enum(categories).describe('what the change means for cropland; as in category.tif'),
  categoryZh: z.string().describe('the same in Chinese'),
  severity: z.enum(severities).describe('higher on permanent farmland, in grain zones and where a ban applies'),
  isLawful: z.boolean().describe('a permit in force covers it'),
  rule: z.string().describe('row of config/rules/category.json that decided'),
  ruleVersion: z.number().int().positive().describe('version of that file'),
  beforeFrom: z.enum(['survey', 'image']).describe('what told the use before: the land survey, or classes_before.tif'),
  codeBeforeZh: z.string().nullable().describe('name of that code'),
  codeBefore: z.string().nullable().describe('land code (DLBM) before; null where no survey was given'),
  parcels: z
    .array(
      z.strictObject({
        id: z.string().describe('BSM or TBBH of the land survey, else the row of the file'),
        code: z.string().describe('land code (DLBM)'),
        shareFraction,
      }),
    )
    .describe('parcels of the land survey under the patch, largest first'),
  projects: z
    .array(
      z.strictObject({
        id: z.string().describe('project'),
        subProject: z.string().nullable().describe('sub-project, where the patch lies in one'),
        work: z.string().nullable().describe('its work'),
        shareFraction,
      }),
    )
    .describe('projects and sub-projects under the patch'),
  permits: z
    .array(
      z.strictObject({
        id: z.string().describe('permit'),
        number: z.string().describe('its document number'),
        coveredM2: m2.describe('area of the patch that it covers'),
        remainderM2: m2.describe('area of the permit outside the patch'),
        validFrom: z.string().nullable().describe('first day in force; null: not given'),
        validTo: z.string().nullable().describe('last day in force; null: not given'),
      }),
    )
    .describe('permits in force between the two dates'),
  permanentFarmlandFraction: fraction.describe('share on permanent basic farmland 永久基本农田'),
  permitFraction: fraction.describe('share under permits, each spot once'),
  unpermittedM2: m2.describe('area left over beyond all permits in force'),
  policies: z
    .array(
      z.strictObject({
        id: z.string().describe('rule of config/rules/policy.json'),
        version: z.number().int().positive().describe('version of that file'),
        zh: z.string().describe('Chinese'),
        en: z.string().describe('English'),
        source: z.string().describe('notice or law'),
        layer: z.enum(policyLayers).describe('what the patch lies on'),
        severity: z.enum(severities).describe('how grave, where touched for sure'),
        isPossible: z.boolean().describe('the image alone cannot tell, or it was in force for a part of the time'),
      }),
    )
    .describe('named rules in force that the suspected change touches or may touch'),
  county: z.string().nullable().describe('county code (6 digits)'),
  town: z.string().nullable().describe('town code (9 digits) of most of the patch; null where no survey says it'),
  townName: z.string().nullable().describe('its Chinese name'),
  village: z.string().nullable().describe('village code (12 digits)'),
  villageName: z.string().nullable().describe('its name in the survey'),
  firstSeen: dataDate,
  lastSeen: dataDate,
  lineage: z.array(z.string()).describe('ids of earlier patches that this one continues; a single pair has none'),
  flags: z.array(z.string()).describe('what to look at: contested codes, balances, survey and image that differ'),
  reasons: z.array(reasonSchema).describe('why this category, why review, what limits the judgement'),
});
export type PatchProperties = z.infer<typeof patchPropertiesSchema>;

export const coverageSchema = z.strictObject({
  gridM2: m2.describe('area of the whole grid, inside the area of interest where one is given'),
  observedM2: m2.describe('seen on both dates'),
  unobservedM2: m2.describe('not seen on at least one date; says nothing about change'),
  unobservedFraction: fraction.describe('unobservedM2 / gridM2'),
  reasonsM2: z
    .strictObject({
      outside: m2.describe('outside the overlap of the two scenes'),
      nodata: m2.describe('nodata, NaN, alpha or mask in either scene'),
      cloud: m2.describe('cloud or haze, dilated, in either scene'),
      shadow: m2.describe('cloud shadow, dilated, in either scene'),
      failed: m2.describe('chunks that failed for good'),
    })
    .describe('why ground was not seen; the parts add up to unobservedM2'),
});
export type Coverage = z.infer<typeof coverageSchema>;

const changedClassSchema = z.strictObject({
  classBefore: z.string().describe('English key of the class map'),
  classAfter: z.string().describe('English key of the class map'),
  suspected: z.number().int().min(0).describe('patches at or above the minimum area'),
  watch: z.number().int().min(0).describe('patches below the minimum area'),
  suspectedM2: m2.describe('area of these patches'),
  watchM2: m2.describe('area of these patches'),
});

const categorySchema = z.strictObject({
  category: z.enum(categories).describe('category of the patches'),
  suspected: z.number().int().min(0).describe('patches at or above the minimum area'),
  watch: z.number().int().min(0).describe('patches below it'),
  suspectedM2: m2.describe('area of the suspected ones, permits not subtracted'),
  watchM2: m2.describe('area of the watched ones'),
  unpermittedM2: m2.describe('area of the suspected ones outside permits'),
  lawful: z.number().int().min(0).describe('suspected ones that a permit covers'),
  severe: z.number().int().min(0).describe('suspected ones of severity high or severe'),
});

/** A layer as documents name it; its key is the data folder's own affair. */
const layerSchema = layerRefSchema.omit({ key: true });

export const droppedSchema = z.strictObject({
  slivers: z
    .strictObject({
      patches: z.number().int().min(0).describe('pieces of ground'),
      pixels: z.number().int().min(0).describe('px'),
      areaM2: m2.describe('m² on the ellipsoid'),
    })
    .describe('thin strips along edges, as left by misregistration; limits in config/rules/minimum-area.json'),
});

export const summarySchema = z.strictObject({
  format: z.literal('tianwatch-summary/1').describe('name and version of this format'),
  state: z
    .enum(['done', 'partial'])
    .describe('partial: chunks failed for good; the hole is in coverage.reasonsM2.failed'),
  notice: bilingual.describe('what such findings are, and what they are not'),
  dateBefore: dataDate,
  dateAfter: dataDate,
  sensorBefore: sensor,
  sensorAfter: sensor,
  model: z.string().describe('id@version, or none'),
  gsdM: z.number().positive().describe('ground sampling distance of the grid, m'),
  coverage: coverageSchema.describe('what was seen and what was not'),
  changedM2: m2.describe('area of all pixels at or above the threshold, dropped slivers included'),
  patches: z
    .strictObject({
      suspected: z.number().int().min(0).describe('patches at or above the minimum area'),
      watch: z.number().int().min(0).describe('patches below it'),
      suspectedM2: m2.describe('area of the suspected ones'),
      watchM2: m2.describe('area of the watched ones'),
      dropped: droppedSchema.describe('pixels above the threshold that are in no patch, and why'),
    })
    .describe('疑似图斑 suspected patches'),
  categories: z.array(categorySchema).describe('by category, in the order of its codes'),
  changes: z.array(changedClassSchema).describe('by class before and after, largest suspected area first'),
  layers: z.array(layerSchema).describe('baselines and projects that took part'),
  warnings: z.array(warningSchema).describe('what limits the result'),
});
export type Summary = z.infer<typeof summarySchema>;

const fileSchema = z.strictObject({
  file: z.string().describe('name or path'),
  bytes: z.number().int().min(0).describe('size'),
  sha256: sha256.describe('of the bytes of the file'),
});
const count = z.number().int().min(0);

export const manifestSchema = z.strictObject({
  format: z.literal('tianwatch-run/1').describe('name and version of this format'),
  id: sha256.describe('derived from scenes, model, grid, configuration and code'),
  state: z.enum(['done', 'partial']).describe('partial: chunks failed for good'),
  code: z
    .strictObject({
      name: z.literal('tianwatch').describe('the program'),
      version: z.string().describe('its version'),
      pixelsVersion: sha256.describe('hash over the sources that make pixels'),
    })
    .describe('what wrote this'),
  inputs: z
    .array(
      fileSchema.extend({
        role: z.enum(['before', 'after', 'aoi']).describe('which scene, or area of interest'),
        acquired: dataDate,
        sensor,
        etag: z
          .string()
          .optional()
          .describe(
            'of a remote file: its version when opened; sha256 is then of URL, ETag and size, in S3 of ETag and size where the ETag is an MD5; file is its URL',
          ),
        item: z
          .strictObject({
            name: z.string().describe('file, URL, or key in the image store, where a watch keeps it'),
            sha256: sha256.describe('of its text as it was read'),
          })
          .optional()
          .describe('the STAC Item that named the file'),
      }),
    )
    .describe('every file that was read'),
  layers: z.array(layerSchema).describe('baselines and projects that took part'),
  model: z
    .strictObject({
      id: z.string().describe('id of the card'),
      version: z.string().describe('version of the card'),
      cardSha256: sha256.describe('of the card'),
      weightsSha256: sha256.describe('of the weights'),
      thresholdFraction: fraction.describe('fused probability from which on a pixel changed'),
    })
    .nullable()
    .describe('null: IR-MAD and change vectors alone'),
  config: z.array(fileSchema).describe('rule and class files that shaped the result'),
  grid: z
    .strictObject({
      epsg: z.number().int().nullable().describe('EPSG code; null where the system has none'),
      crs: z.string().describe('name of the coordinate reference system'),
      affine: z.array(z.number()).length(6).describe('[a,b,c,d,e,f]: X = a·col + b·row + c, Y = d·col + e·row + f'),
      width: z.number().int().positive().describe('px'),
      height: z.number().int().positive().describe('px'),
      gsdM: z.number().positive().describe('ground sampling distance, m'),
    })
    .describe('the grid of every raster'),
  bands: z.array(z.string()).describe('bands that took part, in order'),
  statistics: z
    .unknown()
    .describe('pair statistics: shift, radiometry, IR-MAD, change vectors; doi:10.1109/TIP.2006.888195'),
  chunks: z
    .strictObject({
      total: count.describe('pieces that the grid was cut into'),
      failed: z
        .array(z.strictObject({ chunk: count.describe('its number'), why: z.string().describe('code and message') }))
        .describe('those that failed for good; their ground is unknown'),
    })
    .describe('how the work was cut'),
  coverage: coverageSchema.describe('what was seen and what was not'),
  counts: z
    .strictObject({
      suspected: count.describe('patches at or above the minimum area'),
      watch: count.describe('patches below it'),
      changedPixels: count.describe('pixels at or above the threshold'),
      dropped: droppedSchema.describe('what is in no patch, and why'),
    })
    .describe('what was found and what was dropped'),
  warnings: z.array(warningSchema).describe('what limits the result'),
  outputs: z.array(fileSchema).describe('every file of the folder but run.json itself'),
  timing: z
    .record(z.string(), z.unknown())
    .describe('clock times and speeds; the only part that differs between two runs'),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** What every screen and file says until a person has confirmed (自然资发〔2023〕258号). */
export const notice = {
  zh: '机器结果均为疑似线索，须经实地核查确认，不作为处罚依据。',
  en: 'Machine findings are suspected clues; a field check decides. They are no ground for a penalty.',
} as const;
