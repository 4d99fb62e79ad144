import { dissolvedOverlap, overlay } from './overlay.ts';
import { openParcelIndex } from './parcel-index.ts';
import type { ParcelIndex } from './parcel-index.ts';
import type { ParcelLayer } from './layer.ts';

/** What is known of the land, each layer in one frame; null = not given. */
export interface LandLayers {
  readonly survey: ParcelLayer | null;
  readonly permanentFarmland: ParcelLayer | null;
  readonly permits: ParcelLayer | null;
  readonly zones: readonly { readonly zone: string; readonly layer: ParcelLayer }[];
  readonly projects: ParcelLayer | null;
  readonly subProjects: ParcelLayer | null;
}

/** Which permits count: those in force between two ISO dates; null = that side is open. */
export interface Period {
  readonly from: string | null;
  readonly to: string | null;
}

/** What lies under a polygon; areas (m²) are computed each for itself, never as a remainder. */
export interface LandUnder {
  /** by area, largest first */
  readonly parcels: readonly { readonly feature: number; readonly areaM2: number }[];
  readonly permanentFarmlandM2: number;
  /** by zone */
  readonly zonesM2: Readonly<Record<string, number>>;
  /** under any of the permits, each spot once */
  readonly permitM2: number;
  readonly permits: readonly { readonly feature: number; readonly areaM2: number }[];
  /** permits that cover it but were not in force at any time of the period; they count for nothing */
  readonly lapsedPermits: readonly { readonly feature: number; readonly areaM2: number }[];
  readonly projects: readonly { readonly feature: number; readonly areaM2: number }[];
  readonly subProjects: readonly { readonly feature: number; readonly areaM2: number }[];
}

export interface Land {
  readonly layers: LandLayers;
  /** @param polygon rings in frame metres, exterior first */
  under(polygon: readonly Float64Array[], period: Period): LandUnder;
}

const column = (layer: ParcelLayer, name: string, feature: number): string => layer.columns[name]?.[feature] ?? '';

/** Whether a permit was in force at some time of the period; dates that are not given hold for ever. */
export function isInForce(permits: ParcelLayer, feature: number, { from, to }: Period): boolean {
  const [begins, ends] = [column(permits, 'validFrom', feature), column(permits, 'validTo', feature)];
  return (
    (to === null || begins === '' || begins <= to.slice(0, 10)) &&
    (from === null || ends === '' || ends >= from.slice(0, 10))
  );
}

/** Index the layers once; then ask for as many polygons as there are. */
export function openLand(layers: LandLayers): Land {
  const indexOf = (layer: ParcelLayer | null): ParcelIndex | null => (layer === null ? null : openParcelIndex(layer));
  const [survey, farmland, permits] = [
    indexOf(layers.survey),
    indexOf(layers.permanentFarmland),
    indexOf(layers.permits),
  ];
  const [projects, subProjects] = [indexOf(layers.projects), indexOf(layers.subProjects)];
  const zones = layers.zones.map(({ zone, layer }) => ({ zone, index: openParcelIndex(layer) }));
  const shares = (index: ParcelIndex | null, polygon: readonly Float64Array[]) =>
    index === null ? [] : overlay(index, polygon).toSorted((a, b) => b.areaM2 - a.areaM2 || a.feature - b.feature);
  return {
    layers,
    under(polygon, period) {
      const covering = shares(permits, polygon);
      const inForce = covering.filter(({ feature }) => isInForce(layers.permits!, feature, period));
      const zonesM2: Record<string, number> = {};
      for (const { zone, index } of zones) zonesM2[zone] = (zonesM2[zone] ?? 0) + dissolvedOverlap(index, polygon);
      return {
        parcels: shares(survey, polygon),
        permanentFarmlandM2: farmland === null ? 0 : dissolvedOverlap(farmland, polygon),
        zonesM2,
        permitM2:
          permits === null || inForce.length === 0
            ? 0
            : dissolvedOverlap(permits, polygon, (feature) => inForce.some((permit) => permit.feature === feature)),
        permits: inForce,
        lapsedPermits: covering.filter((permit) => !inForce.includes(permit)),
        projects: shares(projects, polygon),
        subProjects: shares(subProjects, polygon),
      };
    },
  };
}
