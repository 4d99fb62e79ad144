import { dayOf } from './look.ts';
import type { TrackRules } from './confirmation.ts';
import type { OpenTrack } from './open-track.ts';
import { withOutline } from './outline.ts';
import { outlineOf } from './observe.ts';
import type { PastLook } from './past-look.ts';
import type { LookReport, Sighting } from './sighting.ts';
import { transition, withEvent } from './transition.ts';

export interface Beginning {
  readonly report: LookReport;
  readonly rules: TrackRules;
  readonly past: readonly PastLook[];
  readonly isWaiting: boolean;
}

/** Days on which the ground was seen unchanged, the newest looks first, as many as any category asks for. */
function stableDaysOf(sighting: Sighting, { past, rules }: Beginning): readonly string[] {
  const { categories, minimumLooks } = rules.confirmation;
  const enough = Math.max(minimumLooks, ...categories.map(({ stableLooks }) => stableLooks));
  const days = new Set<string>();
  for (let i = past.length - 1; i >= 0 && days.size < enough; i--)
    if (past[i]!.readingOf(sighting) === 'unchanged') days.add(dayOf(past[i]!.look.date));
  return [...days];
}

/** A track that nothing was known of before this look. */
export function begin(sighting: Sighting, beginning: Beginning): OpenTrack {
  const { report, rules, isWaiting } = beginning;
  const { look } = report;
  const { id, date, sensor, kind, isCumulative = false } = look;
  const stableDays = stableDaysOf(sighting, beginning);
  const part = { id: sighting.id, sighting, sharedM2: sighting.areaM2, isBridge: false };
  const track: OpenTrack = {
    id: sighting.id,
    formerIds: [],
    state: 'watched',
    ...withOutline({ fineOutlines: [], coarseOutlines: [] }, outlineOf([part], look), rules),
    firstSeen: date,
    since: date,
    lastSeen: date,
    confirmedOn: null,
    looksToConfirm: null,
    daysToConfirm: null,
    isClosingAsked: false,
    parents: [],
    children: [],
    mergedInto: null,
    observations: [
      {
        look: id,
        date,
        sensor,
        kind,
        isCumulative,
        reading: isWaiting ? 'waiting' : 'changed',
        observedFraction: Math.min(1, Math.max(0, report.observedFraction(sighting.polygons))),
        areaM2: sighting.areaM2,
        probability: sighting.probability,
      },
    ],
    history: [],
    changeStart: 0,
    stableLooks: stableDays.length,
    stableOn: stableDays[0] ?? null,
    isWaiting,
    isRefuted: false,
    sizeM2: sighting.areaM2,
    piecesLooks: 0,
  };
  const isSmall = track.areaM2 < rules.minimumM2(track.classAfter, track.gsdM);
  return transition(withEvent(track, look, 'appeared', isSmall || isWaiting ? 'watched' : 'probable'), look, rules);
}
