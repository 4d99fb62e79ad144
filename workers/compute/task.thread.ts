import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCard } from '../../models/shelf.ts';
import { planPair } from '../../models/runner.ts';
import type { Model } from '../../models/runner.ts';
import { openModel } from '../../models/runner.thread.ts';
import { computeChunk } from '../../pipeline/change/chunk.ts';
import { AppError, asAppError, errorTable } from '../../pipeline/errors.ts';
import { gsdOf, pixelAreaModel } from '../../pipeline/geo/area.ts';
import type { GeotiffFile } from '../../pipeline/raster/geotiff.ts';
import { maskOfPolygons, polygonsOnGrid } from '../../pipeline/tile/aoi.ts';
import { openFolderStore } from '../images/folder-store.ts';
import { serveThread, threadData } from '../pool/serve-thread.ts';
import type { ThreadAnswer } from '../pool/serve-thread.ts';
import type { OpenedRun, ReportedRun } from '../work.ts';
import { encodeChunk } from './chunk-file.ts';
import { detect } from './detect.ts';
import { loadMinimumArea } from './draft.ts';
import { judge } from './judge.ts';
import { createLookReader, openSceneFiles } from './look-reader.ts';
import { planRun } from './open.ts';
import { openStaging, publishFolder, stagingFolder } from './out-folder.ts';
import { report } from './report.ts';
import { loadPlan, planTimeMs, storePlan } from './run-plan.ts';
import type { LookPlan, RunPlan } from './run-plan.ts';
import { shiftOf } from './shift.ts';
import { stitch } from './stitch.ts';
import type { AboutRun, Answer, Question } from './task.ts';

const { imageFolder, originPx } = threadData() as { readonly imageFolder: string; readonly originPx: number };
const images = await openFolderStore(imageFolder);

/** What a thread keeps open between the chunks of one run. */
interface Bench {
  readonly plan: RunPlan;
  readonly files: { readonly before: readonly GeotiffFile[]; readonly after: readonly GeotiffFile[] };
  readonly model: Model | null;
  readonly areaM2: (col: number, row: number) => number;
  readonly gsdM: number;
  close(): Promise<void>;
}
let bench: Bench | null = null;

async function benchFor(plan: RunPlan): Promise<Bench> {
  if (bench?.plan.id === plan.id) return bench;
  await bench?.close();
  bench = null;
  const files = { before: await openSceneFiles(plan.before.scene), after: await openSceneFiles(plan.after.scene) };
  const model = plan.model === null ? null : await openModel(loadCard(plan.model.path));
  bench = {
    plan,
    files,
    model,
    areaM2: pixelAreaModel(plan.grid),
    gsdM: gsdOf(plan.grid).mean,
    async close() {
      await model?.close();
      for (const file of [...files.before, ...files.after]) await file.close();
    },
  };
  return bench;
}

async function openRun({ request, folder }: AboutRun, signal: AbortSignal): Promise<OpenedRun> {
  const plan = await planRun(request, originPx, () => signal.throwIfAborted());
  await storePlan(folder, plan);
  const { grid, chunks, statistics } = plan;
  const shift = statistics && { col: round(statistics.shift.colPx), row: round(statistics.shift.rowPx), isApplied: statistics.shift.isApplied };
  return {
    chunks: chunks.length,
    totalPx: grid.width * grid.height,
    plan: { width: grid.width, height: grid.height, chunks: chunks.length, tiles: chunks.reduce((sum, { tiles }) => sum + tiles.length, 0), bands: plan.evidenceBands, model: plan.model?.id ?? 'none', shiftPx: shift, warnings: plan.warnings.slice(0, 8).map(({ code, message }) => `${code}: ${message.slice(0, 200)}`) },
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

async function runChunk(plan: RunPlan, index: number, signal: AbortSignal): Promise<{ skipped: boolean; px: number }> {
  const chunk = plan.chunks[index];
  const key = plan.chunkKeys[index];
  if (chunk === undefined || key === undefined) throw new AppError('BUG', `The plan has no chunk ${index}.`, '');
  const px = chunk.keep.width * chunk.keep.height;
  if (await images.has(key)) return { skipped: true, px };
  const { files, model, areaM2, gsdM } = await benchFor(plan);
  const { grid, statistics } = plan;
  const evidenceBands = plan.evidenceBands.length;
  const shiftPx = shiftOf(plan);
  const readerOf = ({ scene, bands, cloud }: LookPlan, own: readonly GeotiffFile[], shift?: { readonly col: number; readonly row: number }) =>
    createLookReader({ scene, files: own, bands, neededBands: evidenceBands, grid, gsdM, cloud, ...(shift && { shiftPx: shift }) });
  const readers = { before: readerOf(plan.before, files.before), after: readerOf(plan.after, files.after, shiftPx) };
  const pair = model && statistics ? planPair(model.card, { statistics: statistics.before, radiometry: plan.before.scene.radiometry }, { statistics: statistics.after, radiometry: plan.after.scene.radiometry }) : null;
  const areaOfInterest = plan.areaOfInterest && polygonsOnGrid(grid, plan.areaOfInterest.polygons);
  const result = await computeChunk(chunk, {
    gsdM,
    look: (side, window) => readers[side].look(window),
    judge(before, after) {
      if (statistics === null) return Promise.resolve(null);
      const network = model && pair ? { model, pair } : null;
      return judge(before, after, { statistics, evidenceBands, opticalBands: { before: statistics.before.bands.length, after: statistics.after.bands.length }, network });
    },
    areaOfInterest: (window) => areaOfInterest && maskOfPolygons(window, areaOfInterest),
    pixelAreaM2: areaM2,
    throwIfCancelled: () => signal.throwIfAborted(),
  });
  await images.put(key, encodeChunk(result));
  return { skipped: false, px };
}

/** Clock times: from the plan's making to now. */
function timingOf(folder: string): Readonly<Record<string, unknown>> {
  const openedMs = planTimeMs(folder);
  const nowMs = Date.now();
  return { plannedAt: new Date(openedMs).toISOString(), writtenAt: new Date(nowMs).toISOString(), seconds: Math.round((nowMs - openedMs) / 100) / 10 };
}

async function writeReport(question: Extract<Question, { kind: 'report' }>, plan: RunPlan): Promise<ReportedRun> {
  const { request, runId, folder, failed } = question;
  const staging = stagingFolder(request.out, runId);
  const summary = await report(plan, { staging, folder, images, failed, timing: timingOf(folder) });
  const { coverage } = summary;
  const isEmpty = coverage.observedM2 + coverage.reasonsM2.cloud + coverage.reasonsM2.shadow === 0;
  if (isEmpty) {
    await rm(staging, { recursive: true, force: true });
    return { state: 'no-input', summary: { coverage } };
  }
  await publishFolder(staging, request.out);
  const { patches, warnings, changedM2 } = summary;
  return { state: summary.state, summary: { out: request.out, patches, changedM2, coverage, warnings: warnings.length } };
}

/** A failure that no retry mends leaves nothing behind that looks like a result. */
async function cleanAfter(error: unknown, { request, runId }: AboutRun): Promise<never> {
  if (errorTable[asAppError(error).code].retry === 'never') await rm(stagingFolder(request.out, runId), { recursive: true, force: true });
  throw error;
}

serveThread<Question, Answer>((question, signal) => answer(question, signal).catch((error: unknown) => cleanAfter(error, question)));

async function answer(question: Question, signal: AbortSignal): Promise<ThreadAnswer<Answer>> {
  const { folder, request, runId } = question;
  if (question.kind === 'open') return { output: { kind: 'open', opened: await openRun(question, signal) } };
  const plan = loadPlan(folder);
  if (question.kind === 'chunk') return { output: { kind: 'chunk', computed: await runChunk(plan, question.index, signal) } };
  const staging = await openStaging(request.out, runId);
  const common = { staging, images, failed: new Set(question.failed.map(({ index }) => index)), throwIfCancelled: () => signal.throwIfAborted() };
  if (question.kind === 'stitch') {
    await stitch(plan, { ...common, scratch: join(folder, 'scratch') });
    return { output: { kind: 'stitch' } };
  }
  if (question.kind === 'detect') {
    await detect(plan, { ...common, folder, minimumArea: loadMinimumArea() });
    return { output: { kind: 'detect' } };
  }
  return { output: { kind: 'report', reported: await writeReport(question, plan) } };
}
