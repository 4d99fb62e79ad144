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

/** What the rules of confirmation say of the looks since the change began to show. */
export interface Weight {
  readonly isConfirmed: boolean;
  /** clear looks since then */
  readonly looks: number;
}

/**
 * The four rules of SEPAL's change alerts, per patch: stable before, enough looks, enough of them changed, stays
 * changed. What any sensor saw last of the ground has to agree; two that agree need fewer looks.
 *
 * @see https://docs.sepal.io change alerts
 */
export function weigh(track: OpenTrack, rules: TrackRules): Weight {
  const { minimumLooks, kinds } = rules.confirmation;
  const row = confirmationOf(rules.confirmation, track.category);
  const clear = clearLooks(track.observations.slice(track.changeStart));
  const window = clear.slice(-row.windowLooks);
  const changed = window.filter(({ reading }) => reading === 'changed');
  const [first, last] = [changed[0], changed.at(-1)];
  const hasEnoughLooks = track.stableLooks + clear.length >= minimumLooks;
  if (first === undefined || last === undefined || !hasEnoughLooks) return { isConfirmed: false, looks: clear.length };
  const newest = clear.at(-1)!;
  const isDecisive = kinds.some(({ kind, isDecisive: decides }) => decides && kind === newest.kind);
  if (isDecisive) return { isConfirmed: newest.reading === 'changed', looks: clear.length };
  const newestBySensor = new Map(window.map(({ sensor, kind, reading }) => [`${kind} ${sensor}`, reading]));
  const isAgreed = [...newestBySensor.values()].every((reading) => reading === 'changed');
  const needed = isAgreed && newestBySensor.size > 1 ? row.agreeingLooks : row.changedLooks;
  const meanProbability = changed.reduce((sum, { probability }) => sum + (probability ?? 0), 0) / changed.length;
  return {
    isConfirmed:
      track.stableLooks >= row.stableLooks &&
      changed.length >= needed &&
      isAgreed &&
      window.slice(-row.lastLooks).every(({ reading }) => reading === 'changed') &&
      daysBetween(first.date, last.date) >= row.minDays &&
      meanProbability >= row.minProbability,
    looks: clear.length,
  };
}
