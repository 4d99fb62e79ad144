import { z } from 'zod';
import { classMapSchema, modelCardSchema } from '../../models/card.ts';
import { minimumAreaSchema } from '../../pipeline/change/minimum-area.ts';
import { labelFormat, labelPropertiesSchema } from '../../pipeline/report/label-format.ts';
import { alertRulesSchema } from '../../pipeline/alert/alert-rules.ts';
import { cameraSchema } from '../../pipeline/look/camera.ts';
import { lookRulesSchema } from '../../pipeline/look/look-rules.ts';
import { manifestSchema, patchPropertiesSchema, summarySchema } from '../../pipeline/report/formats.ts';
import {
  seriesManifestSchema,
  seriesSummarySchema,
  trackPropertiesSchema,
} from '../../pipeline/report/series-formats.ts';
import { areaColumns, lookColumns, observationColumns } from '../../pipeline/report/series-tables.ts';
import { lookProblems } from '../../pipeline/scene/look-sieve.ts';
import { discrepancyColumns } from '../../pipeline/rule/discrepancy.ts';
import { ledgerSchema } from '../../pipeline/ledger/ledger-format.ts';
import { ledgerRulesSchema } from '../../pipeline/ledger/ledger-rules.ts';
import { potentialRulesSchema } from '../../pipeline/ledger/potential.ts';
import { reportProblemTable } from '../../pipeline/ledger/report-problem.ts';
import { reportColumns } from '../../pipeline/ledger/report-columns.ts';
import { runRequestSchema } from '../../pipeline/request.ts';
import { categoryRulesSchema } from '../../pipeline/rule/category-rules.ts';
import { landCodeSchema, landCodesSchema } from '../../pipeline/rule/land-code.ts';
import { projectRulesSchema } from '../../pipeline/rule/project-rules.ts';
import { regionSchema, townSchema } from '../../pipeline/rule/region.ts';
import { policyRulesSchema } from '../../pipeline/rule/policy-rules.ts';
import { severityRulesSchema } from '../../pipeline/rule/severity-rules.ts';
import { plantingCodes, plantingStatuses, plantingZh } from '../../pipeline/season/planting.ts';
import { seasonRulesSchema } from '../../pipeline/season/season-rules.ts';
import { inspectSchema } from '../../pipeline/scene/inspect-format.ts';
import { problemTable } from '../../pipeline/scene/problem.ts';
import { sensorTableSchema } from '../../pipeline/scene/sensor.ts';
import { sidecarSchema } from '../../pipeline/scene/sidecar.ts';
import { confirmationSchema } from '../../pipeline/track/confirmation.ts';
import { bandNames } from '../../pipeline/types.ts';
import { backupManifestSchema } from '../../workers/backup/backup-format.ts';
import { claimColumns } from '../../workers/ledger/claims-file.ts';
import { potentialColumns, potentialCsvColumns } from '../../workers/ledger/potential-survey.ts';
import { importLimitsSchema } from '../../workers/registry/import-limits.ts';
import { previewSchema } from '../../workers/registry/preview.ts';
import { importProblemTable } from '../../workers/registry/problem.ts';
import { reportVersionSchema, storedReportSchema } from '../../workers/registry/report-record.ts';
import { recordedSchema, versionSchema } from '../../workers/registry/record.ts';
import { plantingColumns } from '../../workers/season/planting-file.ts';
import { sweepLimitsSchema } from '../../workers/sweep/sweep-limits.ts';
import { shownAlertSchema } from '../../workers/registry/alert-record.ts';
import { runStatusSchema } from '../../workers/run-status.ts';
import { seriesStatusSchema } from '../../workers/series/series-status.ts';
import { evaluationSchema, placesSchema } from '../evaluate/evaluation-format.ts';
import { schemaTable } from './schema-table.ts';

const rasters = `| file | values |
|---|---|
| \`classes_before.tif\`, \`classes_after.tif\` | uint8 class code with palette; 255 = not observed; GDAL_METADATA item \`CLASSES\` = JSON of code → English name |
| \`change.tif\` | uint8: probability of change of any kind × 250; 255 = not observed on both dates; 251-254 unused; GDAL_METADATA item \`THRESHOLD\`: changed means value ≥ THRESHOLD |
| \`change_into.tif\` | uint8 code of the class that the pixel most likely changed into, if it changed; read it where \`change.tif\` ≥ THRESHOLD; 255 = not observed; \`CLASSES\` as above |
| \`category.tif\` | uint8 category of the patch that the pixel belongs to: 0 none, 1 suspected non-farm 疑似非农化, 2 suspected non-grain 疑似非粮化, 3 recovered 恢复, 4 other, 5 review 待核; 255 = not observed; \`CLASSES\` as above |`;

const labelRasters = `On the pixels of the finest before file: georeferenced there (all of it or a part), or without georeference and of its size. Each
value is named by \`--changed\`, \`--unchanged\` or \`--ignore\` (defaults 2, 1, 0); declared nodata is not scored; a value that nothing
names is an error, and so is a raster without a pixel of change unless \`--changed ""\` says that nothing changed. \`--changed 2=built,3=water\` says into which class.`;

const labelPolygons = `\`${labelFormat}\`: an RFC 7946 FeatureCollection with the member \`"format": "${labelFormat}"\`, longitude and latitude (WGS 84), one feature a
label or verdict with the properties below. Other people's polygons (GeoJSON, Shapefile, GeoPackage, FlatGeobuf) do as well: the member
and every property may be missing, more may stand there. A pixel belongs to the polygon that holds its centre, to the later one where
two do. Ground in no polygon is unchanged; where verdicts are among the features it is not scored (\`--outside\` says otherwise).
A \`patches.geojson\` to which a column \`verdict\` was added is such a file.`;

interface Section {
  readonly title: string;
  readonly text: string;
  readonly body: string;
}

const written: readonly Section[] = [
  {
    title: 'Rasters',
    text: 'All share one grid and are cloud-optimised GeoTIFFs (DEFLATE, 512 px tiles, overviews).',
    body: rasters,
  },
  {
    title: '`patches.geojson`',
    text: 'RFC 7946 FeatureCollection, WGS 84 longitude/latitude, exact pixel outlines (Polygon, exterior ring counter-clockwise). Each feature has these properties:',
    body: schemaTable(patchPropertiesSchema, 'output'),
  },
  {
    title: '`discrepancies.csv`',
    text: 'Written where projects take part: what people have to look at, one row a sub-project and town. UTF-8 with BOM, CRLF; m² and 亩 with two decimals that add up; planned − observed − unobserved is what is missing.',
    body: discrepancyColumns.map((name) => `\`${name}\``).join(', '),
  },
  { title: '`summary.json`', text: 'What was found, in figures.', body: schemaTable(summarySchema, 'output') },
  {
    title: '`run.json`',
    text: 'The manifest: what went in, what came out, with sha256 of each.',
    body: schemaTable(manifestSchema, 'output'),
  },
  {
    title: '`evaluation.json`',
    text: 'What `tianwatch evaluate` found, beside its page `evaluation.html`; pixels are those of the before grid.',
    body: schemaTable(evaluationSchema, 'output'),
  },
];

const codes = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
const csv = 'UTF-8 with BOM, CRLF; areas in m² on the ellipsoid, `Mu` in 亩.';

const ofSeries: readonly Section[] = [
  {
    title: '`looks.csv`',
    text: `Every scene and file that was found, by date, used or not and why. ${csv}`,
    body: [
      codes(lookColumns),
      '',
      '| problem | meaning | exit 3 |',
      '|---|---|---|',
      ...Object.entries(lookProblems).map(
        ([code, { zh, en, isLoss }]) => `| ${code} | ${zh} ${en} | ${isLoss ? 'yes' : ''} |`,
      ),
    ].join('\n'),
  },
  {
    title: '`tracks.geojson`',
    text: 'RFC 7946 FeatureCollection, WGS 84 longitude/latitude, newest outlines (MultiPolygon). Each feature has these properties:',
    body: schemaTable(trackPropertiesSchema, 'output'),
  },
  {
    title: '`planting.csv`',
    text: `What \`tianwatch planting\` writes, and \`tianwatch series --baseline\` where the survey is among the layers and a calendar of the fields is known for the place: one row a cropland parcel and crop year. UTF-8 with BOM, CRLF; status: ${plantingStatuses
      .map((status) => `${status} ${plantingZh[status]} ${plantingCodes[status]}`.trim())
      .join(
        ', ',
      )}; confidence and grainProbability 0..1; looks: clear ones in the crop year; pixels: that the means are of; abandonment: cultivated, suspected, insufficient-observations, over the growing seasons up to the year; finding: what asks somebody to look, non-grain or abandoned.`,
    body: plantingColumns.map((name) => `\`${name}\``).join(', '),
  },
  {
    title: '`observations.csv`',
    text: `What every look says of every track from its first sighting on; observed = no: that look did not see enough of its ground, area and probability are empty. ${csv}`,
    body: codes(observationColumns),
  },
  {
    title: '`areas.csv`, `areas.png`',
    text: `Changed ground by the date of each look, category and state at that date; ground that the look did not see stands apart (\`unseen\`) with its last known area. The picture leaves out what is watched and what means nothing. ${csv}`,
    body: codes(areaColumns),
  },
  {
    title: '`summary.json` of a series',
    text: 'What was found, in figures.',
    body: schemaTable(seriesSummarySchema, 'output'),
  },
  {
    title: '`run.json` of a series',
    text: 'The manifest: what went in, what came out, with sha256 of each.',
    body: schemaTable(seriesManifestSchema, 'output'),
  },
];

const ofPotential: readonly Section[] = [
  {
    title: '`<kind>.geojson` of a potential survey',
    text: 'RFC 7946 FeatureCollection, WGS 84 longitude/latitude: parcels of the land survey of one kind of `config/rules/potential.json`.',
    body: codes(potentialColumns.map(({ name }) => name)),
  },
  {
    title: '`potential.csv`',
    text: `Area by town and kind; 亩 adds up over towns. ${csv}`,
    body: codes(potentialCsvColumns),
  },
];

const printed: readonly Section[] = [
  {
    title: '`tianwatch scene inspect --json`',
    text: 'An array, one entry a file, in the order given.',
    body: schemaTable(inspectSchema, 'output'),
  },
  {
    title: 'Problems of a scene',
    text: 'INPUT_INVALID: the file cannot be used. Every other code leaves it usable, or says which flag is needed.',
    body: [
      '| code | meaning |',
      '|---|---|',
      ...Object.entries(problemTable).map(([code, { zh, en }]) => `| ${code} | ${zh} ${en} |`),
    ].join('\n'),
  },
  {
    title: '`tianwatch status --json`',
    text: 'An array of these, or one of these where a run is named; the first table is of a pair of dates, the second of a series.',
    body: [
      schemaTable(runStatusSchema.extend({ kind: z.literal('pair') }), 'output'),
      schemaTable(seriesStatusSchema.extend({ kind: z.literal('series') }), 'output'),
    ].join('\n\n'),
  },
  {
    title: '`tianwatch alert list --json`',
    text: 'An array of these, by due date. `tianwatch alert show --json` prints one as `alert`, with `ground` (coordinates of a MultiPolygon), `since`, `facts` and `verdicts`.',
    body: schemaTable(shownAlertSchema, 'output'),
  },
  {
    title: 'A backup (`tianwatch backup --to`)',
    text: '`manifest.json`, format `tianwatch-backup/1`. Lines of `table/<name>.jsonl.gz` are rows as `to_jsonb` of PostgreSQL writes them (times in UTC, bytes as hex); `object/<key>` are the bytes of stored objects, `objects.jsonl.gz` names each with `key`, `bytes` and `sha256`.',
    body: schemaTable(backupManifestSchema, 'output'),
  },
  {
    title: '`tianwatch baseline import --json`',
    text: '`{ "preview": …, "recorded": … }`; recorded is null with `--preview`. The same of `project import`.',
    body: `${schemaTable(previewSchema, 'output')}\n\n${schemaTable(recordedSchema, 'output')}`,
  },
  {
    title: 'Problems of an import',
    text: 'blocks: nothing is stored; ask: only with `--accept`; tells: stored, and said.',
    body: [
      '| code | effect | meaning |',
      '|---|---|---|',
      ...Object.entries(importProblemTable).map(
        ([code, { effect, zh, en }]) => `| ${code} | ${effect} | ${zh} ${en} |`,
      ),
    ].join('\n'),
  },
  {
    title: '`tianwatch baseline list --json`',
    text: 'An array of these, by kind and zone, the latest first.',
    body: schemaTable(versionSchema, 'output'),
  },
  {
    title: '`tianwatch ledger --json`',
    text: 'Plan, report, observation and gap of a month; m² as they are, 亩 with two decimals that add up over towns, counties, projects and works. Ground that was not seen is a figure of its own.',
    body: schemaTable(ledgerSchema, 'output'),
  },
  {
    title: '`tianwatch ledger --claims`',
    text: 'RFC 7946 FeatureCollection, WGS 84 longitude/latitude: outlines of parts of which more is claimed than ground that was seen can hold.',
    body: codes(claimColumns.map(({ name }) => name)),
  },
  {
    title: '`tianwatch report list --json`',
    text: 'An array of these, the latest month first.',
    body: schemaTable(reportVersionSchema, 'output'),
  },
  {
    title: '`tianwatch report show --json`',
    text: 'An array of these, the latest first: files as they were imported, with what of them does not count.',
    body: schemaTable(storedReportSchema, 'output'),
  },
  {
    title: 'Problems of a monthly report',
    text: 'blocks: nothing is stored; refuses: the row does not count, and the file is stored only with `--accept`, the row with its reason; asks: only with `--accept`; tells: stored, and said.',
    body: [
      '| code | effect | meaning |',
      '|---|---|---|',
      ...Object.entries(reportProblemTable).map(
        ([code, { effect, zh, en }]) => `| ${code} | ${effect} | ${zh} ${en} |`,
      ),
    ].join('\n'),
  },
];

const given: readonly Section[] = [
  {
    title: 'Monthly report',
    text: 'CSV (UTF-8, UTF-16 or GB18030; commas, tabs or semicolons) or XLSX, one row a month and sub-project (or project, work and town); titles may stand above the head, sums (合计, 小计) below, and the head may take two rows, units below the areas. Areas are done up to the end of the month, in m², 亩 or 公顷; a name without a unit (计划面积, 累计完成面积) has that of the title (单位：亩), else m². A text merged over several rows is of each of them. `project`, a reported area and the month (or `--month`) are needed. Columns and the names that are understood:',
    body: [
      '| column | names |',
      '|---|---|',
      ...Object.entries(reportColumns).map(([column, names]) => `| \`${column}\` | ${names.slice(1).join('、')} |`),
    ].join('\n'),
  },
  {
    title: 'Sidecar `<file>.scene.json`',
    text: 'Lies beside a GeoTIFF and says what the file does not; a flag of the command line goes before it.',
    body: schemaTable(sidecarSchema, 'input'),
  },
  {
    title: 'Band names',
    text: 'Common names of the STAC `eo` extension; `R`, `G`, `B`, `NIR`, `B02`, `蓝` and their like are understood as well.',
    body: bandNames.map((name) => `\`${name}\``).join(', '),
  },
  {
    title: 'Request of a run',
    text: 'What `tianwatch run` makes of its flags.',
    body: schemaTable(runRequestSchema, 'input'),
  },
  {
    title: 'Label rasters',
    text: 'A GeoTIFF of one band for `tianwatch evaluate`.',
    body: labelRasters,
  },
  {
    title: 'Label polygons',
    text: labelPolygons,
    body: schemaTable(labelPropertiesSchema, 'input'),
  },
  {
    title: 'List of places',
    text: 'What `tianwatch evaluate --places` reads; paths are relative to the file.',
    body: schemaTable(placesSchema, 'input'),
  },
  {
    title: 'Model card',
    text: 'The contract of a network with the product; [models/README.md](../models/README.md) has an example.',
    body: schemaTable(modelCardSchema, 'input'),
  },
  {
    title: 'Class map',
    text: 'Lies in `models/classes/`; 255 is always "not observed".',
    body: schemaTable(classMapSchema, 'input'),
  },
  {
    title: '`config/rules/minimum-area.json`',
    text: 'From which area on a patch is suspected, and which thin ones are no patches.',
    body: schemaTable(minimumAreaSchema, 'input'),
  },
  {
    title: '`config/rules/category.json`',
    text: 'What a change is called.',
    body: schemaTable(categoryRulesSchema, 'input'),
  },
  {
    title: '`config/rules/ledger.json`',
    text: 'What balances count as what, and what the programme is to reach.',
    body: schemaTable(ledgerRulesSchema, 'input'),
  },
  {
    title: '`config/rules/potential.json`',
    text: 'Which parcels are looked at for consolidation.',
    body: schemaTable(potentialRulesSchema, 'input'),
  },
  {
    title: '`config/rules/severity.json`',
    text: 'How grave a finding is, and when a permit makes it lawful.',
    body: schemaTable(severityRulesSchema, 'input'),
  },
  {
    title: '`config/rules/policy.json`',
    text: 'Named rules of farmland protection, dated, that a suspected change may touch.',
    body: schemaTable(policyRulesSchema, 'input'),
  },
  {
    title: '`config/rules/alert.json`',
    text: 'What opens an alert, when it is due, which tracks are one place.',
    body: schemaTable(alertRulesSchema, 'input'),
  },
  {
    title: '`config/rules/look.json`',
    text: 'When a photo of the ground is a look at a patch.',
    body: schemaTable(lookRulesSchema, 'input'),
  },
  {
    title: '`tianwatch-camera/1`',
    text: 'Registration of a tower camera, `<still>.camera.json` beside the still.',
    body: schemaTable(cameraSchema, 'input'),
  },
  {
    title: '`config/rules/confirmation.json`',
    text: 'When a patch that looks show again and again is believed.',
    body: schemaTable(confirmationSchema, 'input'),
  },
  {
    title: '`config/rules/project.json`',
    text: 'What works of a project should look like.',
    body: schemaTable(projectRulesSchema, 'input'),
  },
  {
    title: '`config/rules/season.json`',
    text: "What the fields' year explains: looks that neither confirm nor refute a change.",
    body: schemaTable(seasonRulesSchema, 'input'),
  },
  {
    title: '`config/land-codes.csv`',
    text: 'The dictionary of land codes (DLBM): UTF-8, a header of these columns in this order.',
    body: schemaTable(landCodeSchema, 'input'),
  },
  {
    title: '`config/land-codes.json`',
    text: 'Version and source of that table.',
    body: schemaTable(landCodesSchema, 'input'),
  },
  {
    title: '`config/regions/<id>.json`',
    text: 'Where a region is, whom it consists of, and the year of its fields.',
    body: schemaTable(regionSchema, 'input'),
  },
  {
    title: '`config/regions/<id>-towns.csv`',
    text: 'Its towns: UTF-8, a header of these columns in this order.',
    body: schemaTable(townSchema, 'input'),
  },
  {
    title: '`config/import.json`',
    text: 'Limits of what an import takes without a question.',
    body: schemaTable(importLimitsSchema, 'input'),
  },
  {
    title: '`config/sweep.json`',
    text: 'What `tianwatch sweep` leaves. Objects that rows refer to, and kinds of objects that nobody named a cache, are never swept.',
    body: schemaTable(sweepLimitsSchema, 'input'),
  },
  {
    title: '`config/sensors.json`',
    text: 'Bands, scaling and GSD of the sensors that are known by name.',
    body: schemaTable(sensorTableSchema, 'input'),
  },
];

const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const parts: readonly { readonly title: string; readonly sections: readonly Section[] }[] = [
  { title: 'What a run writes 输出文件', sections: written },
  { title: 'What a series writes 序列输出', sections: ofSeries },
  { title: 'What a potential survey writes 整治潜力', sections: ofPotential },
  { title: 'What commands print 命令输出', sections: printed },
  { title: 'What people write 输入与配置', sections: given },
];

/** Every document with a format of its own, from the schemas that write and read them. */
export function formatsPage(): string {
  const contents = parts.map(
    ({ title, sections }) =>
      `- ${title}: ${sections.map((section) => `[${section.title}](#${anchor(section.title)})`).join(', ')}`,
  );
  const chapters = parts.map(({ title, sections }) =>
    [`## ${title}`, ...sections.map(({ title: name, text, body }) => `### ${name}\n\n${text}\n\n${body}`)].join('\n\n'),
  );
  return ['# Formats 数据格式', contents.join('\n'), ...chapters].join('\n\n');
}
