import { type ParcelLayer, polygonsOf } from '../../pipeline/parcel/layer.ts';
import { overlayAll } from '../../pipeline/parcel/overlay.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import type { ProblemList } from './problem.ts';

const percent = (fraction: number): string => `${(100 * fraction).toFixed(0)} %`;

function sameFrame(a: ParcelLayer, b: ParcelLayer): boolean {
  return a.centre.lonDeg === b.centre.lonDeg && a.centre.latDeg === b.centre.latDeg;
}

const textOf = (layer: ParcelLayer, column: string, feature: number): string => layer.columns[column]?.[feature] ?? '';

/**
 * Whether each project lies on parcels of the county that it names.
 *
 * Where the survey knows no parcel of that county and does not cover the project, nothing can be said: that is told
 * as COUNTY_NOT_CHECKED, not as a fault.
 */
export function checkCounties(
  projects: ParcelLayer,
  survey: ParcelLayer | null,
  { leastFraction, problems }: { readonly leastFraction: number; readonly problems: ProblemList },
): void {
  const index = survey && sameFrame(survey, projects) ? openParcelIndex(survey) : null;
  const surveyed = new Set(survey?.columns['county'] ?? []);
  for (let feature = 0; feature < projects.featureCount; feature++) {
    const areaM2 = projects.areaM2[feature] ?? 0;
    if (!(areaM2 > 0)) continue;
    const county = textOf(projects, 'county', feature);
    const row = Number(textOf(projects, 'row', feature));
    const byCounty = new Map<string, number>();
    let coveredM2 = 0;
    for (const share of index ? overlayAll(index, polygonsOf(projects, feature)) : []) {
      const of = textOf(index!.layer, 'county', share.feature);
      byCounty.set(of, (byCounty.get(of) ?? 0) + share.areaM2);
      coveredM2 += share.areaM2;
    }
    const own = (byCounty.get(county) ?? 0) / areaM2;
    if (own >= leastFraction) continue;
    if (!surveyed.has(county) && coveredM2 / areaM2 < leastFraction) {
      const todo = 'Import the land survey of its county first to have it checked.';
      problems.add('COUNTY_NOT_CHECKED', { what: 'no imported survey covers the project', todo, row });
      continue;
    }
    const [most] = [...byCounty].toSorted(([, a], [, b]) => b - a);
    const where = most ? `${percent(most[1] / areaM2)} on those of ${most[0] || 'no county'}` : 'no parcel is below it';
    problems.add('OUTSIDE_COUNTY', {
      what: `${textOf(projects, 'id', feature)} names the county ${county}, but ${percent(own)} of it lies on parcels of ${county}; ${where}`,
      todo: 'Correct the county, the boundary or its coordinate system; --accept OUTSIDE_COUNTY takes it as it is.',
      row,
    });
  }
}

/** Whether each sub-project is of a known project, lies within it, and has the area that it plans. */
export function checkSubProjects(
  subProjects: ParcelLayer,
  projects: ParcelLayer | null,
  how: { readonly leastFraction: number; readonly plannedToleranceFraction: number; readonly problems: ProblemList },
): void {
  const { leastFraction, plannedToleranceFraction, problems } = how;
  const index = projects && sameFrame(projects, subProjects) ? openParcelIndex(projects) : null;
  const known = new Set(projects?.columns['id'] ?? []);
  for (let feature = 0; feature < subProjects.featureCount; feature++) {
    const project = textOf(subProjects, 'project', feature);
    const row = Number(textOf(subProjects, 'row', feature));
    if (!known.has(project)) {
      const todo = 'Import the project first (tianwatch project import), or correct its id.';
      problems.add('PROJECT_UNKNOWN', { what: `there is no project ${JSON.stringify(project)}`, todo, row });
      continue;
    }
    const areaM2 = subProjects.areaM2[feature] ?? 0;
    const planned = textOf(subProjects, 'plannedM2', feature);
    if (planned !== '' && areaM2 > 0 && Math.abs(Number(planned) - areaM2) > plannedToleranceFraction * areaM2)
      problems.add('PLANNED_AREA_DIFFERS', {
        what: `${textOf(subProjects, 'id', feature)} plans ${planned} m², its outline has ${areaM2.toFixed(2)} m²`,
        todo: 'Runs judge it by its outline; correct the area (in m², not in 亩) or the outline.',
        row,
      });
    if (!index || !(areaM2 > 0)) continue;
    const shares = overlayAll(index, polygonsOf(subProjects, feature));
    const insideM2 = shares
      .filter((share) => textOf(index.layer, 'id', share.feature) === project)
      .reduce((sum, share) => sum + share.areaM2, 0);
    if (insideM2 / areaM2 >= leastFraction) continue;
    problems.add('OUTSIDE_PROJECT', {
      what: `${textOf(subProjects, 'id', feature)} is a part of ${project}, but ${percent(insideM2 / areaM2)} of it lies within it`,
      todo: 'Correct the project or the outline; --accept OUTSIDE_PROJECT takes it as it is.',
      row,
    });
  }
}

/** Whether a new project lies on the ground of a known one that the file does not name: both would count from then on. */
export function checkNewIds(
  given: ParcelLayer,
  known: ParcelLayer | null,
  { leastFraction, problems }: { readonly leastFraction: number; readonly problems: ProblemList },
): void {
  if (known === null || !sameFrame(known, given)) return;
  const index = openParcelIndex(known);
  const [named, old] = [given, known].map((layer) => new Set(layer.columns['id'] ?? []));
  for (let feature = 0; feature < given.featureCount; feature++) {
    const id = textOf(given, 'id', feature);
    if (old!.has(id)) continue;
    for (const share of overlayAll(index, polygonsOf(given, feature))) {
      const other = textOf(known, 'id', share.feature);
      const fraction = share.areaM2 / (given.areaM2[feature] ?? 0);
      if (fraction < leastFraction || named!.has(other)) continue;
      problems.add('GROUND_OF_ANOTHER', {
        what: `${id} is new, and ${percent(fraction)} of it is ground of ${other}, which stays`,
        todo: 'Keep the id of a project that goes on; both count otherwise.',
        row: Number(textOf(given, 'row', feature)),
      });
    }
  }
}
