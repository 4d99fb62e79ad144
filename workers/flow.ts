/** Jobs of a run as data: what is submitted, under which ids, and who waits for whom. */

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
}
export interface ChunkPayload extends RunPayload {
  readonly index: number;
  /** runs of one lane share its turns; without it a run has turns of its own */
  readonly lane?: string;
}

/** A job and the jobs that must end before it starts. */
export interface JobTree {
  readonly id: string;
  readonly name: JobName;
  readonly payload: RunPayload | ChunkPayload;
  /** `parent-goes-on`: when this job fails for good its parent starts all the same; else it fails as well */
  readonly onFailure: 'parent-goes-on' | 'parent-fails';
  readonly children: readonly JobTree[];
  /** how many jobs of another run may go before this one once both wait; without it it goes before all that have one */
  readonly turn?: number;
  /** how many jobs of its lane may go in a turn */
  readonly atATurn?: number;
}

/** How fast a run goes on beside others: chunks that it may do while one of a `normal` run is done. */
export const chunksATurn = { normal: 1, high: 8 } as const;
export type Urgency = keyof typeof chunksATurn;

/** Computed from what the work is: submitted twice, it is one job. Letters and dots: never an integer, no `:`. */
export function jobId(name: JobName, { runId, round }: RunPayload, index?: number): string {
  return [runId, `r${round}`, name, ...(index === undefined ? [] : [String(index).padStart(6, '0')])].join('.');
}

/** The first job of a round; it alone submits others. */
export function openRunJob(run: RunPayload): JobTree {
  return node('open-run', run, []);
}

/** Whom a run is done for, and how soon. */
export interface RunShare {
  readonly urgency?: Urgency;
  /** county code of GB/T 2260, 6 digits; its runs of one urgency share a lane */
  readonly county?: string | undefined;
}

/** All that follows `open-run`: report ← alerts ← detection ← stitching ← every chunk; runs take turns with their chunks. */
export function runTree(run: RunPayload, chunks: number, { urgency = 'normal', county }: RunShare = {}): JobTree {
  const atATurn = chunksATurn[urgency];
  const leaves = Array.from({ length: chunks }, (_, index): JobTree => ({
    id: jobId('infer-chunk', run, index),
    name: 'infer-chunk',
    payload: { ...run, index, ...(county !== undefined && { lane: `${county}.${urgency}` }) },
    onFailure: 'parent-goes-on',
    children: [],
    turn: Math.floor(index / atATurn),
    atATurn,
  }));
  const detected = node('detect-change', run, [node('stitch', run, leaves)]);
  return node('write-report', run, [node('raise-alerts', run, [detected])]);
}

function node(name: JobName, run: RunPayload, children: readonly JobTree[]): JobTree {
  return { id: jobId(name, run), name, payload: run, onFailure: 'parent-fails', children };
}
