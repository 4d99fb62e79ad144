import { z } from 'zod';
import { type ErrorCode, AppError, errorTable } from '../pipeline/errors.ts';
import { runRequestSchema } from '../pipeline/request.ts';

export const runStates = ['running', 'interrupted', 'done', 'partial', 'no-input', 'failed', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

export const runStages = ['open', 'infer', 'stitch', 'detect', 'report'] as const;
export type RunStage = (typeof runStages)[number];

const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];

/** An AppError as JSON: in the database, on the socket, in `--json`. */
export const failureSchema = z.object({
  code: z.enum(codes),
  message: z.string(),
  todo: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type Failure = z.infer<typeof failureSchema>;

/** One run as everybody sees it: progress while it runs, outcome when it has ended. */
export const runStatusSchema = z.object({
  runId: z.string(),
  /** how often the run was begun anew */
  round: z.int(),
  state: z.enum(runStates),
  stage: z.enum(runStages),
  request: runRequestSchema,
  plan: z.record(z.string(), z.unknown()).nullable(),
  /** null until the plan is made; `computed` and `skipped` (output was there already) chunks are done */
  chunks: z.object({ total: z.int(), computed: z.int(), skipped: z.int(), failed: z.int() }).nullable(),
  /** px of the grid and of the chunks done so far */
  px: z.object({ total: z.number(), done: z.number() }).nullable(),
  summary: z.record(z.string(), z.unknown()).nullable(),
  error: failureSchema.nullable(),
  /** ISO-8601 UTC */
  createdAt: z.string(),
  changedAt: z.string(),
});
export type RunStatus = z.infer<typeof runStatusSchema>;

export function hasEnded(state: RunState): boolean {
  return state !== 'running';
}

/** Exit code of a command that followed the run to its end. */
export function exitOf({ state, error }: Pick<RunStatus, 'state' | 'error'>): number {
  if (state === 'done') return 0;
  if (state === 'partial') return 3;
  return error ? errorTable[error.code].exit : 1;
}

export function toFailure({ code, message, todo, details }: AppError): Failure {
  return { code, message, todo, details: { ...details } };
}

export function fromFailure({ code, message, todo, details }: Failure): AppError {
  return new AppError(code, message, todo, details);
}
