import { type Home, isShared } from '../home.ts';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { composeRegistry } from '../compose.ts';
import { askOnce } from '../queue/ask.ts';
import type { Lock } from '../queue/lock.ts';
import { type Answer, type Question, protocolVersion } from '../queue/protocol.ts';
import { answerRegistry, type RegistryQuestion } from '../queue/serve-registry.ts';
import type { StoredVerdict } from '../../pipeline/report/label-export.ts';
import { reach } from '../reach.ts';
import type { LayerKind, LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import type { NewVersion, Recorded, StoredProject, StoredSubProject, Version } from './record.ts';
import type { LedgerFacts } from '../ledger/facts-format.ts';
import type { NewReport, RecordedReport, ReportVersion, StoredReport } from './report-record.ts';
import { type LayerQuestion, resolveLayers } from './resolve.ts';

const version = protocolVersion;

async function held(lock: Lock, home: Home, question: RegistryQuestion): Promise<Answer> {
  try {
    const { registry, close } = await composeRegistry(home);
    try {
      return await answerRegistry(registry, question);
    } finally {
      await close();
    }
  } finally {
    await lock.release();
  }
}

/** One question of the registry of a data folder, whoever holds it. */
export async function ask<S extends Answer['say']>(
  home: Home,
  question: RegistryQuestion & Question,
  say: S,
): Promise<Extract<Answer, { say: S }>> {
  const isWanted = (answer: Answer): answer is Extract<Answer, { say: S }> => answer.say === say;
  const answer = await reach<Answer>(home, {
    held: (lock) => held(lock, home, question),
    answered: (socket) => askOnce(socket, question, (told) => (isWanted(told) ? told : null)),
  });
  if (isWanted(answer)) return answer;
  throw new AppError('BUG', `The registry said ${answer.say} to ${question.ask}.`, 'Report this.');
}

/** @throws AppError CONFLICT, NOT_FOUND as `Registry.record` */
export async function recordLayer(home: Home, layer: NewVersion): Promise<Recorded> {
  return (await ask(home, { version, ask: 'registry-record', layer }, 'recorded')).recorded;
}

/** Whether anything was ever recorded: a look at an empty folder makes no database. */
export async function hasDatabase(home: Home): Promise<boolean> {
  return isShared(home) || (await stat(join(home.folder, 'database.made')).catch(() => null)) !== null;
}

/** Versions of these kinds, by kind and zone, the latest first. */
export async function listLayers(home: Home, kinds: readonly LayerKind[]): Promise<readonly Version[]> {
  if (!(await hasDatabase(home))) return [];
  return (await ask(home, { version, ask: 'registry-list', kinds }, 'versions')).versions;
}

export async function listProjects(
  home: Home,
): Promise<{ readonly projects: readonly StoredProject[]; readonly subProjects: readonly StoredSubProject[] }> {
  if (!(await hasDatabase(home))) return { projects: [], subProjects: [] };
  return ask(home, { version, ask: 'registry-projects' }, 'projects');
}

/** @throws AppError CONFLICT as `recordReport` */
export async function recordMonthlyReport(home: Home, report: NewReport): Promise<RecordedReport> {
  return (await ask(home, { version, ask: 'registry-report', report }, 'reported')).recorded;
}

/** Versions of monthly reports, the latest month first. */
export async function listMonthlyReports(home: Home): Promise<readonly ReportVersion[]> {
  if (!(await hasDatabase(home))) return [];
  return (await ask(home, { version, ask: 'registry-reports' }, 'reports')).reports;
}

/** Files of reports whose id begins so, the latest first. */
export async function listReportFiles(home: Home, start: string): Promise<readonly StoredReport[]> {
  if (!(await hasDatabase(home))) return [];
  return (await ask(home, { version, ask: 'registry-report-files', start }, 'report-files')).files;
}

/** What people found on the spot; see `labelsOf`. */
export async function listVerdicts(home: Home): Promise<readonly StoredVerdict[]> {
  if (!(await hasDatabase(home))) return [];
  return (await ask(home, { version, ask: 'registry-verdicts' }, 'verdicts')).verdicts;
}

/** What a ledger of a month (yyyy-mm) is made of. */
export async function ledgerFactsOf(home: Home, month: string): Promise<LedgerFacts> {
  if (!(await hasDatabase(home))) return { readings: [], reported: [], tending: [] };
  return (await ask(home, { version, ask: 'registry-ledger', month }, 'ledger-facts')).facts;
}

/** See `resolveLayers`. */
export async function resolveLayersOf(
  home: Home,
  choice: LayerQuestion,
  onDate: string | null,
): Promise<readonly LayerRef[]> {
  if (!(await hasDatabase(home))) return resolveLayers([], choice, onDate);
  return (await ask(home, { version, ask: 'registry-resolve', ...choice, onDate }, 'layers')).layers;
}
