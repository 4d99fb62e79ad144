import type { LedgerPart } from './part-ledger.ts';

/** One row of a monthly report that counts. */
export interface ReportedRow {
  /** yyyy-mm */
  readonly month: string;
  readonly project: string;
  /** null: of the project as a whole, or of its work */
  readonly subProject: string | null;
  /** 9 digits, null = not said */
  readonly town: string | null;
  readonly work: string | null;
  /** done up to the end of the month (m²) */
  readonly reportedM2: number;
}

export interface ReportedArea {
  readonly reportedM2: number;
  /** of the report that it is from */
  readonly month: string;
}

const isOf = (part: LedgerPart, row: ReportedRow): boolean =>
  part.project === row.project &&
  (row.subProject === null || part.subProject === row.subProject) &&
  (row.work === null || part.work === row.work);

/**
 * What was last reported of each part up to a month; null: nothing was.
 *
 * A row that names a town is of that town's parts, if there are any; the area of a row of several parts is shared out
 * over them by what is planned. Of a sub-project the latest month counts; a row of its own before one of its project.
 */
export function reportedAreas(
  parts: readonly LedgerPart[],
  rows: readonly ReportedRow[],
  month: string,
): readonly (ReportedArea | null)[] {
  const out: (ReportedArea | null)[] = parts.map(() => null);
  const rank = (row: ReportedRow): string => `${row.month} ${row.subProject === null ? 0 : 1}`;
  const byProject = new Map<string, number[]>();
  parts.forEach(({ project }, i) => byProject.set(project, [...(byProject.get(project) ?? []), i]));
  const latest = new Map<number, string>();
  const sums = new Map<number, number>();
  for (const row of rows) {
    if (row.month > month) continue;
    const named = (byProject.get(row.project) ?? []).filter((i) => isOf(parts[i]!, row));
    const inTown = named.filter((i) => parts[i]!.town === row.town);
    const meant = inTown.length > 0 ? inTown : named;
    const plannedM2 = meant.reduce((sum, i) => sum + parts[i]!.plannedM2, 0);
    for (const i of meant) {
      const known = latest.get(i) ?? '';
      if (rank(row) < known) continue;
      const share = plannedM2 > 0 ? parts[i]!.plannedM2 / plannedM2 : 1 / meant.length;
      // rows of one month and kind add up: one a town, or one a work
      sums.set(i, (rank(row) === known ? sums.get(i)! : 0) + row.reportedM2 * share);
      latest.set(i, rank(row));
    }
  }
  for (const [i, reportedM2] of sums) out[i] = { reportedM2, month: latest.get(i)!.slice(0, 7) };
  return out;
}
