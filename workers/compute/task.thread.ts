import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { computeChunk } from '../../pipeline/change/chunk.ts';
import { AppError, asAppError, errorTable } from '../../pipeline/errors.ts';
import type { Warning } from '../../pipeline/report/formats.ts';
import { type BlockCacheOptions, keepBlocks } from '../images/block-cache.ts';
import { openImages } from '../images/open-images.ts';
import { writeFileAtomic } from '../images/file-sink.ts';
import { serveThread, threadData } from '../pool/serve-thread.ts';
import type { ThreadAnswer } from '../pool/serve-thread.ts';
import type { OpenedRun, ReportedRun } from '../work.ts';
import { openBench } from './bench.ts';
import type { Bench } from './bench.ts';
import { chunkBytesOf } from './chunk-bytes.ts';
import { encodeChunk } from './chunk-file.ts';
import { detect } from './detect.ts';
import { detectBytesOf } from './detect-bytes.ts';
import { loadMinimumArea } from './draft.ts';
import type { Lattice } from './draft.ts';
import { planRun } from './open.ts';
import { openStaging, publishFolder, stagingFolder } from './out-folder.ts';
import { report } from './report.ts';
import { seenFractions } from './seen-ground.ts';
import type { RunPlan } from './run-plan.ts';
import { loadPlan, storePlan } from './run-plan.ts';
import { rasterFiles, stitch } from './stitch.ts';
import { makeTerritory } from './run-county.ts';
import type { AboutRun, Answer, Question, RunQuestion } from './task.ts';

const data = threadData() as {
  /** place of the image store */
  readonly images: string;
  readonly blocks: BlockCacheOptions;
  readonly lattice: Lattice;
};
const { lattice } = data;
keepBlocks(data.blocks);
const images = await openImages(data.images);

/** What the report told, in the run's own folder. */
const reportedFile = 'reported.json';

let bench: Bench | null = null;

async function benchFor(plan: RunPlan): Promise<Bench> {
  if (bench?.plan.id === plan.id) return bench;
  await closeBench();
  bench = await openBench(plan);
  return bench;
}

async function closeBench(): Promise<void> {
  const open = bench;
  bench = null;
  await open?.close();
}

async function openRun(
  { request, folder, candidates }: Extract<RunQuestion, { kind: 'open' }>,
  signal: AbortSignal,
): Promise<OpenedRun> {
  const plan = await planRun(request, { lattice, candidates }, () => signal.throwIfAborted());
  // of an earlier round
  await rm(join(folder, reportedFile), { force: true });
  await storePlan(folder, plan, new Date());
  const { grid, chunks, statistics } = plan;
  const shift = statistics && {
    col: round(statistics.shift.colPx),
    row: round(statistics.shift.rowPx),
    isApplied: statistics.shift.isApplied,
  };
  return {
    chunks: chunks.length,
    totalPx: grid.width * grid.height,
    plan: {
      width: grid.width,
      height: grid.height,
      chunks: chunks.length,
      tiles: chunks.reduce((sum, { tiles }) => sum + tiles.length, 0),
      bands: plan.evidenceBands,
      model: plan.model?.id ?? 'none',
      chunkBytes: chunkBytesOf(plan),
      detectBytes: await detectBytesOf(plan.layers, images),
      shiftPx: shift,
      warnings: plan.warnings.slice(0, 8).map(remarkOf),
    },
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

async function runChunk(plan: RunPlan, index: number, signal: AbortSignal): Promise<{ skipped: boolean; px: number }> {
  const chunk = plan.chunks[index];
  const key = plan.chunkKeys[index];
  if (chunk === undefined || key === undefined) throw new AppError('BUG', `The plan has no chunk ${index}.`, '');
  const px = chunk.keep.width * chunk.keep.height;
  if (await images.has(key)) {
    await images.touch(key);
    return { skipped: true, px };
  }
  const { tools } = await benchFor(plan);
  await images.put(
    key,
    encodeChunk(await computeChunk(chunk, { ...tools, throwIfCancelled: () => signal.throwIfAborted() })),
  );
  return { skipped: false, px };
}

/** Clock times: from the plan's making to now. */
function timingOf(folder: string): Readonly<Record<string, unknown>> {
  const openedMs = Date.parse(loadPlan(folder).plannedAt);
  const nowMs = Date.now();
  return {
    plannedAt: new Date(openedMs).toISOString(),
    writtenAt: new Date(nowMs).toISOString(),
    seconds: Math.round((nowMs - openedMs) / 100) / 10,
  };
}

/** A warning in one line of the terminal. */
const remarkOf = ({ code, message }: Warning): string => `${code}: ${message.slice(0, 200)}`;

/**
 * Report and publish, once: who comes again after a kill, or at the same time, finds what was told. `reported.json` is written
 * before the folder is moved, so where it stands without a staging folder the result is in its place.
 */
async function reportOnce(question: Extract<RunQuestion, { kind: 'report' }>, plan: RunPlan): Promise<ReportedRun> {
  const { request, runId, folder } = question;
  const told = async () =>
    JSON.parse(await readFile(join(folder, reportedFile), 'utf8').catch(() => 'null')) as ReportedRun | null;
  const staging = stagingFolder(request.out, runId);
  const before = existsSync(staging) ? null : await told();
  if (before !== null) return before;
  try {
    return await writeReport(question, plan);
  } catch (error) {
    const after = existsSync(staging) ? null : await told();
    if (after !== null) return after;
    throw error;
  }
}

async function writeReport(question: Extract<RunQuestion, { kind: 'report' }>, plan: RunPlan): Promise<ReportedRun> {
  const { request, runId, folder, failed } = question;
  const staging = await openStaging(request.out, runId);
  const missing = Object.values(rasterFiles).filter((file) => !existsSync(join(staging, file)));
  if (missing.length > 0)
    throw new AppError(
      'CONFLICT',
      `${missing.join(', ')} of run ${runId} vanished from ${staging} before the result was published.`,
      'Let nothing else write there, and give the same command again.',
    );
  const summary = await report(plan, { staging, folder, images, failed, timing: timingOf(folder) });
  const { coverage } = summary;
  const isEmpty = coverage.observedM2 + coverage.reasonsM2.cloud + coverage.reasonsM2.shadow === 0;
  if (isEmpty) {
    await rm(staging, { recursive: true, force: true });
    return { state: 'no-input', summary: { coverage } };
  }
  const { patches, categories, warnings, changedM2 } = summary;
  const reported: ReportedRun = {
    state: summary.state,
    summary: {
      out: request.out,
      patches,
      categories,
      changedM2,
      coverage,
      warnings: warnings.length,
      // those of the plan are told with it
      remarks: warnings.slice(plan.warnings.length).map(remarkOf),
    },
  };
  await writeFileAtomic(join(folder, reportedFile), new TextEncoder().encode(JSON.stringify(reported)));
  await publishFolder(staging, request.out);
  return reported;
}

/** A failure that no retry mends leaves nothing behind that looks like a result. */
async function cleanAfter(error: unknown, { request, runId }: AboutRun): Promise<never> {
  if (errorTable[asAppError(error).code].retry === 'never')
    await rm(stagingFolder(request.out, runId), { recursive: true, force: true });
  throw error;
}

serveThread<Question, Answer>((question, signal) =>
  question.kind === 'territory'
    ? makeTerritory(images, question.ref).then((territory) => ({ output: { kind: 'territory', territory } as const }))
    : answer(question, signal).catch((error: unknown) => cleanAfter(error, question)),
);

async function answer(question: RunQuestion, signal: AbortSignal): Promise<ThreadAnswer<Answer>> {
  const { folder, request, runId } = question;
  if (question.kind === 'open') return { output: { kind: 'open', opened: await openRun(question, signal) } };
  const plan = loadPlan(folder);
  if (question.kind === 'chunk')
    return { output: { kind: 'chunk', computed: await runChunk(plan, question.index, signal) } };
  // network and decoded blocks would stay beside a whole raster
  await closeBench();
  if (question.kind === 'report') return { output: { kind: 'report', reported: await reportOnce(question, plan) } };
  const staging = await openStaging(request.out, runId);
  const common = {
    staging,
    images,
    failed: new Set(question.failed.map(({ index }) => index)),
    throwIfCancelled: () => signal.throwIfAborted(),
  };
  if (question.kind === 'stitch') {
    await stitch(plan, { ...common, scratch: join(folder, 'scratch') });
    return { output: { kind: 'stitch' } };
  }
  if (question.kind === 'detect') {
    await detect(plan, { ...common, folder, minimumArea: loadMinimumArea() });
    return { output: { kind: 'detect' } };
  }
  return { output: { kind: 'seen', fractions: await seenFractions(plan, staging, question.grounds) } };
}
