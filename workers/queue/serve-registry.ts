import type { Registry } from '../registry/registry.ts';
import { type Answer, type Question, protocolVersion } from './protocol.ts';

const version = protocolVersion;
export type RegistryQuestion = Extract<Question, { ask: `registry-${string}` }>;

/** What the registry says to a question that came through the socket. */
export async function answerRegistry(registry: Registry, question: RegistryQuestion): Promise<Answer> {
  switch (question.ask) {
    case 'registry-record':
      return { version, say: 'recorded', recorded: await registry.record(question.layer) };
    case 'registry-list':
      return { version, say: 'versions', versions: await registry.list(question.kinds) };
    case 'registry-projects':
      return { version, say: 'projects', ...(await registry.projects()) };
    case 'registry-report':
      return { version, say: 'reported', recorded: await registry.recordReport(question.report) };
    case 'registry-reports':
      return { version, say: 'reports', reports: await registry.reports() };
    case 'registry-report-files':
      return { version, say: 'report-files', files: await registry.reportFiles(question.start) };
    case 'registry-verdicts':
      return { version, say: 'verdicts', verdicts: await registry.verdicts() };
    case 'registry-ledger':
      return { version, say: 'ledger-facts', facts: await registry.ledgerFacts(question.month) };
    case 'registry-alerts':
      return { version, say: 'alerts', alerts: await registry.alerts(question.filter) };
    case 'registry-alert':
      return { version, say: 'alert', detail: await registry.alert(question.alert) };
    case 'registry-series':
      return { version, say: 'series', ...(await registry.recordStored(question.key)) };
    case 'registry-readings':
      return { version, say: 'readings', readings: await registry.recordStoredReadings(question.key, question.by) };
    case 'registry-schedules':
      return { version, say: 'schedules', schedules: await registry.schedules() };
    case 'registry-schedule-add':
      await registry.addSchedule(question.schedule, question.by);
      return { version, say: 'remembered' };
    case 'registry-schedule-remove':
      await registry.removeSchedule(question.area, question.by);
      return { version, say: 'remembered' };
    case 'registry-firing':
      return { version, say: 'claimed', claim: await registry.claimFiring(question.firing) };
    case 'registry-fired':
      await registry.endFiring(question.fired);
      return { version, say: 'remembered' };
    case 'registry-watched':
      return { version, say: 'watched', pairs: await registry.watched(question.folder) };
    case 'registry-needed-items':
      return { version, say: 'needed-items', items: await registry.neededItems() };
    case 'registry-claim-pair':
      return { version, say: 'claimed-pair', claim: await registry.claimPair(question.pair) };
    case 'registry-remember':
      await registry.remember(question.pairs);
      return { version, say: 'remembered' };
    case 'registry-dump':
      return { version, say: 'dumped', dumped: await registry.dump(question.folder) };
    case 'registry-tasks':
      return { version, say: 'tasks', tasks: await registry.tasks() };
    case 'registry-send':
      return { version, say: 'sent', sent: await registry.sendMessages() };
    case 'registry-verdict':
      return { version, say: 'alert', detail: await registry.recordVerdict(question.verdict) };
    case 'registry-resolve':
      return { version, say: 'layers', layers: await registry.resolve(question, question.onDate) };
  }
}
