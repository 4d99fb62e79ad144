import { confirmationOf, type TrackRules } from './confirmation.ts';
import { dayOf, daysBetween } from './look.ts';
import type { TrackObservation } from './track.ts';
import type { OpenTrack } from './open-track.ts';

/**
 * Looks that saw the ground and count, by date: what one sensor saw in two scenes of one day is one look, that which
 * saw more.
 */
export function clearLooks(observations: readonly TrackObservation[]): readonly TrackObservation[] {
  const clear: TrackObservation[] = [];
  for (const observation of observations) {
    if (observation.reading !== 'changed' && observation.reading !== 'unchanged') continue;
    const twin = clear.findLastIndex(
      ({ date, sensor, kind }) =>
        dayOf(date) === dayOf(observation.date) && sensor === observation.sensor && kind === observation.kind,
    );
    if (twin < 0) clear.push(observation);
    else if (observation.observedFraction > clear[twin]!.observedFraction) clear[twin] = observation;
  }
  return clear;
}

/** The newest clear looks that all read the same as the newest, oldest first. */
export function newestRun(clear: readonly TrackObservation[]): readonly TrackObservation[] {
  const last = clear.at(-1);
  const before = clear.findLastIndex(({ reading }) => reading !== last?.reading);
  return clear.slice(before + 1);
}

/** Whether a look shows the patch as large as it is now, as far as it saw it, and not its beginnings. */
export const showsMost = (
  { reading, areaM2, observedFraction }: TrackObservation,
  track: OpenTrack,
  rules: TrackRules,
): boolean =>
  reading === 'changed' && areaM2 >= rules.confirmation.matching.remainFraction * observedFraction * track.areaM2;

/**
 * The four rules of SEPAL's change alerts, per patch: stable before, enough looks, enough of them changed, stays
 * changed. What any sensor saw last of the ground has to agree; two that agree need fewer looks.
 *
 * @see https://docs.sepal.io change alerts
 */
export function isBelieved(track: OpenTrack, rules: TrackRules): boolean {
  const { minimumLooks, kinds } = rules.confirmation;
  const row = confirmationOf(rules.confirmation, track.category);
  const clear = clearLooks(track.observations.slice(track.changeStart));
  const isCumulative = clear.every((observation) => observation.isCumulative || observation.reading === 'unchanged');
  const proof = isCumulative ? row.cumulative : row.independent;
  const window = clear.slice(-proof.windowLooks);
  const changed = window.filter((observation) => showsMost(observation, track, rules));
  const [first, last] = [changed[0], changed.at(-1)];
  const hasEnoughLooks = track.stableLooks + clear.length >= minimumLooks;
  if (first === undefined || last === undefined || !hasEnoughLooks) return false;
  const newest = clear.at(-1)!;
  const isDecisive = kinds.some(({ kind, isDecisive: decides }) => decides && kind === newest.kind);
  if (isDecisive) return newest.reading === 'changed';
  const newestBySensor = new Map(window.map(({ sensor, kind, reading }) => [`${kind} ${sensor}`, reading]));
  const isAgreed = [...newestBySensor.values()].every((reading) => reading === 'changed');
  const needed = isAgreed && newestBySensor.size > 1 ? proof.agreeingLooks : proof.changedLooks;
  const meanProbability = changed.reduce((sum, { probability }) => sum + (probability ?? 0), 0) / changed.length;
  return (
    track.stableLooks >= row.stableLooks &&
    changed.length >= needed &&
    isAgreed &&
    window.slice(-row.lastLooks).every(({ reading }) => reading === 'changed') &&
    daysBetween(first.date, last.date) >= proof.minDays &&
    meanProbability >= proof.minProbability
  );
}
