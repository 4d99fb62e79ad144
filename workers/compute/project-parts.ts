import type { Warning } from '../../pipeline/report/formats.ts';
import type { FramePolygon, ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { buildLayer, polygonsOf } from '../../pipeline/parcel/layer.ts';
import { areaOf } from '../../pipeline/parcel/outside.ts';
import { overlayAll } from '../../pipeline/parcel/overlay.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { intersectShapes, subtractShapes, uniteShapes } from '../../pipeline/parcel/shape.ts';

/** A town's share of a sub-project below this (m²) is the line of a survey, not a part of its own. */
const leastPartM2 = 1;

/**
 * Sub-projects cut at the borders of towns, as the land survey has them.
 *
 * A sub-project in one town, or without a survey below it, stays whole in the town it names. Ground that the survey
 * does not reach stays with the town that is named.
 *
 * @returns a layer with the columns of the sub-projects; `town` is that of the part
 */
export function splitByTown(subProjects: ParcelLayer, survey: ParcelLayer | null): ParcelLayer {
  const index = survey && openParcelIndex(survey);
  const features = Array.from({ length: subProjects.featureCount }, (_, feature) => feature).flatMap((feature) => {
    const attributes = Object.fromEntries(
      Object.entries(subProjects.columns).map(([name, cells]) => [name, cells[feature] ?? '']),
    );
    const polygons = polygonsOf(subProjects, feature);
    const named = attributes['town'] ?? '';
    const towns = new Map<string, number[]>();
    for (const share of index === null ? [] : overlayAll(index, polygons)) {
      const town = survey?.columns['town']?.[share.feature] ?? '';
      if (town !== '') towns.set(town, [...(towns.get(town) ?? []), share.feature]);
    }
    const others = [...towns.keys()].filter((town) => town !== named);
    if (others.length === 0) return [{ polygons, attributes }];
    let rest: readonly FramePolygon[] = polygons;
    const parts = others.toSorted().flatMap((town) => {
      const ground = uniteShapes(towns.get(town)!.flatMap((parcel) => polygonsOf(survey!, parcel)));
      const part = intersectShapes(polygons, ground);
      if (areaOf(part) < leastPartM2) return [];
      rest = subtractShapes(rest, ground);
      return [{ polygons: part, attributes: { ...attributes, town } }];
    });
    const own = areaOf(rest) < leastPartM2 ? [] : [{ polygons: rest, attributes }];
    return [...own, ...parts];
  });
  return buildLayer({ centre: subProjects.centre, features });
}

/** Projects in which nothing is planned: no sub-project, so no row of `discrepancies.csv` can speak of them. */
export function warnOfUnplanned(projects: ParcelLayer | null, subProjects: ParcelLayer | null): readonly Warning[] {
  const planned = new Set(subProjects?.columns['project'] ?? []);
  const without = (projects?.columns['id'] ?? []).filter((id) => !planned.has(id));
  if (without.length === 0) return [];
  const more = without.length > 8 ? ` … (${without.length})` : '';
  return [
    {
      code: 'NO_SUB_PROJECTS',
      message: `Projects without a sub-project are not judged, nor is work outside their boundary: ${without.slice(0, 8).join(', ')}${more}.`,
      todo: 'Import their sub-projects: tianwatch project import <file>.',
    },
  ];
}
