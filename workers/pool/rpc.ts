import type { Failure } from '../run-status.ts';

/** What a pool and one of its threads say to each other. */
export type ToThread =
  | { readonly kind: 'call'; readonly id: number; readonly input: unknown }
  | { readonly kind: 'abort'; readonly id: number };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: Failure };

export interface ThreadStart {
  /** URL of the .ts file that calls `serveThread` when it is imported */
  readonly entry: string;
  /** plain data for the entry, the same for every thread */
  readonly data: unknown;
}
