import type { FramePolygon } from '../parcel/layer.ts';
import type { Category } from '../rule/reason.ts';
import type { LookKind } from './look.ts';

/**
 * `watched`: too small for its sensor, or seen only in a season that proves nothing; `probable`: seen, not yet
 * believed; `confirmed`: the rules of confirmation hold; `expired`: gone without ever having been confirmed;
 * `reversed`: was confirmed and is as before again.
 */
export type TrackState = 'watched' | 'probable' | 'confirmed' | 'expired' | 'reversed';

/**
 * What a look says of a track: `changed` counts; `waiting` is changed in a season that proves nothing; `refuted` is
 * the same signal that somebody on the spot found to be none; `unchanged`: seen as before; `unseen` says nothing.
 */
export type Reading = 'changed' | 'waiting' | 'refuted' | 'unchanged' | 'unseen';

/** One look at the ground of a track. */
export interface TrackObservation {
  /** id of the look */
  readonly look: string;
  readonly date: string;
  readonly sensor: string | null;
  readonly kind: LookKind;
  readonly isCumulative: boolean;
  readonly reading: Reading;
  /** share of the ground that the look saw, 0..1 */
  readonly observedFraction: number;
  /** changed ground (m²); 0 = seen and not changed, or not seen: `probability` tells which */
  readonly areaM2: number;
  /** of change, 0..1, 0 where no change was seen; null = not observed */
  readonly probability: number | null;
}

export type TrackEventName =
  | 'appeared'
  | 'reappeared'
  | 'grew'
  | 'shrank'
  | 'split'
  | 'merged'
  | 'probable'
  | 'confirmed'
  | 'refuted'
  | 'expired'
  | 'reversed'
  | 'relapsed';

/** Something that a look did to a track. */
export interface TrackEvent {
  readonly date: string;
  /** id of the look */
  readonly look: string;
  readonly event: TrackEventName;
  /** state from here on */
  readonly state: TrackState;
  readonly areaM2: number;
}

/** One piece of changed ground through all looks. */
export interface Track {
  /** id of the first sighting of its lineage, by date, then id of look and sighting; later looks never change it */
  readonly id: string;
  /** the id that it would have if earlier looks were missing: ids of its later sightings, in their order */
  readonly formerIds: readonly string[];
  readonly state: TrackState;
  /** of most of the newest looks that show it */
  readonly category: Category;
  readonly classBefore: string;
  readonly classAfter: string;
  readonly firstSeen: string;
  /** first sighting after it was last expired or reversed; of a confirmed one, the first that showed most of it */
  readonly since: string;
  /** last date on which it was seen changed */
  readonly lastSeen: string;
  /** null = never; kept when it is reversed */
  readonly confirmedOn: string | null;
  /** clear looks from `since` to the one that confirmed it, both counted; null = never */
  readonly looksToConfirm: number | null;
  /** days from `since` as it was then to `confirmedOn` */
  readonly daysToConfirm: number | null;
  /** it was reversed, and nobody has yet seen on the spot, or from a drone, that the ground is as before */
  readonly isClosingAsked: boolean;
  /** tracks that it came from, by split or merger */
  readonly parents: readonly string[];
  /** tracks that came from it */
  readonly children: readonly string[];
  /** the track that it became a part of; from then on it is not observed */
  readonly mergedInto: string | null;
  /** newest outline, frame metres */
  readonly polygons: readonly FramePolygon[];
  readonly areaM2: number;
  /** pixel of the look that the outline is from (m) */
  readonly gsdM: number;
  /** by date, from the first sighting on */
  readonly observations: readonly TrackObservation[];
  /** by date */
  readonly history: readonly TrackEvent[];
}

/** State of a track at the end of a day, as it would have been told then; null = not yet seen. */
export function stateOn(track: Track, day: string): TrackState | null {
  return track.history.findLast(({ date }) => date.slice(0, 10) <= day)?.state ?? null;
}

/** Tracks by any id that they ever had or would have had; what merged leads to what it is a part of now. */
export function openTrackIds(tracks: readonly Track[]): (id: string) => Track | null {
  const byId = new Map(tracks.map((track) => [track.id, track]));
  const former = new Map(tracks.flatMap((track) => track.formerIds.map((id) => [id, track] as const)));
  return (id) => {
    let track = byId.get(id) ?? former.get(id) ?? null;
    while (track !== null && track.mergedInto !== null) track = byId.get(track.mergedInto) ?? null;
    return track;
  };
}
