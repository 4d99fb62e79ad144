import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { displayGeometry } from '../../pipeline/change/patch-geojson.ts';
import { applyAffine } from '../../pipeline/geo/affine.ts';
import { gsdOf, windowAreaM2 } from '../../pipeline/geo/area.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import { manifestSchema, notice, summarySchema } from '../../pipeline/report/formats.ts';
import type { Manifest, Summary } from '../../pipeline/report/formats.ts';
import { renderReport } from '../../pipeline/report/html.ts';
import type { ReportPatch } from '../../pipeline/report/report-input.ts';
import { sumCoverage } from '../../pipeline/report/summary.ts';
import type { ChunkAreas } from '../../pipeline/report/summary.ts';
import type { Grid, Window } from '../../pipeline/types.ts';
import { fileError, writeFileAtomic } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import type { FailedChunk } from '../work.ts';
import { decodeFacts } from './chunk-file.ts';
import { codeVersion } from './code-version.ts';
import { categoryStyles } from './category-style.ts';
import { detectedFile } from './detect.ts';
import type { Detected, ForemostPatch } from './detect.ts';
import { openSceneFiles } from './look-reader.ts';
import { manifestName } from './out-folder.ts';
import {
  chipGrid,
  chipOverlay,
  chipSidePx,
  displayGrid,
  picture,
  readDisplay,
  shownBands,
  stretchesOf,
  windowOfArea,
} from './pictures.ts';
import type { LookPlan, RunPlan } from './run-plan.ts';
import { shiftOf } from './shift.ts';
import { shownName } from '../images/source.ts';

const chips = 10;

export interface ReportOptions {
  readonly staging: string;
  readonly folder: string;
  readonly images: ImageStore;
  readonly failed: readonly FailedChunk[];
  readonly timing: Readonly<Record<string, unknown>>;
}

/** Areas of all chunks in order, and the area of those that failed. */
async function readAreas(
  plan: RunPlan,
  { images, failed }: ReportOptions,
): Promise<{ areas: ChunkAreas[]; failedM2: number }> {
  const lost = new Set(failed.map(({ index }) => index));
  const areas: ChunkAreas[] = [];
  let failedM2 = 0;
  for (const { index, keep } of plan.chunks) {
    const bytes = lost.has(index) ? null : await images.get(plan.chunkKeys[index]!);
    if (bytes === null) failedM2 += windowAreaM2(plan.grid, keep);
    else areas.push(decodeFacts(bytes));
  }
  return { areas, failedM2 };
}

/**
 * Write summary.json, report.html and, last, run.json into the staging folder.
 *
 * @returns the summary; nothing was seen at all where `coverage` has no observed, cloudy or shaded ground
 */
export async function report(plan: RunPlan, options: ReportOptions): Promise<Summary> {
  const detected = JSON.parse(readFileSync(join(options.folder, detectedFile), 'utf8')) as Detected;
  const { areas, failedM2 } = await readAreas(plan, options);
  const coverage = sumCoverage(areas, failedM2);
  const state = options.failed.length > 0 ? 'partial' : 'done';
  const { before, after, grid } = plan;
  const gsdM = Math.round(gsdOf(grid).mean * 1000) / 1000;
  const summary: Summary = summarySchema.parse({
    format: 'tianwatch-summary/1',
    state,
    notice,
    dateBefore: before.scene.acquired,
    dateAfter: after.scene.acquired,
    sensorBefore: before.scene.sensor,
    sensorAfter: after.scene.sensor,
    model: plan.model === null ? 'none' : `${plan.model.id}@${plan.model.version}`,
    gsdM,
    coverage,
    ...detected.totals,
    categories: detected.categories,
    changes: detected.changes,
    layers: plan.layers.map(shownLayer),
    warnings: [...plan.warnings, ...detected.warnings],
  } satisfies Summary);
  const manifest = manifestOf(plan, { summary, gsdM, detected, failed: options.failed });
  await write(options.staging, 'summary.json', `${JSON.stringify(summary, null, 2)}\n`);
  const pictures = await draw(plan, detected.foremost);
  await write(
    options.staging,
    'report.html',
    renderReport({
      summary,
      manifest,
      classes: plan.classMap.classes,
      categories: categoryStyles,
      projects: detected.projects,
      ...pictures,
    }),
  );
  const outputs = await hashFolder(options.staging);
  const whole: Manifest = manifestSchema.parse({ ...manifest, outputs, timing: options.timing });
  await write(options.staging, manifestName, `${JSON.stringify(whole, null, 2)}\n`);
  return summary;
}

async function write(folder: string, name: string, text: string): Promise<void> {
  await writeFileAtomic(join(folder, name), new TextEncoder().encode(text));
}

async function hashFolder(folder: string): Promise<Manifest['outputs']> {
  const names = (await readdir(folder)).filter((name) => name !== manifestName && !name.includes('.part-')).sort();
  const outputs: Manifest['outputs'] = [];
  for (const file of names) {
    const path = join(folder, file);
    const hash = createHash('sha256');
    try {
      for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
      outputs.push({ file, bytes: (await stat(path)).size, sha256: hash.digest('hex') });
    } catch (error) {
      throw fileError(error, path);
    }
  }
  return outputs;
}

interface ManifestParts {
  readonly summary: Summary;
  readonly gsdM: number;
  readonly detected: Detected;
  readonly failed: readonly FailedChunk[];
}

function manifestOf(
  plan: RunPlan,
  { summary, gsdM, detected, failed }: ManifestParts,
): Omit<Manifest, 'outputs' | 'timing'> {
  const { grid, model } = plan;
  const inputsOf = (role: 'before' | 'after', { scene }: LookPlan): Manifest['inputs'] =>
    scene.files.map(({ uri, bytes, sha256, etag, item }) => ({
      role,
      file: shownName(uri),
      bytes,
      sha256,
      ...(etag !== undefined && { etag }),
      ...(item !== undefined && { item }),
      acquired: scene.acquired,
      sensor: scene.sensor,
    }));
  const aoi: Manifest['inputs'] =
    plan.areaOfInterest === null ? [] : [{ role: 'aoi', ...plan.areaOfInterest.file, acquired: null, sensor: null }];
  return {
    format: 'tianwatch-run/1',
    id: plan.id,
    state: summary.state,
    code: { name: 'tianwatch', version: codeVersion(), pixelsVersion: plan.pixelsVersion },
    inputs: [...inputsOf('before', plan.before), ...inputsOf('after', plan.after), ...aoi],
    layers: plan.layers.map(shownLayer),
    model: model && {
      id: model.id,
      version: model.version,
      cardSha256: model.cardSha256,
      weightsSha256: model.weightsSha256,
      thresholdFraction: plan.threshold,
    },
    config: [...plan.config],
    grid: {
      epsg: grid.crs.epsg,
      crs: grid.crs.definition,
      affine: [...grid.affine],
      width: grid.width,
      height: grid.height,
      gsdM,
    },
    bands: [...plan.evidenceBands],
    statistics: plan.statistics,
    chunks: { total: plan.chunks.length, failed: failed.map(({ index, reason }) => ({ chunk: index, why: reason })) },
    coverage: summary.coverage,
    counts: {
      suspected: summary.patches.suspected,
      watch: summary.patches.watch,
      changedPixels: detected.counts.changedPixels,
      dropped: summary.patches.dropped,
    },
    warnings: [...summary.warnings],
  };
}

/** A layer as documents name it; where it is kept is this data folder's own affair. */
const shownLayer = ({ key: _key, ...layer }: RunPlan['layers'][number]) => layer;

/** Map pictures of both dates, outlines of the foremost patches on them, chips of the first. */
async function draw(plan: RunPlan, patches: readonly ForemostPatch[]) {
  const display = displayGrid(plan.grid);
  const bands = plan.before.bands.slice(0, plan.evidenceBands.length);
  const shown = shownBands(bands);
  const look = async ({ scene }: LookPlan, isAfter: boolean) => {
    const ownBands = bands.map(({ name }) => scene.bands.find((band) => band.name === name)!);
    return {
      scene,
      files: await openSceneFiles(scene),
      bands: ownBands,
      neededBands: 0,
      gsdM: display.metresPerPx,
      cloud: null,
      shift: isAfter ? shiftOf(plan) : undefined,
    };
  };
  const looks = [await look(plan.before, false), await look(plan.after, true)] as const;
  const rasterOn = (side: 0 | 1, grid: Grid, perPx: readonly [number, number], within: Window | null = null) => {
    const { shift, ...rest } = looks[side];
    const shiftPx = shift && { col: shift.col / perPx[0], row: shift.row / perPx[1] };
    return readDisplay({ ...rest, ...(shiftPx && { shiftPx }) }, grid, within);
  };
  try {
    // what lies far from the area of interest is nobody's question, and may be far away
    const within = windowOfArea(display.grid, plan.areaOfInterest?.polygons ?? null);
    const before = await rasterOn(0, display.grid, display.perPx, within);
    const after = await rasterOn(1, display.grid, display.perPx, within);
    const stretches = stretchesOf(plan.statistics, shown);
    const map = {
      before: await picture(before, shown, stretches.before),
      after: await picture(after, shown, stretches.after),
      metresPerPx: display.metresPerPx,
    };
    const toLonLat = lonLatProjector(plan.grid.crs);
    const reported: ReportPatch[] = [];
    for (const [position, patch] of patches.entries()) {
      const [minCol, minRow, maxCol, maxRow] = patch.bboxPx;
      const onMap = (col: number, row: number) => [col / display.perPx[0], row / display.perPx[1]] as const;
      reported.push({
        rank: position + 1,
        properties: patch.properties,
        centreDeg: toLonLat(...applyAffine(plan.grid.affine, (minCol + maxCol) / 2, (minRow + maxRow) / 2)),
        mapRings: displayGeometry(patch.rings, onMap).coordinates,
        chips: position < chips && patch.properties.state === 'suspected' ? await drawChips(plan, patch) : null,
      });
    }
    return { map, patches: reported };

    async function drawChips({ grid }: RunPlan, patch: ForemostPatch) {
      const chip = chipGrid(grid, patch.bboxPx);
      const overlay = chipOverlay(ringsOf(patch).map((ring) => ring.map(([col, row]) => chip.toChip(col, row))));
      const cut = async (side: 0 | 1) =>
        picture(
          await rasterOn(side, chip.grid, chip.perPx),
          shown,
          side === 0 ? stretches.before : stretches.after,
          overlay,
          chipSidePx,
        );
      return { before: await cut(0), after: await cut(1) };
    }
  } finally {
    for (const { files } of looks) for (const file of files) await file.close();
  }
}

/** Rings as `[col, row]` pairs. */
function ringsOf({ rings }: ForemostPatch): readonly (readonly (readonly [number, number])[])[] {
  return rings.map((ring) =>
    Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i]!, ring[2 * i + 1]!] as const),
  );
}
