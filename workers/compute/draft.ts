import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedCard } from '../../models/card.ts';
import { classMapSchema } from '../../models/card.ts';
import { minimumAreaSchema } from '../../pipeline/change/minimum-area.ts';
import type { MinimumArea } from '../../pipeline/change/minimum-area.ts';
import { AppError } from '../../pipeline/errors.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import { cloudDecision } from '../../pipeline/pair/cloud-class.ts';
import { cloudHaloPx } from '../../pipeline/pair/cloud.ts';
import { evidenceHaloPx } from '../../pipeline/pair/statistics.ts';
import type { Warning } from '../../pipeline/report/formats.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import { parseAoi } from '../../pipeline/tile/aoi.ts';
import { chooseGrid, overlapWindow } from '../../pipeline/tile/grid.ts';
import { planChunks } from '../../pipeline/tile/plan.ts';
import type { Chunk, ClassMap, Grid, Scene } from '../../pipeline/types.ts';
import { openScene } from '../images/open-scene.ts';
import type { OpenScene } from '../images/open-scene.ts';
import { ruleFiles } from '../rule/load-rules.ts';
import { chooseCard, gridOf } from './choose-card.ts';
import { chooseBands } from './look-bands.ts';
import type { LookBands } from './look-bands.ts';
import type { ConfigFile, RunPlan } from './run-plan.ts';
import { shownName } from '../images/source.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const chunkSidePx = 2048;
/** without a network; six bands of two dates in tiles of this side take some 250 MB a thread */
const tileSidePx = 896;

/** How a grid is cut; results depend on it by no more than rounding. */
export interface Lattice {
  /** where the tile lattice starts (px, default 0) */
  readonly originPx?: number;
  /** largest side of a chunk (px), which tiles do not exceed either, their halos apart */
  readonly chunkPx?: number;
}

/** What can be said of a run before a pixel is read. */
export interface Draft {
  readonly before: OpenScene;
  readonly after: OpenScene;
  readonly bands: LookBands;
  readonly card: LoadedCard | null;
  readonly classMap: ClassMap;
  readonly threshold: number;
  readonly grid: Grid;
  readonly gsdM: number;
  readonly areaOfInterest: RunPlan['areaOfInterest'];
  readonly chunks: readonly Chunk[];
  readonly config: readonly ConfigFile[];
  readonly warnings: readonly Warning[];
  close(): Promise<void>;
}

/** A file with its hash, by its path in the project. */
export function hashed(path: string, name = relative(root, path)): ConfigFile {
  const bytes = readFileSync(path);
  return { file: name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

const minimumAreaPath = fileURLToPath(new URL('../../config/rules/minimum-area.json', import.meta.url));
const evidencePath = fileURLToPath(new URL('../../config/rules/evidence.json', import.meta.url));
const evidenceClassesPath = fileURLToPath(new URL('../../models/classes/cover-6.json', import.meta.url));

export function loadMinimumArea(): MinimumArea {
  return minimumAreaSchema.parse(JSON.parse(readFileSync(minimumAreaPath, 'utf8')));
}

/** @throws AppError NOT_FOUND, INPUT_INVALID */
export function readAoi(path: string): RunPlan['areaOfInterest'] {
  if (!existsSync(path))
    throw new AppError('NOT_FOUND', `--aoi ${path} does not exist.`, 'Give a GeoJSON file of polygons.');
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new AppError('INPUT_INVALID', `--aoi ${path} is no JSON.`, 'Give a GeoJSON file of polygons.', {}, error);
  }
  return { file: hashed(path, basename(path)), polygons: parseAoi(document, path) };
}

const quietProblems = ['NOT_TILED', 'NO_OVERVIEWS', 'NODATA_UNDECLARED'];

/**
 * Open both scenes and decide grid, bands, model and chunks.
 *
 * @throws AppError what scenes, cards and grids throw, before a tile is read
 */
export async function draftRun(request: RunRequest, lattice: Lattice = {}): Promise<Draft> {
  const before = await openScene(request.before);
  let after: OpenScene | null = null;
  try {
    after = await openScene(request.after);
    return finishDraft(request, before, after, lattice);
  } catch (error) {
    await before.close();
    await after?.close();
    throw error;
  }
}

function finishDraft(request: RunRequest, before: OpenScene, after: OpenScene, lattice: Lattice): Draft {
  const asked = chooseGrid(before.scene, after.scene, request.grid);
  const { card, warnings } = chooseCard(request, [before.scene, after.scene], gsdOf(asked).mean);
  const { grid, warnings: resampled } = gridOf(asked, card, request.grid);
  overlapWindow(grid, before.scene.grid);
  overlapWindow(grid, after.scene.grid);
  const gsdM = gsdOf(grid).mean;
  const bands = chooseBands(before.scene, after.scene, card?.card.input.bands.map((band) => band.name) ?? []);
  const hasClouds = [before.scene, after.scene].some((scene) => cloudDecision(scene).source !== 'none');
  return {
    before,
    after,
    bands,
    card,
    ...decisionOf(card),
    grid,
    gsdM,
    areaOfInterest: request.aoi === undefined ? null : readAoi(request.aoi),
    chunks: cutGrid(grid, card, hasClouds, lattice),
    warnings: [
      ...warnings,
      ...resampled,
      ...sceneWarnings('before', before),
      ...sceneWarnings('after', after),
      ...orderWarnings(before.scene, after.scene),
    ],
    async close() {
      await before.close();
      await after.close();
    },
  };
}

/** Classes, threshold and rule files of a decision with or without a network. */
export function decisionOf(card: LoadedCard | null): Pick<Draft, 'classMap' | 'threshold' | 'config'> {
  const { threshold } = JSON.parse(readFileSync(evidencePath, 'utf8')) as { readonly threshold: number };
  return {
    classMap: card?.classMap ?? classMapSchema.parse(JSON.parse(readFileSync(evidenceClassesPath, 'utf8'))),
    threshold: card?.card.thresholds.change ?? threshold,
    config: [minimumAreaPath, evidencePath, ...ruleFiles(), ...(card === null ? [evidenceClassesPath] : [])].map(
      (path) => hashed(path),
    ),
  };
}

/** Chunks and tiles of a grid, with the context that the network and, where clouds are masked, their mask need. */
export function cutGrid(grid: Grid, card: LoadedCard | null, hasClouds: boolean, lattice: Lattice): readonly Chunk[] {
  const { haloPx = 0, tilePx = tileSidePx, alignPx = 1 } = card?.card.input ?? {};
  const contextPx = Math.max(haloPx, evidenceHaloPx, hasClouds ? cloudHaloPx : 0);
  const { originPx = 0, chunkPx = chunkSidePx } = lattice;
  const sidePx = Math.max(Math.min(tilePx, chunkPx + 2 * contextPx), 2 * contextPx + 4 * alignPx);
  return planChunks(grid, { chunkPx, tilePx: sidePx, haloPx: contextPx, alignPx, originPx });
}

export function sceneWarnings(side: string, { scene, problems }: Pick<OpenScene, 'scene' | 'problems'>): Warning[] {
  const own = problems
    .filter(({ code }) => !quietProblems.includes(code))
    .map(({ code, message, todo }) => ({ code, message: `${side}: ${nameOnly(message, scene)}`, todo }));
  const { source, reason } = cloudDecision(scene);
  return source === 'none'
    ? [
        ...own,
        {
          code: 'CLOUDS_NOT_MASKED',
          message: `${side}: ${reason}`,
          todo: 'Give a scene with a cloud mask band (SCL), or look for clouds in the patches yourself.',
        },
      ]
    : own;
}

/** Results carry file names, not the folders of one machine. */
function nameOnly(message: string, scene: Scene): string {
  return scene.files.reduce((text, { uri }) => text.replaceAll(uri, shownName(uri)), message);
}

function orderWarnings(before: Scene, after: Scene): Warning[] {
  const [{ acquired: first }, { acquired: second }] = [before, after];
  const isTwice = after.files.some(({ sha256 }) => before.files.some((file) => file.sha256 === sha256));
  const twice = {
    code: 'SAME_FILE',
    message: 'Both scenes hold the same file, so nothing can differ in it.',
    todo: 'Give files of two dates.',
  };
  return [...(isTwice ? [twice] : []), ...dateWarnings(first, second)];
}

function dateWarnings(first: string | null, second: string | null): Warning[] {
  if (first === null || second === null)
    return [
      {
        code: 'SEASON_RULES_OFF',
        message: 'A date of acquisition is unknown, so the season rules are off.',
        todo: 'Give --acquired-before and --acquired-after.',
      },
    ];
  if (second.slice(0, 10) >= first.slice(0, 10)) return [];
  return [
    {
      code: 'DATES_REVERSED',
      message: `The after scene (${second.slice(0, 10)}) is older than the before scene (${first.slice(0, 10)}).`,
      todo: 'Swap --before and --after unless this is meant.',
    },
  ];
}
