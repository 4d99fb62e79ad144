import type { GroundDeg } from '../../pipeline/alert/case.ts';
import type { LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import type { Territory } from '../../pipeline/parcel/territory.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import type { Candidate } from '../registry/resolve.ts';
import type { ComputedChunk, FailedChunk, OpenedRun, ReportedRun } from '../work.ts';

/** What a compute thread needs to know of a run. */
export interface AboutRun {
  readonly runId: string;
  readonly request: RunRequest;
  /** the run's own folder */
  readonly folder: string;
}

/** What compute threads are asked about a run; pixels never cross. */
export type RunQuestion = AboutRun &
  (
    | { readonly kind: 'open'; readonly candidates: readonly Candidate[] }
    | { readonly kind: 'chunk'; readonly index: number }
    | { readonly kind: 'stitch'; readonly failed: readonly FailedChunk[] }
    | { readonly kind: 'detect'; readonly failed: readonly FailedChunk[] }
    /** which of these grounds this run saw on both dates */
    | {
        readonly kind: 'seen';
        readonly failed: readonly FailedChunk[];
        readonly grounds: readonly (GroundDeg | null)[];
      }
    | { readonly kind: 'report'; readonly failed: readonly FailedChunk[] }
  );

/** The counties of a layer, for whoever asks what a run's ground belongs to. */
export interface TerritoryQuestion {
  readonly kind: 'territory';
  readonly ref: LayerRef;
}

export type Question = RunQuestion | TerritoryQuestion;

export type Answer =
  | { readonly kind: 'territory'; readonly territory: Territory | null }
  | { readonly kind: 'open'; readonly opened: OpenedRun }
  | { readonly kind: 'chunk'; readonly computed: ComputedChunk }
  | { readonly kind: 'stitch' }
  | { readonly kind: 'detect' }
  /** share of each ground that was seen, 0..1; null: its place is not known */
  | { readonly kind: 'seen'; readonly fractions: readonly (number | null)[] }
  | { readonly kind: 'report'; readonly reported: ReportedRun };
