import type { EqualAreaFrame } from '../geo/frame.ts';
import { orientPolygon, roundPolygon } from '../geo/polygon.ts';
import { toMu } from '../parcel/mu.ts';
import type { FramePolygon } from '../parcel/layer.ts';
import { categoryZh } from '../rule/reason.ts';
import type { Track } from '../track/track.ts';
import type { TrackProperties } from './series-formats.ts';

const cm2 = (areaM2: number): number => Math.round(areaM2 * 100) / 100;
/** 7 decimals of a degree are 1.1 cm. */
const decimals = 7;

/** An outline as GeoJSON has it, degrees. */
export function coordinatesOf(rings: FramePolygon, { toLonLat }: EqualAreaFrame) {
  const polygon = rings.map((ring) => {
    const points = Array.from({ length: ring.length / 2 }, (_, i) => toLonLat(ring[2 * i]!, ring[2 * i + 1]!));
    return [...points, points[0]!];
  });
  return orientPolygon(roundPolygon(polygon, decimals));
}

export function trackProperties(track: Track): TrackProperties {
  const { id, formerIds, state, category, classBefore, classAfter, firstSeen, since, lastSeen } = track;
  const { confirmedOn, looksToConfirm, daysToConfirm, areaM2, parents, children, mergedInto } = track;
  return {
    id,
    formerIds: [...formerIds],
    state,
    category,
    categoryZh: categoryZh[category],
    classBefore,
    classAfter,
    firstSeen,
    since,
    lastSeen,
    confirmedOn,
    looksToConfirm,
    daysToConfirm,
    looks: track.observations.filter((observation) => observation.areaM2 > 0).length,
    areaM2: cm2(areaM2),
    areaMu: Math.round(toMu(areaM2) * 100) / 100,
    parents: [...parents],
    children: [...children],
    mergedInto,
    history: track.history.map(({ date, event, areaM2: atM2 }) => ({ date, event, areaM2: cm2(atM2) })),
  };
}

/** `tracks.geojson`: RFC 7946, one feature a track in the order given, a line each. */
export function tracksText(tracks: readonly Track[], frame: EqualAreaFrame): string {
  const lines = tracks.map((track) =>
    JSON.stringify({
      type: 'Feature',
      properties: trackProperties(track),
      geometry: { type: 'MultiPolygon', coordinates: track.polygons.map((rings) => coordinatesOf(rings, frame)) },
    }),
  );
  return `{"type":"FeatureCollection","features":[\n${lines.join(',\n')}\n]}\n`;
}
