import { AppError } from '../../pipeline/errors.ts';
import type { Failure, RunState } from '../run-status.ts';
import type { SeriesRequest } from './series-request.ts';
import type { SeriesStage, SeriesStatus } from './series-status.ts';

export interface SeriesProgress {
  readonly stage: SeriesStage;
  readonly done: number;
  readonly total: number;
}

export interface SeriesEnd {
  readonly state: Exclude<RunState, 'running'>;
  readonly summary?: Readonly<Record<string, unknown>>;
  readonly error?: Failure;
}

/** A series that this process does. */
export interface SeriesHold {
  /** how the same series ended before; null: it never began */
  readonly stateBefore: RunState | null;
  /**
   * Tell how far it is; called about twice a second.
   *
   * @returns `cancelled`: somebody asked for its end; `lost`: another process has taken its names
   */
  tell(progress: SeriesProgress): Promise<'goes-on' | 'cancelled' | 'lost'>;
  /** Tell how it ended, and let its names go. */
  end(outcome: SeriesEnd): Promise<void>;
}

/** The series of a home. A process that dies lets its names go; what it said of itself is then told as `interrupted`. */
export interface SeriesRuns {
  /** Begin, or begin again. @returns null: another process holds one of its names */
  take(request: SeriesRequest): Promise<SeriesHold | null>;
  /** all that were ever begun, the newest first */
  list(): Promise<readonly SeriesStatus[]>;
  /**
   * End it for good; what was computed is kept.
   *
   * @returns its status once it has ended, or has been told to
   * @throws AppError CONFLICT when it had ended before, UNAVAILABLE when its process does not answer
   */
  cancel(runId: string): Promise<SeriesStatus>;
  close(): Promise<void>;
}

export const endedBefore = ({ runId, state }: SeriesStatus): AppError =>
  new AppError('CONFLICT', `Series ${runId} has already ended as ${state}.`, 'There is nothing to cancel.');
