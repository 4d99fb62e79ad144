import type { AreaUnit } from './report-columns.ts';

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
  /** that its reported area stands in */
  readonly unit: AreaUnit;
  /** why it does not count; null = it counts */
  readonly refused: string | null;
  /** as the file has them */
  readonly cells: readonly string[];
}

/** A line of sums, as the file gives them. */
export interface TotalRow {
  readonly line: number;
  /** `part`: of the lines since the last such sum; `any`: of these or of all */
  readonly kind: 'part' | 'whole' | 'any';
  readonly month: string | null;
  readonly reportedM2: number | null;
  readonly plannedM2: number | null;
  readonly unit: AreaUnit;
  /** cells of both areas, as the file has them */
  readonly texts: { readonly reportedM2: string; readonly plannedM2: string };
  /** how far printed digits may be off (m²) */
  readonly toleranceM2: number;
}

const sumWord = /(合计|总计|共计|小计)$/;
const sumEnglish = /^(total|sum|subtotal)\b/i;

/** Whether a label names a line of sums, and of which lines; null: it does not. */
export function sumKindOf(label: string): TotalRow['kind'] | null {
  const text = label.normalize('NFKC').replaceAll(/[\s:：]/g, '');
  const word = sumWord.exec(text)?.[1];
  if (word === undefined && !sumEnglish.test(label.trim())) return null;
  if (word === '小计' || /^subtotal/i.test(label.trim())) return 'part';
  // 海盐县合计: of a county among others, or of a file of one
  return word === undefined || text === word ? 'whole' : 'any';
}
