import type { Socket } from 'node:net';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';
import { storedVerdictSchema } from '../../pipeline/report/label-export.ts';
import { runRequestSchema } from '../../pipeline/request.ts';
import { isoDate, layerChoiceSchema, layerKinds, layerRefSchema } from '../../pipeline/parcel/layer-ref.ts';
import {
  alertDetailSchema,
  alertFilterSchema,
  newVerdictSchema,
  sentSchema,
  shownAlertSchema,
  shownTaskSchema,
} from '../registry/alert-record.ts';
import {
  newVersionSchema,
  recordedSchema,
  storedProjectSchema,
  storedSubProjectSchema,
  versionSchema,
} from '../registry/record.ts';
import {
  newReportSchema,
  recordedReportSchema,
  reportVersionSchema,
  storedReportSchema,
} from '../registry/report-record.ts';
import { dumpedRowsSchema } from '../backup/backup-format.ts';
import { ledgerFactsSchema } from '../ledger/facts-format.ts';
import { failureSchema, runStatusSchema } from '../run-status.ts';
import { claimSchema, firingSchema, scheduleSchema, storedScheduleSchema } from '../watch/schedule.ts';
import { knownPairSchema, pairClaimSchema, watchedPairSchema } from '../watch/watched-pair.ts';
import { readLines } from './socket.ts';

/** One JSON object a line, both ways; a change that an older program would misread raises this number. */
export const protocolVersion = 1;

const version = z.literal(protocolVersion);

/** What a command asks the holder of the data folder; one question a connection. */
export const questionSchema = z.discriminatedUnion('ask', [
  /** answered by `status` lines until the run has ended; closing the connection gives the run up; `since`: see `StartOptions` */
  z.object({ version, ask: z.literal('start'), request: runRequestSchema, since: z.string().optional() }),
  z.object({ version, ask: z.literal('cancel'), run: z.string() }),
  z.object({ version, ask: z.literal('list'), run: z.string().optional() }),
  z.object({ version, ask: z.literal('registry-record'), layer: newVersionSchema }),
  z.object({ version, ask: z.literal('registry-list'), kinds: z.array(z.enum(layerKinds)).readonly() }),
  z.object({ version, ask: z.literal('registry-projects') }),
  z.object({ version, ask: z.literal('registry-report'), report: newReportSchema }),
  z.object({ version, ask: z.literal('registry-reports') }),
  z.object({ version, ask: z.literal('registry-report-files'), start: z.string() }),
  z.object({ version, ask: z.literal('registry-verdicts') }),
  z.object({ version, ask: z.literal('registry-ledger'), month: z.string() }),
  z.object({ version, ask: z.literal('registry-alerts'), filter: alertFilterSchema }),
  z.object({ version, ask: z.literal('registry-alert'), alert: z.string() }),
  /** `key`: an object of the image store that holds the record; it is taken away afterwards */
  z.object({ version, ask: z.literal('registry-series'), key: z.string() }),
  /** `key`: likewise, of readings */
  z.object({ version, ask: z.literal('registry-readings'), key: z.string(), by: z.string() }),
  /** `folder`: of this machine, where the rows are written to */
  z.object({ version, ask: z.literal('registry-dump'), folder: z.string() }),
  z.object({ version, ask: z.literal('registry-tasks') }),
  z.object({ version, ask: z.literal('registry-send') }),
  z.object({ version, ask: z.literal('registry-schedules') }),
  z.object({ version, ask: z.literal('registry-schedule-add'), schedule: scheduleSchema, by: z.string() }),
  z.object({ version, ask: z.literal('registry-schedule-remove'), area: z.string(), by: z.string() }),
  z.object({ version, ask: z.literal('registry-firing'), firing: firingSchema }),
  z.object({
    version,
    ask: z.literal('registry-fired'),
    fired: z.object({ area: z.string(), slotMs: z.number(), outcome: z.string() }),
  }),
  z.object({ version, ask: z.literal('registry-watched'), folder: z.string() }),
  z.object({ version, ask: z.literal('registry-needed-items') }),
  z.object({ version, ask: z.literal('registry-claim-pair'), pair: watchedPairSchema }),
  z.object({ version, ask: z.literal('registry-remember'), pairs: z.array(watchedPairSchema) }),
  z.object({ version, ask: z.literal('registry-verdict'), verdict: newVerdictSchema }),
  z.object({
    version,
    ask: z.literal('registry-resolve'),
    baseline: layerChoiceSchema,
    project: layerChoiceSchema,
    onDate: isoDate.nullable(),
  }),
]);
export type Question = z.infer<typeof questionSchema>;

export const answerSchema = z.discriminatedUnion('say', [
  z.object({ version, say: z.literal('status'), status: runStatusSchema }),
  z.object({ version, say: z.literal('list'), runs: z.array(runStatusSchema) }),
  z.object({ version, say: z.literal('recorded'), recorded: recordedSchema }),
  z.object({ version, say: z.literal('versions'), versions: z.array(versionSchema).readonly() }),
  z.object({
    version,
    say: z.literal('projects'),
    projects: z.array(storedProjectSchema).readonly(),
    subProjects: z.array(storedSubProjectSchema).readonly(),
  }),
  z.object({ version, say: z.literal('reported'), recorded: recordedReportSchema }),
  z.object({ version, say: z.literal('reports'), reports: z.array(reportVersionSchema).readonly() }),
  z.object({ version, say: z.literal('report-files'), files: z.array(storedReportSchema).readonly() }),
  z.object({ version, say: z.literal('verdicts'), verdicts: z.array(storedVerdictSchema).readonly() }),
  z.object({ version, say: z.literal('ledger-facts'), facts: ledgerFactsSchema }),
  z.object({ version, say: z.literal('layers'), layers: z.array(layerRefSchema).readonly() }),
  z.object({ version, say: z.literal('alerts'), alerts: z.array(shownAlertSchema).readonly() }),
  z.object({ version, say: z.literal('alert'), detail: alertDetailSchema }),
  z.object({ version, say: z.literal('series'), tracks: z.int(), alerts: z.int() }),
  z.object({ version, say: z.literal('readings'), readings: z.int() }),
  z.object({ version, say: z.literal('sent'), sent: sentSchema }),
  z.object({ version, say: z.literal('dumped'), dumped: dumpedRowsSchema }),
  z.object({ version, say: z.literal('tasks'), tasks: z.array(shownTaskSchema).readonly() }),
  z.object({ version, say: z.literal('schedules'), schedules: z.array(storedScheduleSchema).readonly() }),
  z.object({ version, say: z.literal('claimed'), claim: claimSchema }),
  z.object({ version, say: z.literal('watched'), pairs: z.array(knownPairSchema).readonly() }),
  z.object({ version, say: z.literal('needed-items'), items: z.array(z.string()).readonly() }),
  z.object({ version, say: z.literal('claimed-pair'), claim: pairClaimSchema }),
  z.object({ version, say: z.literal('remembered') }),
  z.object({ version, say: z.literal('error'), error: failureSchema }),
  /** the holder is about to let go: ask again, or take the lock */
  z.object({ version, say: z.literal('later') }),
]);
export type Answer = z.infer<typeof answerSchema>;

export function send(socket: Socket, message: Question | Answer): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/** Parse each line of a connection; what cannot be parsed is an error of the other side's version. */
export function receive<T>(
  socket: Socket,
  schema: z.ZodType<T>,
  on: { message: (message: T) => void; misfit: (error: AppError) => void },
): void {
  readLines(socket, (line) => {
    const parsed = schema.safeParse(parse(line));
    if (parsed.success) return on.message(parsed.data);
    const shown = line.length > 120 ? `${line.slice(0, 120)}…` : line;
    const todo = 'Let the commands that are running end, then use one version of tianwatch for this data folder.';
    on.misfit(new AppError('CONFLICT', `The other process speaks another version of the protocol: ${shown}`, todo));
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
