import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import type { CloudStatistics } from '../../pipeline/pair/cloud-statistics.ts';
import type { PairStatistics } from '../../pipeline/pair/statistics.ts';
import type { Warning } from '../../pipeline/report/formats.ts';
import type { Category } from '../../pipeline/rule/reason.ts';
import type { LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import type { BandName, Chunk, ClassMap, Grid, Scene, SceneBand } from '../../pipeline/types.ts';
import { writeFileAtomic } from '../images/file-sink.ts';

/** One date's part of a plan. */
export interface LookPlan {
  readonly scene: Scene;
  /** bands that are read, the evidence bands first */
  readonly bands: readonly SceneBand[];
  /** null: no cloud mask applies */
  readonly cloud: CloudStatistics | null;
  /** how it lies against the grid (px), where it was registered to another scene than that of its pair */
  readonly shiftPx?: { readonly col: number; readonly row: number };
}

/** A rule file that shapes the result, by its path in the project. */
export interface ConfigFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** All that is decided before a chunk is computed; a value that can be printed, compared and stored. */
export interface RunPlan {
  readonly format: 'tianwatch-plan/1';
  /** sha256 over all that shapes the result */
  readonly id: string;
  readonly pixelsVersion: string;
  readonly before: LookPlan;
  readonly after: LookPlan;
  readonly evidenceBands: readonly BandName[];
  /** null: IR-MAD and change vectors alone */
  readonly model: {
    readonly id: string;
    readonly version: string;
    readonly path: string;
    readonly cardSha256: string;
    readonly weightsSha256: string;
    /** its findings go no further than review */
    readonly isExperimental: boolean;
    /** least mean probability of a patch, by category */
    readonly patchThresholds: Readonly<Partial<Record<Category, number>>>;
  } | null;
  /** imported baselines and projects that take part */
  readonly layers: readonly LayerRef[];
  readonly classMap: ClassMap;
  readonly grid: Grid;
  /** longitude/latitude rings, null = all of the grid */
  readonly areaOfInterest: {
    readonly file: ConfigFile;
    readonly polygons: readonly (readonly (readonly (readonly [number, number])[])[])[];
  } | null;
  readonly statistics: PairStatistics | null;
  /** fraction 0..1 */
  readonly threshold: number;
  readonly chunks: readonly Chunk[];
  /** image store keys, in the order of `chunks` */
  readonly chunkKeys: readonly string[];
  readonly config: readonly ConfigFile[];
  readonly warnings: readonly Warning[];
}

/** ISO-8601 UTC */
export type StoredPlan = RunPlan & { readonly plannedAt: string };

const planFile = 'plan.json';

/** @param now the time of the plan goes with it: a copy on another machine has times of its own */
export async function storePlan(folder: string, plan: RunPlan, now: Date): Promise<void> {
  const stored = { ...plan, plannedAt: now.toISOString() } satisfies StoredPlan;
  await writeFileAtomic(join(folder, planFile), new TextEncoder().encode(JSON.stringify(stored)));
}

/** @throws AppError NOT_FOUND when the run was never opened */
export function loadPlan(folder: string): StoredPlan {
  const path = join(folder, planFile);
  if (!existsSync(path)) throw new AppError('NOT_FOUND', `There is no plan at ${path}.`, 'Start the run again.');
  return JSON.parse(readFileSync(path, 'utf8')) as StoredPlan;
}
