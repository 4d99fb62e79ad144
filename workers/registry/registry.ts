import { deserialize } from 'node:v8';
import { AppError } from '../../pipeline/errors.ts';
import { projectOf, selectProjects, selectSubProjects, subProjectOf } from '../database/project-rows.ts';
import { selectLedgerFacts } from '../database/ledger-facts.ts';
import { recordReadings } from '../database/readings.ts';
import { recordVerdict } from '../database/record-verdict.ts';
import type { TendingDay } from '../database/alert-tending.ts';
import { listAlerts, listTasks, showAlert } from '../database/show-alerts.ts';
import { type SeriesRecord, recordSeries } from '../database/record-series.ts';
import { listReports, recordReport, selectReportFiles } from '../database/report-rows.ts';
import { type SeenScene, recordScenes } from '../database/scene-rows.ts';
import { selectNeededItems } from '../database/needed-items.ts';
import { type Pool, transact } from '../database/sql.ts';
import { selectLive } from '../database/track-rows.ts';
import { listStoredVerdicts } from '../database/verdict-rows.ts';
import { claimFiring, dropSchedule, endFiring, putSchedule, selectSchedules } from '../database/schedule-rows.ts';
import { claimPair, putWatched, selectWatched } from '../database/watch-rows.ts';
import { listCandidates, listVersions, recordVersion } from '../database/versions.ts';
import { lastDayOf } from '../../pipeline/ledger/month.ts';
import type { ReadLook } from '../../pipeline/ledger/facts.ts';
import { dumpRows } from '../backup/dump-rows.ts';
import { openChannel } from '../notify/open-channel.ts';
import { sendMessages } from '../notify/send-messages.ts';
import type { ImageStore } from '../images/store.ts';
import { type LayerKind, layerKinds } from '../../pipeline/parcel/layer-ref.ts';
import type { Firing, Schedule } from '../watch/schedule.ts';
import type { WatchedPair } from '../watch/watched-pair.ts';
import { loadAlertRules, loadSeasonRules } from '../rule/load-rules.ts';
import type { AlertFilter, NewVerdict } from './alert-record.ts';
import type { NewVersion } from './record.ts';
import type { NewReport } from './report-record.ts';
import { type LayerQuestion, resolveLayers } from './resolve.ts';

interface World {
  readonly pool: Pool;
  readonly images: ImageStore;
  readonly now: () => Date;
}

/** Imported layers, projects and what runs found on them, over the database. Every change is one transaction with its events. */
export function openRegistry({ pool, images, now }: World) {
  const tendingDay = (): TendingDay => {
    const { planting, tending: rules } = loadSeasonRules();
    return { on: now().toISOString().slice(0, 10), yearTo: planting.yearTo, rules };
  };
  return {
    /**
     * @throws AppError NOT_FOUND when the layer's object is not in the image store, CONFLICT as `recordVersion`
     */
    async record(version: NewVersion) {
      if (!(await images.has(version.key))) {
        const todo = 'Give the same command again.';
        throw new AppError('NOT_FOUND', `The layer object ${version.key} is not in the image store, or damaged.`, todo);
      }
      return transact(pool, (sql) => recordVersion(sql, version, now().toISOString()));
    },
    list: (kinds: readonly LayerKind[] = layerKinds) => listVersions(pool, kinds),
    /** All versions, for `resolveLayers` where the date is known later. */
    candidates: () => listCandidates(pool),
    /** The layers a run uses; see `resolveLayers`. */
    resolve: async (question: LayerQuestion, onDate: string | null) =>
      resolveLayers(await listCandidates(pool), question, onDate),
    async projects() {
      const [projects, subProjects] = [await selectProjects(pool), await selectSubProjects(pool)];
      return { projects: projects.map(projectOf), subProjects: subProjects.map(subProjectOf) };
    },
    recordScenes: (runId: string, scenes: readonly SeenScene[]) =>
      recordScenes(pool, { runId, scenes, at: now().toISOString() }),
    /** What was read out of looks; the number of new readings. */
    recordReadings: (read: readonly ReadLook[], by: string) =>
      transact(pool, (sql) => recordReadings(sql, { read, by, at: now().toISOString() })),
    /** What a pair of dates or a series shows now, with the alerts that follow; see `recordSeries`. */
    recordSeries: (record: SeriesRecord) =>
      transact(pool, (sql) => recordSeries(sql, record, { rules: loadAlertRules(), at: now().toISOString() })),
    /** What a person found of an alert. @throws AppError NOT_FOUND, CONFLICT as `recordVerdict`; NOT_FOUND for evidence that is not stored */
    async recordVerdict(verdict: NewVerdict) {
      for (const { key, file } of verdict.evidence)
        if (!(await images.has(key)))
          throw new AppError(
            'NOT_FOUND',
            `The evidence ${file} is not in the image store.`,
            'Give the same command again.',
          );
      const how = { rules: loadAlertRules(), at: now().toISOString(), day: tendingDay() };
      return transact(pool, (sql) => recordVerdict(sql, verdict, how));
    },
    alerts: (filter: AlertFilter) => listAlerts(pool, filter, tendingDay()),
    alert: (start: string) => showAlert(pool, start, tendingDay()),
    tasks: () => listTasks(pool),
    /** Tell people what is due, through the channel of the settings. @throws AppError CONFIG_INVALID without one */
    async sendMessages(signal?: AbortSignal) {
      const channel = openChannel(now);
      if (channel !== null) return sendMessages(pool, { channel, now, ...(signal && { signal }) });
      const todo = 'Set TIANWATCH_NOTIFY to a folder or the https:// address of a webhook.';
      throw new AppError('CONFIG_INVALID', 'No channel for messages is set.', todo);
    },
    /** The same of a record that lies in the image store, as it is too long for a line; it is taken away afterwards. */
    async recordStored(key: string) {
      const bytes = await images.get(key);
      if (bytes === null)
        throw new AppError('NOT_FOUND', `The record ${key} is not in the image store.`, 'Give the same command again.');
      // written by this program, of this version, a moment ago
      const record = JSON.parse(new TextDecoder().decode(bytes)) as SeriesRecord;
      const recorded = await transact(pool, (sql) =>
        recordSeries(sql, record, { rules: loadAlertRules(), at: now().toISOString() }),
      );
      await images.delete(key);
      return recorded;
    },
    /** Readings that lie in the image store, likewise. @returns how many were new */
    async recordStoredReadings(key: string, by: string) {
      const bytes = await images.get(key);
      if (bytes === null)
        throw new AppError(
          'NOT_FOUND',
          `The readings ${key} are not in the image store.`,
          'Give the same command again.',
        );
      const read = deserialize(bytes) as readonly ReadLook[];
      const recorded = await transact(pool, (sql) => recordReadings(sql, { read, by, at: now().toISOString() }));
      await images.delete(key);
      return recorded;
    },
    /** Tracks that a source still shows. */
    liveTracks: (source: string) => selectLive(pool, source),
    /** What people found on the spot, with what their tracks say. */
    verdicts: () => listStoredVerdicts(pool),
    /** @throws AppError CONFLICT as `recordReport` */
    recordReport: (report: NewReport) => transact(pool, (sql) => recordReport(sql, report, now().toISOString())),
    reports: () => listReports(pool),
    /** Files of reports whose id begins so. */
    reportFiles: (start: string) => selectReportFiles(pool, start),
    schedules: () => selectSchedules(pool),
    addSchedule: (schedule: Schedule, by: string) =>
      transact(pool, (sql) => putSchedule(sql, schedule, { by, at: now().toISOString() })),
    /** @throws AppError NOT_FOUND */
    removeSchedule: (area: string, by: string) =>
      transact(pool, (sql) => dropSchedule(sql, area, { by, at: now().toISOString() })),
    claimFiring: (firing: Firing) => transact(pool, (sql) => claimFiring(sql, firing, now().toISOString())),
    endFiring: (fired: Parameters<typeof endFiring>[1]) => endFiring(pool, fired, now().toISOString()),
    /** What watches have begun for a folder of results. */
    watched: (folder: string) => selectWatched(pool, folder),
    /** URIs of kept documents that remembered pairs were made from. */
    neededItems: () => selectNeededItems(pool),
    /** Whether a pair is to be run, for whoever asks first; see `claimPair`. */
    claimPair: (pair: WatchedPair) => transact(pool, (sql) => claimPair(sql, pair, now().toISOString())),
    /** What became of them; what only a superseded pair showed is withdrawn. */
    remember: (pairs: readonly WatchedPair[]) =>
      transact(pool, (sql) => putWatched(sql, pairs, { rules: loadAlertRules(), at: now().toISOString() })),
    /** All rows as files below a folder; see `dumpRows`. */
    dump: (folder: string) => dumpRows(pool, folder),
    /** What a ledger of a month (yyyy-mm) is made of. */
    ledgerFacts: (month: string) => selectLedgerFacts(pool, month, lastDayOf(month)),
  };
}
export type Registry = ReturnType<typeof openRegistry>;
