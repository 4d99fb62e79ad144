/** A row of a report as it was understood; null where the file does not say it. */
export interface ReportRow {
  /** 1-based, of the file */
  readonly line: number;
  readonly month: string | null;
  readonly project: string;
  readonly subProject: string | null;
  readonly county: string | null;
  readonly town: string | null;
  readonly work: string | null;
  readonly plannedM2: number | null;
  readonly reportedM2: number | null;
  /** why it does not count; null = it counts */
  readonly refused: string | null;
  /** as the file has them */
  readonly cells: readonly string[];
}

/** A line of sums, as the file gives them. */
export interface TotalRow {
  readonly line: number;
  /** `part`: of the lines since the last such sum */
  readonly kind: 'part' | 'whole';
  readonly month: string | null;
  readonly reportedM2: number | null;
  readonly plannedM2: number | null;
  /** how far printed digits may be off (m²) */
  readonly toleranceM2: number;
}
