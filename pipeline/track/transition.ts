import { confirmationOf, type TrackRules } from './confirmation.ts';
import { daysBetween, type Look } from './look.ts';
import type { OpenTrack } from './open-track.ts';
import { isLarger } from './outline.ts';
import type { TrackEventName, TrackObservation, TrackState } from './track.ts';
import { clearLooks, isBelieved, newestRun, showsMost } from './weigh.ts';

/** The track with an event of this look. */
export function withEvent(track: OpenTrack, look: Look, event: TrackEventName, state = track.state): OpenTrack {
  const { history, areaM2 } = track;
  return { ...track, state, history: [...history, { date: look.date, look: look.id, event, state, areaM2 }] };
}

/** Large enough for its sensor, and seen in a season that proves something. */
function alertable(track: OpenTrack, rules: TrackRules): TrackState {
  const isSmall = track.areaM2 < rules.minimumM2(track.classAfter, track.gsdM);
  return isSmall || track.isWaiting ? 'watched' : 'probable';
}

const isDecisive = ({ kind }: TrackObservation, rules: TrackRules): boolean =>
  rules.confirmation.kinds.some((row) => row.isDecisive && row.kind === kind);

/** A look of a kind that ends by itself what is not yet believed, and that saw all of it. */
const refutesUnconfirmed = ({ kind, observedFraction }: TrackObservation, { confirmation }: TrackRules): boolean =>
  observedFraction >= confirmation.matching.wholeFraction &&
  confirmation.kinds.some((row) => row.refutesUnconfirmed && row.kind === kind);

/** What the newest observation, the last of `observations`, makes of a track. */
export function transition(track: OpenTrack, look: Look, rules: TrackRules): OpenTrack {
  const newest = track.observations.at(-1)!;
  if (newest.reading === 'changed') return grown(shown(track, look, rules), look, rules);
  return newest.reading === 'unchanged' ? gone(track, look, rules) : track;
}

/** It was seen changed. */
function shown(before: OpenTrack, look: Look, rules: TrackRules): OpenTrack {
  let track: OpenTrack = { ...before, lastSeen: look.date, isWaiting: false, isRefuted: false };
  if (track.state === 'reversed') return relapsed(track, look, rules);
  if (track.state === 'expired') {
    const changeStart = track.observations.length - 1;
    const stableLooks = newestRun(clearLooks(track.observations.slice(0, -1))).length;
    track = { ...track, changeStart, stableLooks, since: look.date, isClosingAsked: false };
    track = withEvent(track, look, 'reappeared', alertable(track, rules));
  }
  return promote(track, look, rules);
}

/** The track as far as it is to be believed now. */
export function promote(before: OpenTrack, look: Look, rules: TrackRules): OpenTrack {
  const isLargeEnough = before.state === 'watched' && alertable(before, rules) === 'probable';
  const track = isLargeEnough ? withEvent(before, look, 'probable', 'probable') : before;
  if (track.state !== 'watched' && track.state !== 'probable') return track;
  const mayBeAlerted = track.state === 'probable' || isDecisive(track.observations.at(-1)!, rules);
  return mayBeAlerted && isBelieved(track, rules) ? confirmed(track, look, rules) : track;
}

/** It began when a look first showed most of what is believed now, not with the specks that were there before. */
function confirmed(track: OpenTrack, look: Look, rules: TrackRules): OpenTrack {
  const showed = track.observations
    .slice(track.changeStart)
    .findIndex((observation) => showsMost({ ...observation, reading: shownAs(observation) }, track, rules));
  const changeStart = track.changeStart + Math.max(0, showed);
  const since = track.observations[changeStart]!.date;
  const found = {
    ...track,
    changeStart,
    since,
    confirmedOn: look.date,
    looksToConfirm: clearLooks(track.observations.slice(changeStart)).length,
    daysToConfirm: daysBetween(since, look.date),
    sizeM2: track.areaM2,
  };
  return withEvent(found, look, 'confirmed', 'confirmed');
}

/** What waited for its season showed the change too. */
const shownAs = ({ reading }: TrackObservation) => (reading === 'waiting' ? 'changed' : reading);

/** A reversed track that is changed again: believed after fewer looks than a new one, but not after one that errs. */
function relapsed(track: OpenTrack, look: Look, rules: TrackRules): OpenTrack {
  const run = newestRun(clearLooks(track.observations));
  const row = confirmationOf(rules.confirmation, track.category);
  const isSure = run.length >= row.relapseLooks || isDecisive(track.observations.at(-1)!, rules);
  if (!isSure) return track;
  const first = run[0]!;
  const changeStart = track.observations.findIndex((observation) => observation === first);
  const again = { ...track, changeStart, since: first.date, isClosingAsked: false, sizeM2: track.areaM2 };
  return withEvent(again, look, 'relapsed', 'confirmed');
}

/** Growth, and its opposite, once there is a size to compare with. */
function grown(track: OpenTrack, look: Look, rules: TrackRules): OpenTrack {
  const { areaM2, sizeM2 } = track;
  if (track.state !== 'confirmed') return { ...track, sizeM2: areaM2 };
  if (isLarger(areaM2, sizeM2, rules, track)) return withEvent({ ...track, sizeM2: areaM2 }, look, 'grew');
  if (isLarger(sizeM2, areaM2, rules, track)) return withEvent({ ...track, sizeM2: areaM2 }, look, 'shrank');
  return track;
}

/** It was seen, and is as before. */
function gone(track: OpenTrack, look: Look, rules: TrackRules): OpenTrack {
  const newest = track.observations.at(-1)!;
  const wasConfirmed = track.state === 'confirmed';
  const isRefuted = track.isRefuted && isDecisive(newest, rules);
  const mayRefute = isDecisive(newest, rules) || (!wasConfirmed && refutesUnconfirmed(newest, rules));
  if (track.state === 'reversed')
    return { ...track, isRefuted, isClosingAsked: track.isClosingAsked && newest.kind === 'satellite' };
  if (track.state === 'expired') return { ...track, isRefuted };
  if (mayRefute) {
    const refuted = { ...track, isRefuted: true, isClosingAsked: false };
    return withEvent(refuted, look, 'refuted', wasConfirmed ? 'reversed' : 'expired');
  }
  const row = confirmationOf(rules.confirmation, track.category);
  const run = newestRun(clearLooks(track.observations));
  if (!wasConfirmed) return run.length >= row.expireLooks ? withEvent(track, look, 'expired', 'expired') : track;
  const isOver = run.length >= row.reverseLooks && daysBetween(run[0]!.date, newest.date) >= row.reverseDays;
  const isClosingAsked = !run.some(({ kind }) => kind !== 'satellite');
  return isOver ? withEvent({ ...track, isClosingAsked }, look, 'reversed', 'reversed') : track;
}
