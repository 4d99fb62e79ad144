import { AppError } from '../errors.ts';
import { advance, noTracks, type TrackingState } from './advance.ts';
import type { TrackRules } from './confirmation.ts';
import { compareLooks } from './look.ts';
import type { LookReport } from './sighting.ts';
import type { Track } from './track.ts';

/**
 * Looks by date, each once.
 *
 * @throws AppError CONFLICT where two reports of one look differ; INPUT_INVALID for a date that is none
 */
export function orderReports(reports: readonly LookReport[]): readonly LookReport[] {
  const byId = new Map<string, LookReport>();
  for (const report of reports) {
    const { id, date } = report.look;
    if (!/^\d{4}-\d{2}-\d{2}/.test(date) || Number.isNaN(Date.parse(date)))
      throw new AppError(
        'INPUT_INVALID',
        `${JSON.stringify(date)} of the look ${id} is no date.`,
        'Give an ISO-8601 date.',
      );
    const known = byId.get(id);
    if (known !== undefined && contentOf(known) !== contentOf(report))
      throw new AppError(
        'CONFLICT',
        `Two reports of the look ${id} differ.`,
        'Keep that of the newest processing alone.',
        { look: id },
      );
    byId.set(id, known ?? report);
  }
  return [...byId.values()].sort((a, b) => compareLooks(a.look, b.look));
}

function contentOf({ look, sightings }: LookReport): string {
  const { date, sensor, gsdM, kind } = look;
  const seen = new Map(
    sightings.map(({ id, areaM2, category, classAfter, probability }) => [
      id,
      [areaM2, category, classAfter, probability],
    ]),
  );
  return JSON.stringify([date, sensor, gsdM, kind, [...seen].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The state after all looks, in whatever order and however often they are given. */
export const replay = (reports: readonly LookReport[], rules: TrackRules): TrackingState =>
  orderReports(reports).reduce((state, report) => advance(state, report, rules), noTracks);

/** Tracks of a state, by the date of their first sighting, then by id. */
export const tracksOf = ({ tracks }: TrackingState): readonly Track[] =>
  [...tracks.values()].sort((a, b) =>
    a.firstSeen < b.firstSeen || (a.firstSeen === b.firstSeen && a.id < b.id) ? -1 : 1,
  );

/**
 * What all looks together say: one track for each piece of changed ground.
 *
 * A function of the set of looks: their order, repetitions and the steps in which they come make no difference, and a
 * late scene gives what it would have given in time.
 */
export const trackPatches = (reports: readonly LookReport[], rules: TrackRules): readonly Track[] =>
  tracksOf(replay(reports, rules));
