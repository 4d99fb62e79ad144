import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asAppError, describeError } from '../../pipeline/errors.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { byDate } from '../../pipeline/scene/look-sieve.ts';
import type { ConfirmationRules } from '../../pipeline/track/confirmation.ts';
import { kindOfScene } from '../../pipeline/track/look.ts';
import type { LookReport } from '../../pipeline/track/sighting.ts';
import { storePlan } from '../compute/run-plan.ts';
import { makeFolder } from '../make-folder.ts';
import type { ThreadPool } from '../pool/thread-pool.ts';
import { frameCentreOf } from './detect-look.ts';
import type { FoundInLook, SeriesAnswer, SeriesQuestion } from './question.ts';
import { withRetry } from './retry.ts';
import { cellPxFor, openSeenGround } from './seen-ground.ts';
import type { OpenedLook, PlannedLook, SeriesPlan } from './series-plan.ts';
import type { SeriesStage } from './series-status.ts';

/** A look with what it showed. */
export interface SeenLook extends PlannedLook {
  readonly found: FoundInLook;
  /** the earlier look that a fine one was compared with; null: it lies on the grid of the series */
  readonly comparedWith: OpenedLook | null;
  /** chunks that failed for good */
  readonly failed: readonly { readonly chunk: number; readonly why: string }[];
  /** chunks that were computed in this call, not found in the store */
  readonly computed: number;
}

/** Asks threads, again what may mend by itself. */
export function asker(pool: ThreadPool<SeriesQuestion, SeriesAnswer>, signal: AbortSignal) {
  return <K extends SeriesQuestion['kind']>(
    question: Extract<SeriesQuestion, { kind: K }>,
  ): Promise<Extract<SeriesAnswer, { kind: K }>> =>
    withRetry(async () => (await pool.run(question, { signal })) as Extract<SeriesAnswer, { kind: K }>);
}
type Ask = ReturnType<typeof asker>;

export interface SeeOptions {
  readonly ask: Ask;
  /** of this series, for what does not stay */
  readonly folder: string;
  onStage(stage: SeriesStage, done: number, total: number): void;
}

interface Member {
  readonly look: PlannedLook;
  readonly comparedWith: OpenedLook | null;
  readonly pairFolder: string;
}

/** What became of the chunks of one look. */
type Outcome = Pick<SeenLook, 'failed' | 'computed'>;

/** Compute the chunks of all looks, then find what each shows, by date. */
export async function seeLooks(plan: SeriesPlan, options: SeeOptions): Promise<readonly SeenLook[]> {
  const { ask, folder, onStage } = options;
  const isWeighed = plan.evidence === 'looks';
  const members: Member[] = [];
  const planned = [
    ...plan.looks.map((look) => ({ look, comparedWith: null })),
    ...plan.fineLooks.map((look) => ({ look, comparedWith: look.comparedWith })),
  ];
  for (const { look, comparedWith } of planned) {
    const pairFolder = join(folder, look.pair.id.slice(0, 16));
    await makeFolder(pairFolder);
    await storePlan(pairFolder, look.pair, new Date());
    members.push({ look, comparedWith, pairFolder });
  }
  const outcomes = await inferChunks(members, isWeighed, options);
  const evidenceFolder = isWeighed ? join(folder, 'evidence') : null;
  if (evidenceFolder !== null) await weighChunks(plan, { members, outcomes, evidenceFolder }, options);
  let detected = 0;
  onStage('detect', 0, members.length);
  const seen = await Promise.all(
    members.map(async ({ look, comparedWith, pairFolder }, position): Promise<SeenLook> => {
      const { failed, computed } = outcomes[position]!;
      const isFine = comparedWith !== null;
      const { found } = await ask({
        kind: 'detect',
        pairFolder,
        evidenceFolder: isFine ? null : evidenceFolder,
        failed: failed.map(({ chunk }) => chunk),
        cellPx: cellPxFor(look.pair.grid, members.length),
        fineOf: isFine ? frameCentreOf(plan.grid) : null,
      });
      onStage('detect', ++detected, members.length);
      return { ...look, found, comparedWith, failed, computed };
    }),
  );
  // it follows from what is kept, and from the set of looks, which grows
  if (evidenceFolder !== null) await rm(evidenceFolder, { recursive: true, force: true });
  const gridM2 = seen.find(({ comparedWith }) => comparedWith === null)?.found.gridM2 ?? 0;
  return seen
    .map((look) => (look.comparedWith === null ? look : { ...look, found: { ...look.found, gridM2 } }))
    .toSorted((a, b) => byDate(a.opened, b.opened));
}

async function inferChunks(
  members: readonly Member[],
  isWeighed: boolean,
  { ask, onStage }: SeeOptions,
): Promise<readonly Outcome[]> {
  const total = members.reduce((sum, { look }) => sum + look.pair.chunks.length, 0);
  let done = 0;
  onStage('infer', 0, total);
  return Promise.all(
    members.map(async ({ look, comparedWith, pairFolder }) => {
      const failed: { chunk: number; why: string }[] = [];
      let computed = 0;
      const kind = isWeighed && comparedWith === null ? 'look' : 'chunk';
      await Promise.all(
        look.pair.chunks.map(async ({ index }) => {
          try {
            const { isSkipped } = await ask({ kind, pairFolder, index });
            if (!isSkipped) computed++;
          } catch (error) {
            if (asAppError(error).code === 'CANCELLED') throw error;
            failed.push({ chunk: index, why: describeError(error) });
          }
          onStage('infer', ++done, total);
        }),
      );
      return { failed: failed.toSorted((a, b) => a.chunk - b.chunk), computed };
    }),
  );
}

/** What all looks of the grid say together, chunk by chunk. */
async function weighChunks(
  { chunks }: SeriesPlan,
  {
    members,
    outcomes,
    evidenceFolder,
  }: {
    readonly members: readonly Member[];
    readonly outcomes: readonly Outcome[];
    readonly evidenceFolder: string;
  },
  { ask, onStage }: SeeOptions,
): Promise<void> {
  let weighed = 0;
  onStage('weigh', 0, chunks.length);
  await Promise.all(
    chunks.map(async ({ index }) => {
      const seen = members.filter(
        ({ comparedWith }, at) => comparedWith === null && outcomes[at]!.failed.every(({ chunk }) => chunk !== index),
      );
      await ask({ kind: 'weigh', pairFolders: seen.map(({ pairFolder }) => pairFolder), index, evidenceFolder });
      onStage('weigh', ++weighed, chunks.length);
    }),
  );
}

/** What tracking is told: every look with its sightings and what it saw. */
export function reportsOf(
  { grid, gsdM, evidence }: SeriesPlan,
  looks: readonly SeenLook[],
  rules: ConfirmationRules,
): readonly LookReport[] {
  const frame = equalAreaFrame(frameCentreOf(grid));
  const onGrid = openSeenGround(grid, frame, cellPxFor(grid, looks.length));
  return looks.map(({ opened, found, comparedWith, pair }) => {
    const { id, acquired, sensor, scene } = opened;
    const kind = kindOfScene({ sensor, gsdM: scene.gsdM });
    const look = { id, date: acquired ?? '', sensor, kind };
    const { sightings, seenPercent } = found;
    if (comparedWith === null) {
      // however fine a scene is, its outlines are those of the grid
      const gridLook = { ...look, gsdM: Math.max(scene.gsdM, gsdM), isCumulative: evidence === 'looks' };
      return { look: gridLook, sightings, observedFraction: onGrid(seenPercent) };
    }
    const own = openSeenGround(pair.grid, frame, cellPxFor(pair.grid, looks.length));
    const { denies, deniesWithNir } = rules.pairs;
    return {
      look: {
        ...look,
        gsdM: gsdOf(pair.grid).mean,
        comparedWith: comparedWith.acquired ?? '',
        denies: pair.evidenceBands.includes('nir') ? [...denies, ...deniesWithNir] : denies,
      },
      sightings,
      observedFraction: own(seenPercent),
    };
  });
}
