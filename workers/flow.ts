/** Jobs of a run as data: what is submitted, under which ids, and who waits for whom. */

import type { RunRequest } from '../pipeline/request.ts';
import { type RunStage, runStages } from './run-status.ts';

/** Which worker takes a job: `io` reads and writes, `infer` and `cpu` compute in threads. */
export const roles = ['io', 'infer', 'cpu'] as const;
export type Role = (typeof roles)[number];

export const jobNames = ['open-run', 'infer-chunk', 'stitch', 'detect-change', 'raise-alerts', 'write-report'] as const;
export type JobName = (typeof jobNames)[number];

export const roleOf: Readonly<Record<JobName, Role>> = {
  'open-run': 'io',
  'infer-chunk': 'infer',
  stitch: 'io',
  'detect-change': 'cpu',
  'raise-alerts': 'cpu',
  'write-report': 'io',
};

/** The last stage of a run in which the job has a meaning; a copy that comes when the run is further has none. */
export const stageOf: Readonly<Record<JobName, RunStage>> = {
  // a kill may come between recording the plan and submitting what follows from it
  'open-run': 'infer',
  'infer-chunk': 'infer',
  stitch: 'stitch',
  'detect-change': 'detect',
  'raise-alerts': 'detect',
  'write-report': 'report',
};

/** Whether a run that is in `stage` has left the job behind. */
export function isOver(name: JobName, stage: RunStage): boolean {
  return runStages.indexOf(stage) > runStages.indexOf(stageOf[name]);
}

/** Names a job's work; never pixels. */
export interface RunPayload {
  readonly runId: string;
  readonly round: number;
  /** `pixelsVersion` of who began the round; a worker of another one would make other bytes */
  readonly version?: string;
  /** runs of one lane share its turns; without it a run has turns of its own */
  readonly lane?: string;
}
export interface ChunkPayload extends RunPayload {
  readonly index: number;
}

/** A job and the jobs that must end before it starts. */
export interface JobTree {
  readonly id: string;
  readonly name: JobName;
  readonly payload: RunPayload | ChunkPayload;
  /** `parent-goes-on`: when this job fails for good its parent starts all the same; else it fails as well */
  readonly onFailure: 'parent-goes-on' | 'parent-fails';
  readonly children: readonly JobTree[];
  /** of a chunk: how many of another run may go before this one once both wait; jobs of the other stages go in the turn of their run */
  readonly turn?: number;
  /** how many jobs of its lane, and of a stage how many runs, may go in a turn */
  readonly atATurn: number;
}

/** How fast a run goes on beside others: chunks that it may do while one of a `normal` run is done. */
export const chunksATurn = { normal: 1, high: 8 } as const;
export type Urgency = keyof typeof chunksATurn;

/** Computed from what the work is: submitted twice, it is one job. Letters and dots: never an integer, no `:`. */
export function jobId(name: JobName, { runId, round }: RunPayload, index?: number): string {
  return [runId, `r${round}`, name, ...(index === undefined ? [] : [String(index).padStart(6, '0')])].join('.');
}

/** Whom a run is done for, and how soon. */
export interface RunShare {
  readonly urgency?: Urgency;
  /** county code of GB/T 2260, 6 digits; its runs of one urgency share a lane */
  readonly county?: string | undefined;
}

/** A part of the ground that somebody wants to know of goes before whole cities. */
export const urgencyOf = ({ priority, aoi }: RunRequest): Urgency =>
  priority ?? (aoi === undefined ? 'normal' : 'high');

const inLane = (run: RunPayload, { urgency = 'normal', county }: RunShare): RunPayload =>
  run.lane !== undefined || county === undefined ? run : { ...run, lane: `${county}.${urgency}` };

/** The first job of a round; it alone submits others. */
export function openRunJob(run: RunPayload, share: RunShare = {}): JobTree {
  return node('open-run', inLane(run, share), { children: [], atATurn: chunksATurn[share.urgency ?? 'normal'] });
}

/** All that follows `open-run`: report ← alerts ← detection ← stitching ← every chunk; runs take turns with their chunks. */
export function runTree(begun: RunPayload, chunks: number, share: RunShare = {}): JobTree {
  const atATurn = chunksATurn[share.urgency ?? 'normal'];
  const run = inLane(begun, share);
  const leaves = Array.from({ length: chunks }, (_, index): JobTree => ({
    id: jobId('infer-chunk', run, index),
    name: 'infer-chunk',
    payload: { ...run, index },
    onFailure: 'parent-goes-on',
    children: [],
    turn: Math.floor(index / atATurn),
    atATurn,
  }));
  const after = (name: JobName, children: readonly JobTree[]): JobTree => node(name, run, { children, atATurn });
  const detected = after('detect-change', [after('stitch', leaves)]);
  return after('write-report', [after('raise-alerts', [detected])]);
}

function node(name: JobName, run: RunPayload, how: Pick<JobTree, 'children' | 'atATurn'>): JobTree {
  return { id: jobId(name, run), name, payload: run, onFailure: 'parent-fails', ...how };
}
