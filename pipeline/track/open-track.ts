import type { FramePolygon } from '../parcel/layer.ts';
import type { Category } from '../rule/reason.ts';
import { dayOf } from './look.ts';
import type { Track } from './track.ts';

/** What a whole look at a patch showed. */
export interface Outline {
  readonly date: string;
  readonly gsdM: number;
  /** oriented: exteriors counter-clockwise, holes clockwise */
  readonly polygons: readonly FramePolygon[];
  readonly areaM2: number;
  readonly category: Category;
  readonly classBefore: string;
  readonly classAfter: string;
}

/** A track with what it takes to go on. */
export interface OpenTrack extends Track {
  /** position in `observations` of the first sighting of the present change */
  readonly changeStart: number;
  /** clear looks that saw the ground unchanged just before it */
  readonly stableLooks: number;
  /** date of the newest look before its first sighting that saw the ground unchanged; null: none did */
  readonly stableOn: string | null;
  /** no sighting has counted yet: all were in a season that proves nothing */
  readonly isWaiting: boolean;
  /** somebody on the spot found this signal to be none, and since then it was neither gone nor larger */
  readonly isRefuted: boolean;
  /** newest outlines that say how much, then those that say when; oldest first */
  readonly fineOutlines: readonly Outline[];
  readonly coarseOutlines: readonly Outline[];
  /** area (m²) that growth is measured against */
  readonly sizeM2: number;
  /** looks one after another that showed it in pieces */
  readonly piecesLooks: number;
}

/** Expired: it gets no more observations, and only what looks like it revives it. */
export const isDormant = ({ state, isRefuted }: OpenTrack): boolean => state === 'expired' && !isRefuted;

/** Whether the first comes before the second where one of them has to: the older, then by id. */
export const isElder = (a: Track, b: Track): boolean =>
  a.firstSeen < b.firstSeen || (a.firstSeen === b.firstSeen && a.id < b.id);

/** Whether the ground of a track is known to have been as before on a date: its present change, if any, came later. */
export function wasStable({ state, observations, changeStart, stableOn }: OpenTrack, date: string): boolean {
  const day = dayOf(date);
  const newest =
    observations.slice(0, changeStart).findLast(({ reading }) => reading === 'unchanged')?.date ?? stableOn;
  if (newest !== null && day <= dayOf(newest)) return true;
  if (state !== 'expired' && state !== 'reversed') return false;
  const lastChanged = observations.findLastIndex(({ reading }) => reading === 'changed' || reading === 'waiting');
  const gone = observations.slice(lastChanged + 1).find(({ reading }) => reading === 'unchanged');
  return gone !== undefined && day >= dayOf(gone.date);
}
