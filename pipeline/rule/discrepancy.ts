import { shareOutMu } from '../parcel/mu.ts';
import { shareOut } from '../parcel/share-out.ts';
import { tableText } from './csv-table.ts';
import type { SubProjectJudgement } from './project.ts';
import { subProjectStateZh } from './project.ts';

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
  const columns = [(values: readonly number[]) => shareOut(values, 2), shareOutMu].flatMap((rounded) =>
    areas.map((area) => rounded(rows.map(({ judgement }) => judgement[area])).map((value) => value.toFixed(2))),
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
