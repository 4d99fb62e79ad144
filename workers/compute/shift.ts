import type { RunPlan } from './run-plan.ts';

/** The shift of the after scene that is applied (grid px), undefined where none is. */
export function shiftOf({
  statistics,
}: Pick<RunPlan, 'statistics'>): { readonly col: number; readonly row: number } | undefined {
  if (statistics === null || !statistics.shift.isApplied) return undefined;
  return { col: statistics.shift.colPx, row: statistics.shift.rowPx };
}
