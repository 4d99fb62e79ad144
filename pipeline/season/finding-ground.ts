import type { Land, LandUnder, Period } from '../parcel/land.ts';
import type { FramePolygon } from '../parcel/layer.ts';
import { touchedRules } from '../rule/policy.ts';
import type { PolicyLayer } from '../rule/policy-rules.ts';
import { severities, type Severity } from '../rule/reason.ts';
import type { RuleSet } from '../rule/rule-set.ts';
import { isOnLayer } from '../rule/severity.ts';

/** What the layers below a parcel make of a finding of planting. */
export interface FindingGround {
  readonly severity: Severity;
  /** permits in force cover it: no crop is expected there */
  readonly isLawful: boolean;
  readonly policies: readonly { readonly id: string; readonly version: number; readonly isPossible: boolean }[];
  readonly projects: readonly { readonly id: string; readonly shareFraction: number }[];
  readonly permits: readonly { readonly id: string; readonly coveredM2: number }[];
}

const zones = ['high-standard', 'red-line', 'town-boundary'] as const;

/** Ground of several polygons that do not overlap. */
function sumOf(parts: readonly LandUnder[]) {
  const sum = (of: (part: LandUnder) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const byFeature = (of: (part: LandUnder) => LandUnder['projects']) => {
    const areas = new Map<number, number>();
    for (const { feature, areaM2 } of parts.flatMap(of)) areas.set(feature, (areas.get(feature) ?? 0) + areaM2);
    return [...areas].toSorted(([a], [b]) => a - b);
  };
  return {
    farmlandM2: sum(({ permanentFarmlandM2 }) => permanentFarmlandM2),
    permitM2: sum(({ permitM2 }) => permitM2),
    zoneM2: (zone: string) => sum(({ zonesM2 }) => zonesM2[zone] ?? 0),
    projects: byFeature(({ projects }) => projects),
    permits: byFeature(({ permits }) => permits),
  };
}

/**
 * How grave a finding of planting is by the layers that its parcel lies on, and which named rules it touches.
 *
 * @param finding.period the crop year: which permits and rules were in force
 * @param on.polygons of the parcel, frame metres of `land`
 */
export function judgeFindingGround(
  finding: { readonly category: string; readonly areaM2: number; readonly period: Period },
  on: {
    readonly polygons: readonly FramePolygon[];
    readonly land: Pick<Land, 'layers'> & { underIn: Land['under'] };
    readonly rules: Pick<RuleSet, 'severity' | 'policy'>;
  },
): FindingGround {
  const { category, areaM2, period } = finding;
  const { land, rules } = on;
  const under = sumOf(on.polygons.map((polygon) => land.underIn(polygon, period)));
  const fractionOf = (partM2: number): number => Math.round(Math.min(1, partM2 / areaM2) * 1e6) / 1e6;
  const layers = new Set<PolicyLayer>(['cropland']);
  const lie = (layer: PolicyLayer, partM2: number): void => {
    const fraction = fractionOf(partM2);
    if (fraction > 0 && isOnLayer({ fraction, areaM2 }, rules.severity)) layers.add(layer);
  };
  lie('permanent-farmland', under.farmlandM2);
  lie('grain-zone', under.zoneM2('grain'));
  for (const zone of zones) lie(zone, under.zoneM2(zone));
  const touched = touchedRules(
    { axis: 'planting', category, classSeen: '', layers, dateBefore: period.from, dateAfter: period.to },
    rules.policy,
  );
  const sure = touched.filter(({ isPossible }) => !isPossible).map(({ severity }) => severities.indexOf(severity));
  const isLawful = fractionOf(under.permitM2) >= rules.severity.permit.lawfulFraction;
  const idOf = (layer: 'projects' | 'permits', feature: number): string =>
    land.layers[layer]?.columns['id']?.[feature] ?? '';
  return {
    severity: isLawful ? 'normal' : severities[Math.max(0, ...sure)]!,
    isLawful,
    policies: touched.map(({ id, version, isPossible }) => ({ id, version, isPossible })),
    projects: under.projects.map(([feature, partM2]) => ({
      id: idOf('projects', feature),
      shareFraction: fractionOf(partM2),
    })),
    permits: under.permits.map(([feature, partM2]) => ({
      id: idOf('permits', feature),
      coveredM2: Math.round(partM2 * 100) / 100,
    })),
  };
}
