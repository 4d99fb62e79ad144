import { type Command, Option } from 'commander';
import { type AlertState, alertStateZh, alertStates, isPending } from '../../pipeline/alert/alert.ts';
import type { AlertDetail, ShownAlert } from '../../workers/registry/alert-record.ts';
import { factLines } from './alert-facts.ts';
import { openPlaceNames } from './place-name.ts';
import { tendingLine } from './ledger-text.ts';
import { wholeNumber } from './whole-number.ts';

const mu = (areaM2: number): string => ((areaM2 * 3) / 2000).toFixed(2);

/** One alert in one line: id, state, what, how grave, how large, where, by when. */
export function alertLine(alert: ShownAlert): string {
  const { id, axis, state, kind, severity, certainty, areaM2, village, town, county, dueDate, tending } = alert;
  const of = axis === 'planting' ? ' 种植 by planting' : '';
  const due = dueDate === null ? '' : `  due ${dueDate}`;
  const place = village ?? town ?? county ?? '?';
  const held = tending.filter(({ isPaymentHeld }) => isPaymentHeld).map(({ project }) => project);
  const payment = held.length === 0 ? '' : `  暂缓拨付 payment held ${held.join(', ')}`;
  return `${id}  ${alertStateZh[state]} ${state}  疑似 suspected ${kind}${of}  ${severity}  ${certainty}  ${areaM2.toFixed(0)} m² ${mu(areaM2)} 亩  ${place}${due}${payment}`;
}

interface Permitted {
  readonly permits?: readonly {
    readonly id: string;
    readonly number: string;
    readonly coveredM2: number;
    readonly remainderM2: number;
  }[];
  readonly unpermittedM2?: number;
}

/** What explains it, and what is left over on either side. */
function permitLines({ permits = [], unpermittedM2 = 0 }: Permitted): string[] {
  if (permits.length === 0) return [];
  return [
    ...permits.map(
      ({ id, number, coveredM2, remainderM2 }) =>
        `  批准 permit ${id} ${number}: 覆盖 covers ${coveredM2.toFixed(2)} m², 批准余 permit left ${remainderM2.toFixed(2)} m²`,
    ),
    `  批准外 beyond permits ${unpermittedM2.toFixed(2)} m²`,
  ];
}

function detailLines(detail: AlertDetail, nameOf: (code: string | null) => string): string[] {
  const { alert, verdicts, facts } = detail;
  const { rule, ruleVersion, policies, tracks, history, task, evidence, tending } = alert;
  return [
    alertLine(alert),
    ...factLines(detail, nameOf),
    `  rule ${rule} v${ruleVersion}${task === null ? '' : `  task ${task}`}  tracks ${tracks.map((id) => id.slice(0, 12)).join(', ')}`,
    ...policies.map(
      ({ id, version, isPossible }) =>
        `  ${isPossible ? '可能涉及 may touch' : '疑似涉及 suspected to touch'} ${id} v${version}`,
    ),
    ...permitLines(facts),
    ...tending.map((one) => `  管护 tending ${tendingLine(one)}`),
    ...history.map(({ date, event, state, zh, en }) => `  ${date || '?'}  ${event} → ${state}  ${zh} / ${en}`),
    ...verdicts.map(({ date, says, by, why }) => `  ${date}  ${by}: ${says}  ${why}`),
    ...evidence.map((key) => `  ${key}`),
  ];
}

interface Flags {
  readonly state?: AlertState;
  readonly all?: true;
  readonly place?: string;
  readonly limit: number;
  readonly json?: true;
}

async function list({ state, all, place, limit, json }: Flags): Promise<void> {
  const { currentHome } = await import('../../workers/home.ts');
  const { listAlerts } = await import('../../workers/registry/alert-door.ts');
  const states = state === undefined ? alertStates.filter((known) => all || isPending(known)) : [state];
  const alerts = await listAlerts(currentHome(), { states, limit, ...(place !== undefined && { place }) });
  const more = alerts.length === limit ? [`前 ${limit} 条 / the first ${limit}; --limit`] : [];
  const lines = [...alerts.map(alertLine), ...more];
  process.stdout.write(`${json ? JSON.stringify(alerts, null, 2) : lines.join('\n') || '没有 / none'}\n`);
}

/** `tianwatch alert list` and `tianwatch alert show` */
export function addAlert(program: Command): void {
  const alert = program.command('alert').description('疑似线索 / what somebody has to look at, and what became of it');
  alert
    .command('list')
    .description('列出待办线索 / list what asks for somebody, by due date')
    .addOption(new Option('--state <state>', '状态 / in this state').choices([...alertStates]))
    .option('--all', '含已办结、合法变化和已撤回 / those that ask for nobody too')
    .option('--place <code>', '县、镇或村代码 / code of a county, town or village')
    .option('--limit <n>', '最多条数 / at most so many', wholeNumber(1, 2000), 200)
    .option('--json', '输出 JSON / print JSON')
    .action(list);
  alert
    .command('show')
    .description('一条线索的经过 / one of them and its history')
    .argument('<alert>', '编号，可只写开头 / id, or its beginning')
    .option('--json', '输出 JSON / print JSON')
    .action(async (start: string, { json }: { readonly json?: true }) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { showAlert } = await import('../../workers/registry/alert-door.ts');
      const detail = await showAlert(currentHome(), start);
      process.stdout.write(
        `${json ? JSON.stringify(detail, null, 2) : detailLines(detail, await openPlaceNames()).join('\n')}\n`,
      );
    });
}
