import type { FramePolygon, ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { polygonsOf } from '../../pipeline/parcel/layer.ts';
import type { Boundary } from '../../pipeline/parcel/outside.ts';
import { openBoundary, outsideM2 } from '../../pipeline/parcel/outside.ts';
import { overlay } from '../../pipeline/parcel/overlay.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import type { ProjectRules } from '../../pipeline/rule/project-rules.ts';

/** Gathers works over the boundaries of projects, one patch at a time. */
export interface OverBoundary {
  add(shape: FramePolygon): void;
  /** by feature of the parts */
  readonly outsideM2: Float64Array;
}

const cell = (layer: ParcelLayer, name: string, feature: number): string => layer.columns[name]?.[feature] ?? '';

/**
 * @param layers sub-projects cut by town, and the projects that they are of; null = a project is what its parts cover
 * @param options.toleranceM how far an outline of pixels may run over a line that it follows
 */
export function openOverBoundary(
  { parts, projects }: { readonly parts: ParcelLayer; readonly projects: ParcelLayer | null },
  { toleranceM, limits }: { readonly toleranceM: number; readonly limits: ProjectRules['limits'] },
): OverBoundary {
  const index = openParcelIndex(parts);
  const boundaries = boundariesOf(projects ?? parts, projects === null ? 'project' : 'id', {
    toleranceM,
    adjoiningM: limits.adjoiningM,
  });
  const sums = new Float64Array(parts.featureCount);

  /** The part that works outside a boundary are most likely of: the one the patch reaches into, else the first. */
  function partFor(project: string, shape: FramePolygon): number {
    const own = (feature: number): boolean => cell(parts, 'project', feature) === project;
    const reached = overlay(index, shape).filter(({ feature }) => own(feature));
    const most = reached.toSorted((a, b) => b.areaM2 - a.areaM2 || a.feature - b.feature)[0];
    return most?.feature ?? Array.from(sums.keys()).findIndex(own);
  }

  return {
    outsideM2: sums,
    add(shape) {
      for (const [project, boundary] of boundaries) {
        const areaM2 = outsideM2(boundary, shape, limits.overBoundaryM2);
        if (areaM2 === 0) continue;
        const part = partFor(project, shape);
        if (part >= 0) sums[part]! += areaM2;
      }
    },
  };
}

function boundariesOf(
  layer: ParcelLayer,
  key: string,
  options: { readonly toleranceM: number; readonly adjoiningM: number },
): Map<string, Boundary> {
  const polygons = new Map<string, FramePolygon[]>();
  for (let feature = 0; feature < layer.featureCount; feature++) {
    const project = cell(layer, key, feature);
    polygons.set(project, [...(polygons.get(project) ?? []), ...polygonsOf(layer, feature)]);
  }
  return new Map([...polygons].map(([project, own]) => [project, openBoundary(own, options)]));
}
