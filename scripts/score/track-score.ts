import { coveredFraction, grown, type Shape } from './shape.ts';
import type { ScoredCategory, SizeClass } from './score-type.ts';

/** Something that happened to ground during a series. */
export interface TrueEvent {
  readonly id: string;
  readonly kind: string;
  readonly category: ScoredCategory;
  readonly classBefore: string;
  readonly areaM2: number;
  /** from which area on it is to be confirmed (m²) */
  readonly minAreaM2: number;
  readonly sizeClass: SizeClass;
  /** ISO-8601 */
  readonly startDate: string;
  /** began before the first look: nothing of a series can tell */
  readonly isOlder: boolean;
  /** looks on which at least half of it lay under neither cloud nor shadow and its ground was another; ascending */
  readonly clearDates: readonly string[];
  readonly shape: Shape;
}

/** A track of a series. */
export interface ScoredTrack {
  readonly id: string;
  readonly state: string;
  readonly category: string;
  readonly classBefore: string;
  readonly classAfter: string;
  /** null: never */
  readonly confirmedOn: string | null;
  /** clear looks that the run itself had, from the first that showed it to the one that confirmed it */
  readonly looksToConfirm: number | null;
  /** a part of another one by now */
  readonly isMerged: boolean;
  readonly areaM2: number;
  /** what the fields did on the day of its confirmation, as in the region's calendar */
  readonly periods: readonly string[];
  readonly shape: Shape;
}

export interface Found {
  readonly wanted: number;
  readonly found: number;
}

export interface TrackScore {
  readonly recall: number | null;
  readonly precision: number | null;
  /** looks that were clear by the truth, from the first that could show it to its confirmation, both counted; null of none */
  readonly medianDelayLooks: number | null;
  /** the same as the run counts: looks that it saw the patch on, from its own first sighting; right alerts */
  readonly medianLooksToConfirm: number | null;
  readonly wanted: Found;
  readonly byKind: Readonly<Record<string, Found>>;
  readonly bySize: Readonly<Record<string, Found>>;
  readonly delaysByKind: Readonly<Record<string, readonly number[]>>;
  readonly alerts: { readonly total: number; readonly right: number; readonly wrong: number };
  /** wrong alerts by what they may have been taken for: flooding, harvest, winter bare, else what was called */
  readonly wrongBy: Readonly<Record<string, number>>;
  /** pairs of alerts that share more than half of the smaller */
  readonly duplicates: readonly (readonly [string, string])[];
  readonly missed: readonly {
    readonly id: string;
    readonly kind: string;
    readonly areaM2: number;
    readonly clearLooks: number;
    /** state of the tracks that show most of it, `otherwise` where they were confirmed as something else; `nothing`: none shows 5 % */
    readonly shown: string;
  }[];
  readonly wrong: readonly Pick<
    ScoredTrack,
    'id' | 'category' | 'classBefore' | 'classAfter' | 'areaM2' | 'confirmedOn'
  >[];
}

/** A change needs as many clear looks as confirmation asks for; fewer, and nobody could have confirmed it. */
const fewestLooks = 3;
const foundFraction = 0.3;
const rightFraction = 0.5;
const leastShown = 0.05;
const physical: readonly string[] = ['non-farm', 'non-grain'];

/**
 * Confirmed tracks of non-farm and non-grain against what happened.
 *
 * Wanted: changes of cropland to non-farm or non-grain, with a permit or without, at or above the minimum area, begun after the
 * first look and seen changed in at least three clear looks. Found: at least 30 % of it lies on alerts. Right: at least
 * half of an alert lies on ground that changed at any time of the series, or within a pixel of it.
 */
export function scoreTracks(events: readonly TrueEvent[], tracks: readonly ScoredTrack[], gsdM: number): TrackScore {
  const alerts = tracks.filter(
    ({ confirmedOn, isMerged, category }) => confirmedOn !== null && !isMerged && physical.includes(category),
  );
  const changedGround = events.map(({ shape }) => grown(shape, gsdM));
  const isRight = alerts.map(({ shape }) => coveredFraction(shape, changedGround) >= rightFraction);
  const wrong = alerts.filter((_, i) => !isRight[i]);
  const wanted = events.filter(
    (event) =>
      physical.includes(event.category) &&
      event.classBefore === 'crops' &&
      !event.isOlder &&
      event.areaM2 >= event.minAreaM2 &&
      event.clearDates.length >= fewestLooks,
  );
  const judged = wanted.map((event) => ({ event, confirmedOn: confirmedOnOf(event, alerts) }));
  const found = judged.filter(({ confirmedOn }) => confirmedOn !== null);
  const delays = found.map(({ event, confirmedOn }) => delayOf(event, confirmedOn!));
  return {
    recall: ratio(found.length, wanted.length),
    precision: ratio(alerts.length - wrong.length, alerts.length),
    medianDelayLooks: median(delays),
    medianLooksToConfirm: median(alerts.flatMap(({ looksToConfirm }, i) => (isRight[i] ? (looksToConfirm ?? []) : []))),
    wanted: { wanted: wanted.length, found: found.length },
    byKind: tally(judged, ({ event }) => event.kind),
    bySize: tally(judged, ({ event }) => event.sizeClass),
    delaysByKind: Object.fromEntries(
      grouped(found, ({ event }) => event.kind).map(([kind, members]) => [
        kind,
        members.map(({ event, confirmedOn }) => delayOf(event, confirmedOn!)),
      ]),
    ),
    alerts: { total: alerts.length, right: alerts.length - wrong.length, wrong: wrong.length },
    wrongBy: Object.fromEntries(grouped(wrong, causeOf).map(([cause, members]) => [cause, members.length])),
    duplicates: duplicatesOf(alerts),
    missed: judged.flatMap(({ event: { id, kind, areaM2, clearDates, shape }, confirmedOn }) =>
      confirmedOn === null ? [{ id, kind, areaM2, clearLooks: clearDates.length, shown: shownAs(shape, tracks) }] : [],
    ),
    wrong: wrong.map(({ id, category, classBefore, classAfter, areaM2, confirmedOn }) => ({
      id,
      category,
      classBefore,
      classAfter,
      areaM2,
      confirmedOn,
    })),
  };
}

/** The day from which on alerts cover enough of it. */
function confirmedOnOf({ shape, startDate }: TrueEvent, alerts: readonly ScoredTrack[]): string | null {
  const days = [...new Set(alerts.map(({ confirmedOn }) => confirmedOn!))].filter((day) => day >= startDate).sort();
  const covers = (day: string): boolean =>
    coveredFraction(
      shape,
      alerts.filter(({ confirmedOn }) => confirmedOn! <= day).map((alert) => alert.shape),
    ) >= foundFraction;
  const last = days.at(-1);
  if (last === undefined || !covers(last)) return null;
  let [low, high] = [0, days.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (covers(days[middle]!)) high = middle;
    else low = middle + 1;
  }
  return days[low]!;
}

/** What became of a change that no alert covers: where to look for the cause. */
function shownAs(shape: Shape, tracks: readonly ScoredTrack[]): string {
  const alive = tracks.filter(({ isMerged }) => !isMerged);
  const shares = grouped(alive, ({ state, category }) =>
    state === 'confirmed' && !physical.includes(category) ? 'otherwise' : state,
  ).map(([name, members]) => ({
    name,
    share: coveredFraction(
      shape,
      members.map((track) => track.shape),
    ),
  }));
  const most = shares.toSorted((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))[0];
  return most !== undefined && most.share >= leastShown ? most.name : 'nothing';
}

const delayOf = ({ clearDates }: TrueEvent, confirmedOn: string): number =>
  clearDates.filter((date) => date <= confirmedOn).length;

function causeOf({ classAfter, periods }: ScoredTrack): string {
  if (classAfter === 'water' && periods.includes('flooded')) return 'flooding';
  if (classAfter === 'bare' && periods.includes('harvest')) return 'harvest';
  if (classAfter === 'bare' && periods.includes('winter-bare')) return 'winter bare';
  return classAfter;
}

function duplicatesOf(alerts: readonly ScoredTrack[]): (readonly [string, string])[] {
  return alerts.flatMap((alert, i) =>
    alerts.slice(i + 1).flatMap((other): (readonly [string, string])[] => {
      const [small, large] = alert.areaM2 < other.areaM2 ? [alert, other] : [other, alert];
      return coveredFraction(small.shape, [large.shape]) > 0.5 ? [[alert.id, other.id]] : [];
    }),
  );
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return (sorted[half]! + sorted[sorted.length - 1 - half]!) / 2;
}

function tally<T extends { readonly confirmedOn: string | null }>(
  judged: readonly T[],
  keyOf: (item: T) => string,
): Record<string, Found> {
  return Object.fromEntries(
    grouped(judged, keyOf).map(([key, members]) => [
      key,
      { wanted: members.length, found: members.filter(({ confirmedOn }) => confirmedOn !== null).length },
    ]),
  );
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): (readonly [string, readonly T[]])[] {
  const out = new Map<string, T[]>();
  for (const item of items) {
    const members = out.get(keyOf(item));
    if (members) members.push(item);
    else out.set(keyOf(item), [item]);
  }
  return [...out];
}
