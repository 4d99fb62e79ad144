import { AppError } from '../../pipeline/errors.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import type { FramePolygon, ParcelLayer } from '../../pipeline/parcel/layer.ts';
import type { PatchProperties } from '../../pipeline/report/formats.ts';
import type { ProjectFinding } from '../../pipeline/report/project-table.ts';
import type { JudgedPart } from '../../pipeline/rule/discrepancy.ts';
import { judgeSubProject, subProjectStateZh } from '../../pipeline/rule/project.ts';
import { works } from '../../pipeline/rule/project-rules.ts';
import type { ProjectRules, Work } from '../../pipeline/rule/project-rules.ts';
import type { Town } from '../../pipeline/rule/region.ts';
import type { RuleSet } from '../../pipeline/rule/rule-set.ts';
import { openGroundTally } from './ground-tally.ts';
import type { TallyRows } from './ground-tally.ts';
import { openOverBoundary } from './over-boundary.ts';
import type { PatchLand } from './patch-land.ts';
import type { RunPlan } from './run-plan.ts';

/** Gathers what a run sees of the projects, first by patch, then by pixel. */
export interface ProjectWatch {
  addPatch(shape: FramePolygon, properties: PatchProperties): void;
  addRows(rows: TallyRows): void;
  /** one a sub-project and town */
  judge(): readonly JudgedPart[];
}

const cell = (layer: ParcelLayer, name: string, feature: number): string => layer.columns[name]?.[feature] ?? '';

/**
 * @param options.parts sub-projects cut by town, see `splitByTown`
 * @returns null where no sub-project takes part
 */
export function openProjectWatch(
  plan: RunPlan,
  land: PatchLand | null,
  options: { readonly parts: ParcelLayer | null; readonly rules: RuleSet; readonly projectRules: ProjectRules },
): ProjectWatch | null {
  if (!land || !options.parts) return null;
  const { rules, projectRules } = options;
  const parts: ParcelLayer = options.parts;
  const { limits, outside } = projectRules;
  const over = openOverBoundary(
    { parts, projects: land.layers.projects },
    { toleranceM: gsdOf(plan.grid).mean, limits },
  );
  const tally = openGroundTally(parts, { grid: plan.grid, frame: land.frame });
  const nameOf = new Map(plan.classMap.classes.map(({ code, name }) => [code, name]));

  function judgePart(feature: number): JudgedPart {
    const { seenM2, changedM2, observedM2 } = namedTally(tally.tallies()[feature]!, nameOf);
    const project = cell(parts, 'project', feature);
    const own = projectFacts(land!.layers.projects, project);
    const town = cell(parts, 'town', feature);
    const county = own.county || town.slice(0, 6);
    const plannedM2 = parts.areaM2[feature]!;
    const judgement = judgeSubProject(
      {
        work: workOf(cell(parts, 'work', feature)),
        plannedCode: cell(parts, 'plannedCode', feature),
        plannedM2,
        seenM2,
        changedM2,
        unobservedM2: Math.max(0, plannedM2 - observedM2),
        outsideM2: over.outsideM2[feature]!,
        dateAfter: plan.after.scene.acquired,
        startDate: own.startDate || null,
        endDate: own.endDate || null,
        county: county || null,
      },
      projectRules,
      rules,
    );
    const { name } = own;
    return {
      project,
      name,
      county,
      town,
      work: cell(parts, 'work', feature),
      subProject: cell(parts, 'id', feature),
      judgement,
    };
  }

  return {
    addPatch(shape, { category }) {
      if (outside.includes(category)) over.add(shape);
    },
    addRows: tally.addRows,
    judge: () => Array.from({ length: parts.featureCount }, (_, feature) => judgePart(feature)),
  };
}

function projectFacts(projects: ParcelLayer | null, id: string) {
  const feature = projects?.columns['id']?.indexOf(id) ?? -1;
  const of = (name: string): string => (projects === null || feature < 0 ? '' : cell(projects, name, feature));
  return { name: of('name'), county: of('county'), startDate: of('startDate'), endDate: of('endDate') };
}

/** Works are checked at import: an unknown one would be a layer of another program. @throws AppError INPUT_INVALID */
function workOf(text: string): Work {
  const known = works.find((work) => work === text);
  if (known !== undefined) return known;
  throw new AppError(
    'INPUT_INVALID',
    `An imported sub-project has the work ${JSON.stringify(text)}, which is none of ${works.join(', ')}.`,
    'Import the sub-projects again with this program.',
  );
}

function namedTally(
  { classAfterM2, changedIntoM2, observedM2 }: ReturnType<ReturnType<typeof openGroundTally>['tallies']>[number],
  nameOf: ReadonlyMap<number, string>,
) {
  const named = (areas: ReadonlyMap<number, number>): Record<string, number> => {
    const sums: Record<string, number> = {};
    for (const [code, areaM2] of areas) {
      const name = nameOf.get(code) ?? 'unknown';
      sums[name] = (sums[name] ?? 0) + areaM2;
    }
    return sums;
  };
  return { seenM2: named(classAfterM2), changedM2: named(changedIntoM2), observedM2 };
}

/** Rows of the report's table. */
export function projectFindings(
  parts: readonly JudgedPart[],
  { works: workRules }: ProjectRules,
  towns: ReadonlyMap<string, Town>,
): readonly ProjectFinding[] {
  return parts.map(({ project, name, county, town, work, judgement }) => ({
    project,
    name,
    county,
    town: towns.get(town)?.name ?? town,
    work,
    workZh: workRules.find((rule) => rule.work === work)?.zh ?? work,
    finding: judgement.isOverBoundary ? `${judgement.state}, over the boundary` : judgement.state,
    findingZh: judgement.isOverBoundary
      ? `${subProjectStateZh[judgement.state]}，疑似越界`
      : subProjectStateZh[judgement.state],
    plannedM2: judgement.plannedM2,
    observedM2: judgement.observedM2,
    outsideM2: judgement.outsideM2,
    unobservedM2: judgement.unobservedM2,
  }));
}
