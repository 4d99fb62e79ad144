import { lookProblems } from '../scene/look-sieve.ts';
import type { LeftOut } from '../scene/look-sieve.ts';
import { toMu } from '../parcel/mu.ts';
import { tableText } from '../rule/csv-table.ts';
import type { Category } from '../rule/reason.ts';
import { stateOn } from '../track/track.ts';
import type { Track, TrackState } from '../track/track.ts';

/** A scene of the series as `looks.csv` tells it. */
export interface LookRow {
  /** ISO-8601 day, null = unknown */
  readonly date: string | null;
  readonly scene: string;
  /** id of the look; null: it is none */
  readonly look: string | null;
  readonly sensor: string | null;
  readonly gsdM: number | null;
  /** of the grid; null: it is no look */
  readonly observedM2: number | null;
  readonly unobservedM2: number | null;
  /** of the scene's valid pixels; null where no mask applies */
  readonly cloudFraction: number | null;
  readonly why: LeftOut | null;
  /** how it was judged, where that is not on the grid of the series */
  readonly how: string | null;
}

const fixed = (value: number | null, decimals: number): string => (value === null ? '' : value.toFixed(decimals));

export const lookColumns = [
  'date',
  'scene',
  'sensor',
  'gsdM',
  'observedM2',
  'unobservedM2',
  'cloudFraction',
  'used',
  'problem',
  'reasonZh',
  'reason',
  'detail',
  'look',
] as const;

/** `looks.csv`: every scene and file that was found, by date, those without one last. */
export function looksText(rows: readonly LookRow[]): string {
  const order = ({ date, scene }: LookRow): string => `${date ?? '9999'}\n${scene}`;
  const sorted = rows.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
  return tableText([
    lookColumns,
    ...sorted.map(({ date, scene, look, sensor, gsdM, observedM2, unobservedM2, cloudFraction, why, how }) => [
      date ?? '',
      scene,
      sensor ?? '',
      fixed(gsdM, 2),
      fixed(observedM2, 2),
      fixed(unobservedM2, 2),
      fixed(cloudFraction, 4),
      why === null || why.problem === 'FAILED' ? 'yes' : 'no',
      why?.problem ?? '',
      why === null ? '' : lookProblems[why.problem].zh,
      why === null ? '' : lookProblems[why.problem].en,
      why?.detail ?? how ?? '',
      look ?? '',
    ]),
  ]);
}

export const observationColumns = [
  'track',
  'date',
  'observed',
  'areaM2',
  'probability',
  'observedFraction',
  'reading',
  'look',
] as const;

/** `observations.csv`: what every look says of every track from its first sighting on. */
export function observationsText(tracks: readonly Track[]): string {
  return tableText([
    observationColumns,
    ...tracks.flatMap(({ id, observations }) =>
      observations.map(({ look, date, probability, areaM2, observedFraction, reading }) => [
        id,
        date.slice(0, 10),
        probability === null ? 'no' : 'yes',
        probability === null ? '' : areaM2.toFixed(2),
        fixed(probability, 3),
        observedFraction.toFixed(3),
        reading,
        look,
      ]),
    ),
  ]);
}

/** Changed ground on the day of a look, by what it means and how sure it is. */
export interface AreaRow {
  readonly date: string;
  readonly look: string;
  readonly category: Category;
  readonly state: TrackState;
  /** tracks that this look showed changed, and their area */
  readonly seenTracks: number;
  readonly seenM2: number;
  /** tracks that it did not see, and their area when last seen */
  readonly unseenTracks: number;
  readonly unseenM2: number;
}

/** Area of a track on the day of a look; null: there was none, or it was seen to be as before. */
function areaAt(track: Track, look: { readonly id: string; readonly date: string }) {
  const day = look.date.slice(0, 10);
  if (track.firstSeen.slice(0, 10) > day) return null;
  const merged = track.mergedInto === null ? null : track.observations.at(-1);
  if (merged && merged.date.slice(0, 10) < day) return null;
  const own = track.observations.find((observation) => observation.look === look.id);
  if (own && own.probability !== null) return own.areaM2 > 0 ? { isSeen: true, areaM2: own.areaM2 } : null;
  const state = stateOn(track, day);
  if (state === 'expired' || state === 'reversed') return null;
  const last = track.observations.findLast(({ date, probability }) => date.slice(0, 10) <= day && probability !== null);
  return last && last.areaM2 > 0 ? { isSeen: false, areaM2: last.areaM2 } : null;
}

/** Rows of `areas.csv`, by date, category and state; a look that shows nothing has none. */
export function areasByLook(
  tracks: readonly Track[],
  looks: readonly { readonly id: string; readonly date: string }[],
): readonly AreaRow[] {
  return looks.flatMap((look) => {
    const rows = new Map<string, AreaRow>();
    for (const track of tracks) {
      const found = areaAt(track, look);
      const state = stateOn(track, look.date.slice(0, 10));
      if (found === null || state === null) continue;
      const { category } = track;
      const key = `${category}\n${state}`;
      const empty = { date: look.date.slice(0, 10), look: look.id, category, state };
      const row = rows.get(key) ?? { ...empty, seenTracks: 0, seenM2: 0, unseenTracks: 0, unseenM2: 0 };
      const [seenM2, unseenM2] = found.isSeen ? [found.areaM2, 0] : [0, found.areaM2];
      rows.set(key, {
        ...row,
        seenTracks: row.seenTracks + (found.isSeen ? 1 : 0),
        seenM2: row.seenM2 + seenM2,
        unseenTracks: row.unseenTracks + (found.isSeen ? 0 : 1),
        unseenM2: row.unseenM2 + unseenM2,
      });
    }
    return [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  });
}

export const areaColumns = [
  'date',
  'category',
  'state',
  'seenTracks',
  'seenM2',
  'seenMu',
  'unseenTracks',
  'unseenM2',
  'unseenMu',
  'look',
] as const;

/** `areas.csv`: changed ground by date; what a look did not see stands apart with its last known area. */
export function areasText(rows: readonly AreaRow[]): string {
  return tableText([
    areaColumns,
    ...rows.map(({ date, category, state, seenTracks, seenM2, unseenTracks, unseenM2, look }) => [
      date,
      category,
      state,
      String(seenTracks),
      seenM2.toFixed(2),
      toMu(seenM2).toFixed(2),
      String(unseenTracks),
      unseenM2.toFixed(2),
      toMu(unseenM2).toFixed(2),
      look,
    ]),
  ]);
}
