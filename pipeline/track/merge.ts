import type { TrackRules } from './confirmation.ts';
import type { Look } from './look.ts';
import { outlineOf } from './observe.ts';
import { isElder, type OpenTrack } from './open-track.ts';
import { outlinesKept, withOutline } from './outline.ts';
import type { Seen } from './seen.ts';
import { promote, withEvent } from './transition.ts';

/** Looks one after another that showed two tracks as one patch, by their ids. */
export type Joins = ReadonlyMap<string, number>;

const pairOf = (a: string, b: string): string => JSON.stringify(a < b ? [a, b] : [b, a]);
const idsOf = (pair: string): readonly [string, string] => JSON.parse(pair) as [string, string];

/**
 * Merge tracks that enough looks showed as one patch: the eldest goes on with the ground of all, the others end in it.
 *
 * @param tracks changed in place
 * @returns the pairs that are still apart
 */
export function mergeJoined(
  tracks: Map<string, OpenTrack>,
  seen: readonly Seen[],
  context: { readonly look: Look; readonly rules: TrackRules; readonly joins: Joins },
): Joins {
  const { rules, look } = context;
  const apart = new Set(seen.filter(({ owned }) => owned.length > 0).map(({ track }) => track.id));
  const now = new Set(seen.flatMap(({ track, ownerIds }) => ownerIds.map((id) => pairOf(track.id, id))));
  const joins = new Map<string, number>();
  for (const [pair, looks] of context.joins) {
    const [a, b] = idsOf(pair);
    if (now.has(pair) || !(apart.has(a) && apart.has(b))) joins.set(pair, looks);
  }
  for (const pair of now) joins.set(pair, (joins.get(pair) ?? 0) + 1);
  // specks that nobody was told of are one patch at once
  const neededFor = (pair: string) =>
    idsOf(pair).every((id) => tracks.get(id)!.state === 'watched') ? 1 : rules.confirmation.matching.mergeLooks;
  const groups = groupsOf([...now].filter((pair) => joins.get(pair)! >= neededFor(pair)));
  if (groups.length === 0) return joins;
  const partsOf = new Map(seen.map(({ track, owned }) => [track.id, owned]));
  for (const ids of groups) {
    const members = ids.map((id) => tracks.get(id)!).sort((a, b) => (isElder(a, b) ? -1 : 1));
    const [eldest, ...others] = members as [OpenTrack, ...OpenTrack[]];
    const parts = ids.flatMap((id) => partsOf.get(id) ?? []);
    let whole = adopt(eldest, others);
    if (parts.length > 0) {
      const outline = outlineOf(parts, look);
      whole = { ...whole, ...withOutline(outlinesKept(members, outline, rules), outline, rules) };
      const observations = [
        ...whole.observations.slice(0, -1),
        { ...whole.observations.at(-1)!, areaM2: outline.areaM2 },
      ];
      whole = { ...whole, sizeM2: whole.areaM2, observations };
    }
    tracks.set(whole.id, promote(withEvent(whole, look, 'merged'), look, rules));
    for (const other of others) {
      const ended = { ...other, mergedInto: whole.id, children: [...other.children, whole.id] };
      tracks.set(other.id, withEvent(ended, look, 'merged'));
    }
  }
  const ended = (id: string) => tracks.get(id)?.mergedInto !== null;
  return new Map([...joins].filter(([pair]) => !idsOf(pair).some(ended)));
}

/** What is known of the parts holds for the whole: it is confirmed if one of them is. */
function adopt(eldest: OpenTrack, others: readonly OpenTrack[]): OpenTrack {
  const parents = [...eldest.parents, ...others.map(({ id }) => id)];
  const believed = others.find(({ state }) => state === 'confirmed');
  const lastSeen = [eldest, ...others]
    .map((track) => track.lastSeen)
    .sort()
    .at(-1)!;
  if (believed === undefined || eldest.state === 'confirmed') return { ...eldest, parents, lastSeen };
  const { state, confirmedOn, looksToConfirm, daysToConfirm, since } = believed;
  return {
    ...eldest,
    parents,
    lastSeen,
    state,
    confirmedOn,
    looksToConfirm,
    daysToConfirm,
    since,
    isClosingAsked: false,
  };
}

/** Ids that hang together over pairs. */
function groupsOf(pairs: readonly string[]): readonly (readonly string[])[] {
  const groupOf = new Map<string, Set<string>>();
  for (const pair of pairs.toSorted()) {
    const ids = idsOf(pair);
    const joined = new Set(ids.flatMap((id) => [...(groupOf.get(id) ?? [id])]));
    for (const id of joined) groupOf.set(id, joined);
  }
  return [...new Set(groupOf.values())].map((group) => [...group].sort());
}
