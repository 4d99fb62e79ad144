import type { Home } from '../home.ts';
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import { AppError } from '../../pipeline/errors.ts';
import type { ReadLook } from '../../pipeline/ledger/facts.ts';
import { composeImages } from '../compose.ts';
import type { RecordedSeries, SeriesRecord } from '../database/record-series.ts';
import { protocolVersion as version } from '../queue/protocol.ts';
import type { AlertDetail, AlertFilter, NewVerdict, ShownAlert, ShownTask, Sent } from './alert-record.ts';
import { ask, hasDatabase } from './door.ts';

/** Alerts by due date. */
export async function listAlerts(home: Home, filter: AlertFilter): Promise<readonly ShownAlert[]> {
  if (!(await hasDatabase(home))) return [];
  return (await ask(home, { version, ask: 'registry-alerts', filter }, 'alerts')).alerts;
}

/** @throws AppError NOT_FOUND, CONFLICT where several begin so */
export async function showAlert(home: Home, alert: string): Promise<AlertDetail> {
  if (!(await hasDatabase(home)))
    throw new AppError('NOT_FOUND', `There are no alerts in ${home.folder} yet.`, 'Start a run: tianwatch run.');
  return (await ask(home, { version, ask: 'registry-alert', alert }, 'alert')).detail;
}

export async function listTasks(home: Home): Promise<readonly ShownTask[]> {
  if (!(await hasDatabase(home))) return [];
  return (await ask(home, { version, ask: 'registry-tasks' }, 'tasks')).tasks;
}

/** One pass over what is due; by the process that holds the data folder, with its settings. @throws AppError CONFIG_INVALID */
export async function sendDueMessages(home: Home): Promise<Sent> {
  if (!(await hasDatabase(home))) return { sent: 0, failed: 0, left: 0, why: null };
  return (await ask(home, { version, ask: 'registry-send' }, 'sent')).sent;
}

/** @throws AppError NOT_FOUND, CONFLICT as `showAlert` */
export async function giveVerdict(home: Home, verdict: NewVerdict): Promise<AlertDetail> {
  return (await ask(home, { version, ask: 'registry-verdict', verdict }, 'alert')).detail;
}

/** Record what was read out of looks; see `recordReadings`. @returns how many readings were new */
export async function recordReadingsAt(home: Home, read: readonly ReadLook[], by: string): Promise<number> {
  if (read.length === 0) return 0;
  const bytes = serialize(read);
  const key = `series-record/${createHash('sha256').update(bytes).digest('hex')}`;
  await (await composeImages(home)).put(key, bytes);
  return (await ask(home, { version, ask: 'registry-readings', key, by }, 'readings')).readings;
}

/** Record what a series shows, with the alerts that follow; see `recordSeries`. */
export async function recordSeriesAt(home: Home, record: SeriesRecord): Promise<RecordedSeries> {
  const bytes = new TextEncoder().encode(JSON.stringify(record));
  const key = `series-record/${createHash('sha256').update(bytes).digest('hex')}`;
  await (await composeImages(home)).put(key, bytes);
  const { tracks, alerts } = await ask(home, { version, ask: 'registry-series', key }, 'series');
  return { tracks, alerts };
}
