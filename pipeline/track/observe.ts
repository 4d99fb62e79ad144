import type { TrackRules } from './confirmation.ts';
import type { Seen, SeenPart } from './seen.ts';
import type { LookReport } from './sighting.ts';
import { isDormant, type OpenTrack, wasStable } from './open-track.ts';
import { isLarger, withOutline } from './outline.ts';
import type { Reading, TrackObservation } from './track.ts';

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

function areaOf({ sighting, sharedM2, isBridge }: SeenPart): number {
  return isBridge ? sharedM2 : sighting.areaM2;
}

/** Changed ground of parts (m²) and its mean probability. */
function sumOf(parts: readonly SeenPart[]): { readonly areaM2: number; readonly probability: number } {
  const areaM2 = parts.reduce((sum, part) => sum + areaOf(part), 0);
  const weighted = parts.reduce((sum, part) => sum + areaOf(part) * part.sighting.probability, 0);
  return { areaM2, probability: areaM2 > 0 ? weighted / areaM2 : 0 };
}

/**
 * The track with what the look says of it as its newest observation, and with its outline where the look saw the
 * whole; the track itself where an expired one is not seen again.
 */
export function observe(seen: Seen, report: LookReport, rules: TrackRules): OpenTrack {
  const { track, owned, touched, waiting, ignored, ownIds } = seen;
  const shown = [...owned, ...touched];
  if (isDormant(track) && shown.length === 0 && waiting.length === 0) return track;
  const { look } = report;
  // compared with ground that was perhaps changed already: neither a change nor none says anything of this one
  const isBlind = look.comparedWith !== undefined && !wasStable(track, look.comparedWith);
  if (isBlind && isDormant(track)) return { ...track, formerIds: [...track.formerIds, ...ownIds] };
  const kind = rules.confirmation.kinds.find((row) => row.kind === look.kind)!;
  const observedFraction = clamp(report.observedFraction(track.polygons));
  const add = (reading: Reading, areaM2: number, probability: number | null): OpenTrack => {
    const { id, date, sensor, kind: by, isCumulative = false } = look;
    const observation: TrackObservation = {
      look: id,
      date,
      sensor,
      kind: by,
      isCumulative,
      reading,
      observedFraction,
      areaM2,
      probability,
    };
    const formerIds = ownIds.length > 0 ? [...track.formerIds, ...ownIds] : track.formerIds;
    return { ...track, formerIds, observations: [...track.observations, observation] };
  };
  if (isBlind) return add('unseen', 0, null);
  const mayDeny = look.denies === undefined || look.denies.includes(track.classAfter);
  if (shown.length > 0) {
    const { areaM2, probability } = sumOf(shown);
    const { remainFraction, wholeFraction } = rules.confirmation.matching;
    const stillM2 = shown.reduce((sum, part) => sum + part.sharedM2, 0);
    if (stillM2 < remainFraction * observedFraction * track.areaM2)
      return mayDeny ? add('unchanged', areaM2, probability) : add('unseen', 0, null);
    const isHeard = kind.isDecisive || (kind.refutesUnconfirmed && refuterOf(track) === kind.kind);
    const isSame = track.isRefuted && !isHeard && !isLarger(areaM2, track.areaM2, rules, track);
    const next = add(isSame ? 'refuted' : 'changed', areaM2, probability);
    const hasOutline = owned.length > 0 && owned.every(({ isBridge }) => !isBridge);
    if (isSame || !hasOutline || !kind.mapsOutline || observedFraction < wholeFraction) return next;
    return { ...next, ...withOutline(track, outlineOf(owned, look), rules) };
  }
  if (waiting.length > 0) {
    const { areaM2, probability } = sumOf(waiting.map((part) => ({ ...part, isBridge: true })));
    return add('waiting', areaM2, probability);
  }
  const isSeen = mayDeny && ignored.length === 0 && observedFraction >= kind.minObservedFraction;
  return isSeen ? add('unchanged', 0, 0) : add('unseen', 0, null);
}

/** What found a refuted track to be none: whatever saw it so last, for less would have ended the refutation. */
const refuterOf = ({ observations }: OpenTrack) =>
  observations.findLast(({ reading }) => reading === 'unchanged')?.kind;

/** The pieces of a patch as one outline; the largest says what it is. */
export function outlineOf(parts: readonly SeenPart[], look: LookReport['look']) {
  const largest = parts.reduce((best, part) => (part.sighting.areaM2 > best.sighting.areaM2 ? part : best)).sighting;
  return {
    date: look.date,
    gsdM: look.gsdM,
    polygons: parts.flatMap(({ sighting }) => sighting.polygons),
    areaM2: parts.reduce((sum, { sighting }) => sum + sighting.areaM2, 0),
    category: largest.category,
    classBefore: largest.classBefore,
    classAfter: largest.classAfter,
  };
}
