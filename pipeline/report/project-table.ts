import { both, escape, mu, number, section, table } from './words.ts';

/** A project's work in one town: what was planned and what was seen (m²). */
export interface ProjectFinding {
  readonly project: string;
  readonly name: string;
  readonly county: string;
  readonly town: string;
  readonly work: string;
  readonly workZh: string;
  readonly finding: string;
  readonly findingZh: string;
  readonly plannedM2: number;
  readonly observedM2: number;
  readonly outsideM2: number;
  readonly unobservedM2: number;
}

/** Plan beside observation; every row of discrepancies.csv. */
export function projectTable(rows: readonly ProjectFinding[]): string {
  if (rows.length === 0) return '';
  const area = (areaM2: number): string => `${number(areaM2)}<small> m²</small><br>${mu(areaM2)}<small> 亩</small>`;
  const head = [
    both('项目', 'project'),
    both('镇街', 'town'),
    both('工程', 'work'),
    both('判断', 'finding'),
    both('计划', 'planned'),
    both('观测到', 'observed'),
    both('界外', 'outside'),
    both('未观测', 'not observed'),
  ];
  const cells = rows.map((row) => [
    `${escape(row.name)}<br><code>${escape(row.project)}</code>`,
    escape(row.town),
    both(row.workZh, row.work),
    both(row.findingZh, row.finding),
    area(row.plannedM2),
    area(row.observedM2),
    area(row.outsideM2),
    area(row.unobservedM2),
  ]);
  return section('项目核对', 'Projects: plan and observation', table(head, cells));
}
