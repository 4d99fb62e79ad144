import type { RunRequest } from '../pipeline/request.ts';
import type { ImageStore } from './images/store.ts';

/** What every part of a run's work is told. */
export interface RunContext {
  readonly runId: string;
  readonly request: RunRequest;
  /** absolute path of this run's own folder in the data folder; it exists */
  readonly folder: string;
  readonly images: ImageStore;
  /** aborted by `cancel`, Ctrl-C and shutdown; long work looks at it at least once a second */
  readonly signal: AbortSignal;
}

/** A chunk whose job failed for good; its ground becomes unknown. */
export interface FailedChunk {
  readonly index: number;
  /** one line: code and message */
  readonly reason: string;
}

export interface OpenedRun {
  /** number of chunks; 0 ends the run as `no-input` */
  readonly chunks: number;
  /** px of the whole grid, for progress */
  readonly totalPx: number;
  /** small (≤ 4 KB) printable facts of the plan for `status`; the plan itself lies in `folder` */
  readonly plan: Readonly<Record<string, unknown>>;
}

export interface ComputedChunk {
  /** true: the output was there already with the right hash */
  readonly skipped: boolean;
  readonly px: number;
}

export interface ReportedRun {
  /** `partial` also when an input was left out */
  readonly state: 'done' | 'partial' | 'no-input';
  /** small (≤ 4 KB) numbers for the terminal and `status` */
  readonly summary: Readonly<Record<string, unknown>>;
}

/**
 * What a run does, apart from when and how often. The queue may call any part twice, at once, or again
 * after a kill in its middle: every part finds its finished output and returns (doing twice is doing once),
 * writes to a temporary name and publishes last, and gives the same bytes each time.
 *
 * Failures are AppErrors: `retry: never` ends the chunk (or the run) at once, `backoff` is tried again.
 */
export interface Work {
  /** cheap identity of all the request refers to (paths, sizes, times of change, code version), no hashing of pixels */
  fingerprint(request: RunRequest): Promise<string>;
  /** county (6 digits) in which most of the run's ground lies, as imported layers have it; null: they do not say */
  countyOf(request: RunRequest): Promise<string | null>;
  openRun(run: RunContext): Promise<OpenedRun>;
  computeChunk(run: RunContext, index: number): Promise<ComputedChunk>;
  stitch(run: RunContext, failed: readonly FailedChunk[]): Promise<void>;
  detect(run: RunContext, failed: readonly FailedChunk[]): Promise<void>;
  /** records what was detected, with the alerts that follow */
  raise(run: RunContext, failed: readonly FailedChunk[]): Promise<void>;
  report(run: RunContext, failed: readonly FailedChunk[]): Promise<ReportedRun>;
  /** ends threads and sessions */
  close(): Promise<void>;
}
