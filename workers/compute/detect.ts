import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { chunkBands } from '../../pipeline/change/chunk.ts';
import type { MinimumArea } from '../../pipeline/change/minimum-area.ts';
import { patchGeometry } from '../../pipeline/change/patch-geojson.ts';
import type { ChangePatch, FoundPatch, PatchCounts } from '../../pipeline/change/patches.ts';
import { openPatchDetector } from '../../pipeline/change/patches.ts';
import { applyAffine } from '../../pipeline/geo/affine.ts';
import { pixelAreaModel } from '../../pipeline/geo/area.ts';
import type { EqualAreaFrame } from '../../pipeline/geo/frame.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import type { PatchProperties, Warning } from '../../pipeline/report/formats.ts';
import { countPatches, tabulateCategories, tabulateChanges } from '../../pipeline/report/summary.ts';
import type { PatchFacts } from '../../pipeline/report/summary.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import type { ProjectFinding } from '../../pipeline/report/project-table.ts';
import { discrepancyText } from '../../pipeline/rule/discrepancy.ts';
import { categoryCodes } from '../../pipeline/rule/reason.ts';
import { fileSpools, openFileSink, writeFileAtomic } from '../images/file-sink.ts';
import type { FileSink } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import { categoryFile, openCategoryPainter, writeCategories } from './category-raster.ts';
import type { CategoryPainter } from './category-raster.ts';
import { findingsFile } from './findings.ts';
import { openGroundReading } from './ground-reading.ts';
import { openPatchJudge } from './patch-judge.ts';
import type { JudgedPatch } from './patch-judge.ts';
import { openPatchLand, shapeWriter } from './patch-land.ts';
import type { PatchLand } from './patch-land.ts';
import { loadProjectRules } from '../rule/load-rules.ts';
import type { TallyRows } from './ground-tally.ts';
import { splitByTown, warnOfUnplanned } from './project-parts.ts';
import { observationsFile, observationsText, sightingLine, sightingsFile } from './reading-file.ts';
import { openProjectWatch, projectFindings } from './project-watch.ts';
import type { ProjectWatch } from './project-watch.ts';
import { frameFor, rulesFor, townsOf } from './run-rules.ts';
import type { RunPlan } from './run-plan.ts';
import { planeOf, stitchedRows, thresholdValue } from './stitch.ts';

export const patchesFile = 'patches.geojson';
export const detectedFile = 'detected.json';
export const discrepanciesFile = 'discrepancies.csv';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A patch that the report draws or lists. */
export interface ForemostPatch extends Pick<ChangePatch, 'bboxPx' | 'rings'> {
  readonly properties: PatchProperties;
}

/** What detection hands to the report; the patches themselves are in the GeoJSON, however many there are. */
export interface Detected {
  readonly counts: PatchCounts;
  readonly totals: ReturnType<typeof countPatches>;
  readonly changes: ReturnType<typeof tabulateChanges>;
  readonly categories: ReturnType<typeof tabulateCategories>;
  /** by rank */
  readonly foremost: readonly ForemostPatch[];
  /** plan and observation of every sub-project and town */
  readonly projects: readonly ProjectFinding[];
  /** what limits the result, apart from what the plan says */
  readonly warnings: readonly Warning[];
}

/** More outlines than these are a smear on the map of a report. */
const foremostPatches = 2000;

/** What an inspector looks at first: suspected before watched, findings without a permit before others, then the largest. */
function byRank({ properties: a }: ForemostPatch, { properties: b }: ForemostPatch): number {
  const rank = ({ state, category, isLawful }: PatchProperties): number =>
    (state === 'watch' ? 4 : 0) + (isLawful ? 2 : 0) + (category === 'non-farm' || category === 'non-grain' ? 0 : 1);
  return rank(a) - rank(b) || b.areaM2 - a.areaM2 || (a.id < b.id ? -1 : 1);
}

export interface DetectOptions {
  readonly staging: string;
  readonly folder: string;
  readonly images: ImageStore;
  readonly failed: ReadonlySet<number>;
  readonly minimumArea: MinimumArea;
  throwIfCancelled(): void;
}

interface Outputs {
  readonly patches: FileSink;
  readonly findings: FileSink;
  readonly sightings: FileSink;
  readonly frame: EqualAreaFrame;
  readonly painter: CategoryPainter;
  readonly judgePatch: (patch: ChangePatch) => JudgedPatch;
  readonly watch: ProjectWatch | null;
}

/**
 * Find and judge the patches: each as GeoJSON into the staging folder as it ends, then the raster of categories; sums and
 * findings into the run's own folder.
 */
export async function detect(plan: RunPlan, options: DetectOptions): Promise<void> {
  const { staging, folder } = options;
  const patches = await openFileSink(join(staging, patchesFile));
  const findings = await openFileSink(join(folder, findingsFile));
  const sightings = await openFileSink(join(folder, sightingsFile));
  const painter = openCategoryPainter(fileSpools(join(folder, 'scratch')));
  try {
    const period = { from: plan.before.scene.acquired, to: plan.after.scene.acquired };
    const land = await openPatchLand(plan.layers, options.images, plan.grid, period);
    const rules = rulesFor(plan.grid);
    const projectRules = loadProjectRules(rules);
    const judgePatch = openPatchJudge({
      land,
      rules,
      dateBefore: period.from,
      dateAfter: period.to,
      isExperimental: plan.model?.isExperimental ?? false,
      isSeasonWeighed: false,
      leastProbability: plan.model?.patchThresholds ?? {},
    });
    const frame = land?.frame ?? frameFor(plan.grid);
    const parts = land?.layers.subProjects ? splitByTown(land.layers.subProjects, land.layers.survey) : null;
    const watch = openProjectWatch(plan, land, { parts, rules, projectRules });
    const reading = readingFor(plan, land, { frame, parts });
    const outputs = { patches, findings, sightings, frame, painter, judgePatch, watch };
    const found = await writePatches(plan, options, outputs);
    const onRows = (rows: TallyRows): void => {
      watch?.addRows(rows);
      reading.addRows(rows);
    };
    await writeCategories(plan, { ...options, painter, path: join(staging, categoryFile), onRows });
    const judged = watch?.judge() ?? null;
    if (judged !== null) await writeFileAtomic(join(staging, discrepanciesFile), bytesOf(discrepancyText(judged)));
    await writeFileAtomic(join(folder, observationsFile), bytesOf(observationsText(reading.finish())));
    await sightings.publish();
    const detected: Detected = {
      ...found,
      projects: projectFindings(judged ?? [], projectRules, townsOf(rules)),
      warnings: warnOfUnplanned(land?.layers.projects ?? null, land?.layers.subProjects ?? null),
    };
    await writeFileAtomic(join(folder, detectedFile), bytesOf(JSON.stringify(detected)));
    await findings.publish();
    await patches.publish();
  } finally {
    await painter.close();
    await findings.discard();
    await sightings.discard();
    await patches.discard();
  }
}

function readingFor(
  { grid, layers }: RunPlan,
  land: PatchLand | null,
  { frame, parts }: { readonly frame: EqualAreaFrame; readonly parts: ParcelLayer | null },
) {
  const surveyId = layers.find(({ kind }) => kind === 'land-survey')?.id ?? '';
  return openGroundReading({ grid, frame, parts, survey: land?.layers.survey ?? null, surveyId });
}

/** Features stand in the order in which their last rows end. */
async function writePatches(
  plan: RunPlan,
  options: DetectOptions,
  outputs: Outputs,
): Promise<Omit<Detected, 'projects' | 'warnings'>> {
  const { grid } = plan;
  const detector = openPatchDetector({
    width: grid.width,
    threshold: thresholdValue(plan),
    classMap: plan.classMap,
    minimumArea: options.minimumArea,
    pixelAreaM2: pixelAreaModel(grid),
    idContext: JSON.stringify([plan.before.scene.id, plan.after.scene.id, grid.crs.definition, grid.affine]),
    hash: sha256,
  });
  const taker = openTaker(plan, outputs);
  await outputs.patches.write(bytesOf('{"type":"FeatureCollection","features":[\n'));
  for await (const { raster } of stitchedRows(plan, options.images, options.failed)) {
    options.throwIfCancelled();
    const plane = (name: (typeof chunkBands)[number]): Uint8Array => planeOf(raster, chunkBands.indexOf(name)).data;
    const [change, classBefore, changeInto] = [plane('change'), plane('classesBefore'), plane('changeInto')];
    await taker.take(detector.addRows({ rowCount: raster.height, change, classBefore, changeInto }));
  }
  const { patches, counts } = detector.finish();
  await taker.take(patches);
  await outputs.patches.write(bytesOf('\n]}\n'));
  const { facts, foremost } = taker.taken();
  return {
    counts,
    totals: countPatches(facts, counts),
    changes: tabulateChanges(facts),
    categories: tabulateCategories(facts),
    foremost,
  };
}

/** Hands each patch to whom it concerns and keeps its figures. */
function openTaker(plan: RunPlan, outputs: Outputs) {
  const geometryOf = geometryWriter(plan);
  const shapeOf = shapeWriter(plan.grid, outputs.frame);
  const facts: PatchFacts[] = [];
  let foremost: ForemostPatch[] = [];
  const takeOne = async (patch: FoundPatch): Promise<void> => {
    const { properties, unpermittedM2, shape } = outputs.judgePatch(patch);
    if (shape !== null) outputs.watch?.addPatch(shape, properties);
    const { category, severity, isLawful } = properties;
    const { classBefore, classAfter, state, areaM2, bboxPx, rings } = patch;
    const geometry = geometryOf(patch);
    const feature = JSON.stringify({ type: 'Feature', properties, geometry });
    await outputs.patches.write(bytesOf(`${facts.length === 0 ? '' : ',\n'}${feature}`));
    if (state === 'suspected') {
      await outputs.findings.write(bytesOf(`${JSON.stringify({ properties, geometry })}\n`));
      const line = sightingLine(properties, shape ?? shapeOf(rings), outputs.frame.centre);
      if (line !== null) await outputs.sightings.write(bytesOf(line));
    }
    await outputs.painter.add(patch.runs, categoryCodes[category]);
    facts.push({ classBefore, classAfter, state, areaM2, category, severity, isLawful, unpermittedM2 });
    foremost.push({ properties, bboxPx, rings });
    if (foremost.length >= 2 * foremostPatches) foremost = foremost.sort(byRank).slice(0, foremostPatches);
  };
  return {
    async take(patches: readonly FoundPatch[]): Promise<void> {
      for (const patch of patches) await takeOne(patch);
    },
    taken: () => ({ facts, foremost: foremost.sort(byRank).slice(0, foremostPatches) }),
  };
}

function geometryWriter({ grid }: RunPlan) {
  const toLonLat = lonLatProjector(grid.crs);
  const place = (col: number, row: number): readonly [number, number] =>
    toLonLat(...applyAffine(grid.affine, col, row));
  return ({ rings }: ChangePatch) => patchGeometry(rings, place);
}
