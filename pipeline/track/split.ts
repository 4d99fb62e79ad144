import type { TrackRules } from './confirmation.ts';
import { outlineOf } from './observe.ts';
import type { OpenTrack } from './open-track.ts';
import { outlinesKept, withOutline } from './outline.ts';
import type { Seen, SeenPart } from './seen.ts';
import type { LookReport } from './sighting.ts';
import { withEvent } from './transition.ts';

/**
 * Divide tracks that enough looks at the whole showed in pieces of which each would be alerted by itself: the largest
 * piece and crumbs stay the track, the other pieces become tracks that descend from it and are believed as it is.
 *
 * @returns tracks that changed, and new ones
 */
export function dividePieces(
  tracks: ReadonlyMap<string, OpenTrack>,
  seen: readonly Seen[],
  { report, rules }: { readonly report: LookReport; readonly rules: TrackRules },
): readonly OpenTrack[] {
  const { wholeFraction, splitLooks } = rules.confirmation.matching;
  return seen.flatMap(({ track: { id }, owned }) => {
    const track = tracks.get(id)!;
    const newest = track.observations.at(-1);
    const isWhole = newest?.look === report.look.id && newest.observedFraction >= wholeFraction;
    if (owned.length === 0 || track.mergedInto !== null || !isWhole || newest.reading !== 'changed') return [];
    if (owned.some(({ isBridge }) => isBridge)) return [];
    const pieces = owned
      .filter(({ sighting }) => sighting.areaM2 >= rules.minimumM2(sighting.classAfter, report.look.gsdM))
      .sort((a, b) => b.sighting.areaM2 - a.sighting.areaM2 || (a.id < b.id ? -1 : 1));
    const piecesLooks = pieces.length > 1 ? track.piecesLooks + 1 : 0;
    if (piecesLooks < splitLooks) return piecesLooks === track.piecesLooks ? [] : [{ ...track, piecesLooks }];
    return divide(track, { pieces, owned, report, rules });
  });
}

function divide(
  track: OpenTrack,
  context: {
    readonly pieces: readonly SeenPart[];
    readonly owned: readonly SeenPart[];
    readonly report: LookReport;
    readonly rules: TrackRules;
  },
): readonly OpenTrack[] {
  const { rules } = context;
  const { look } = context.report;
  const leaving = context.pieces.slice(1);
  const shownBy = (parts: readonly SeenPart[]) => {
    const outline = outlineOf(parts, look);
    const shown = withOutline(outlinesKept([track], outline, rules), outline, rules);
    return { ...shown, sizeM2: shown.areaM2, piecesLooks: 0 };
  };
  const newest = track.observations.at(-1)!;
  const children = leaving.map((part) => {
    const { areaM2, probability } = part.sighting;
    const child: OpenTrack = {
      ...track,
      ...shownBy([part]),
      id: part.id,
      formerIds: [],
      firstSeen: look.date,
      parents: [track.id],
      children: [],
      observations: [{ ...newest, areaM2, probability }],
      history: [],
      changeStart: 0,
    };
    return withEvent(child, look, 'split');
  });
  const ids = children.map(({ id }) => id);
  const rest = context.owned.filter((part) => !leaving.includes(part));
  const parent = {
    ...track,
    ...shownBy(rest),
    formerIds: track.formerIds.filter((id) => !ids.includes(id)),
    children: [...track.children, ...ids],
  };
  return [withEvent(parent, look, 'split'), ...children];
}
