import { tableText } from './csv-table.ts';
import type { SubProjectJudgement } from './project.ts';
import { subProjectStateZh } from './project.ts';
import { roundToSum } from './round-sum.ts';

/** One sub-project, or its part in one town, as judged. */
export interface JudgedPart {
  readonly project: string;
  readonly name: string;
  /** 6 digits */
  readonly county: string;
  /** 9 digits */
  readonly town: string;
  readonly work: string;
  readonly subProject: string;
  readonly judgement: SubProjectJudgement;
}

const m2PerMu = 2000 / 3;
const areas = ['plannedM2', 'observedM2', 'outsideM2', 'unobservedM2'] as const;

/** Columns of `discrepancies.csv`. */
export const discrepancyColumns = [
  'project',
  'name',
  'county',
  'town',
  'work',
  ...areas,
  'plannedMu',
  'observedMu',
  'outsideMu',
  'unobservedMu',
  'subProject',
  'state',
  'remarks',
] as const;

/** Two decimals that add up to the rounded sum of their column. */
function columnOf(values: readonly number[], unitM2: number): readonly string[] {
  return roundToSum(values, unitM2 / 100).map((hundredths) => (hundredths / 100).toFixed(2));
}

const keyOf = ({ project, town, work, subProject }: JudgedPart): string => [project, town, work, subProject].join('\n');

/**
 * `discrepancies.csv`: what people have to look at, one row a sub-project and town.
 *
 * observedM2 = seen to be as planned, so planned − observed − unobserved is what is missing; 亩 = 2000/3 m². Both
 * have two decimals, and each column adds up to its rounded sum. UTF-8 with BOM, CRLF; without a discrepancy the
 * header alone.
 */
export function discrepancyText(parts: readonly JudgedPart[]): string {
  const rows = parts
    .filter(({ judgement }) => judgement.isDiscrepant)
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
  const columns = [1, m2PerMu].flatMap((unitM2) =>
    areas.map((area) =>
      columnOf(
        rows.map(({ judgement }) => judgement[area]),
        unitM2,
      ),
    ),
  );
  return tableText([
    discrepancyColumns,
    ...rows.map(({ project, name, county, town, work, subProject, judgement }, index) => [
      project,
      name,
      county,
      town,
      work,
      ...columns.map((column) => column[index]!),
      subProject,
      judgement.state,
      [subProjectStateZh[judgement.state], ...judgement.reasons.map(({ zh }) => zh)].join('；'),
    ]),
  ]);
}
