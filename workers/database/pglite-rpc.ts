/** What the main thread and the database thread say to each other. */

export interface PgliteStart {
  /** absolute path of the database folder; made by `initdb` when absent */
  readonly folder: string;
}

export type PgliteCall =
  | { readonly id: number; readonly kind: 'query'; readonly text: string; readonly params?: readonly unknown[] }
  | { readonly id: number; readonly kind: 'close' };

/** The fields of a PostgreSQL error that callers look at. */
export interface SqlFailure {
  readonly message: string;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
}

export type PgliteReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unready'; readonly failure: SqlFailure }
  | { readonly kind: 'result'; readonly id: number; readonly rows: readonly object[]; readonly rowCount: number | null }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: SqlFailure }
  | { readonly kind: 'notification'; readonly channel: string; readonly payload: string };
