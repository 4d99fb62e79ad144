import { toMu } from '../../pipeline/parcel/mu.ts';
import { parseTable } from '../../pipeline/rule/csv-table.ts';
import { discrepancyColumns } from '../../pipeline/rule/discrepancy.ts';

type Discrepancy = Readonly<Record<(typeof discrepancyColumns)[number], string>>;

export const discrepanciesOf = (text: string): readonly Discrepancy[] =>
  parseTable(text, discrepancyColumns, 'discrepancies.csv');

/** Rows for a terminal, the head first: one a project and town, areas of what people have to look at. */
export function projectRows(discrepancies: readonly Discrepancy[]): readonly (readonly string[])[] {
  const placeOf = ({ project, town }: Discrepancy): string => `${project} ${town}`;
  const places = [...new Set(discrepancies.map(placeOf))];
  return [
    [
      '项目待查 projects to look at (亩 mu)',
      '未动工 not started',
      '偏离 deviates',
      '计划 planned',
      '已见 as planned',
      '界外 outside',
      '未观测 unseen',
    ],
    ...places.map((place) => {
      const rows = discrepancies.filter((row) => placeOf(row) === place);
      const mu = (column: 'plannedM2' | 'observedM2' | 'outsideM2' | 'unobservedM2'): string =>
        toMu(rows.reduce((sum, row) => sum + Number(row[column]), 0)).toFixed(1);
      const count = (state: string): string => String(rows.filter((row) => row.state === state).length);
      return [
        `${place} ${rows[0]!.name}`,
        count('not-started'),
        count('deviates'),
        mu('plannedM2'),
        mu('observedM2'),
        mu('outsideM2'),
        mu('unobservedM2'),
      ];
    }),
  ];
}
