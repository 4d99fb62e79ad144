import type { Command } from 'commander';
import { AppError } from '../../pipeline/errors.ts';
import type { ShownTask } from '../../workers/registry/alert-record.ts';
import { alertLine } from './alert.ts';
import { openPlaceNames } from './place-name.ts';

interface Flags {
  readonly place?: string;
  readonly json?: true;
}

function taskLine(
  { id, place, quarter, state, dueDate, alerts }: ShownTask,
  nameOf: (code: string | null) => string,
): string {
  const where = place === '' ? '? 地点不详' : `${place} ${nameOf(place)}`.trim();
  return `${id}  ${state === 'open' ? '待办 open' : '已办 done'}  ${where}  ${quarter}  due ${dueDate}  ${alerts.length} alerts`;
}

async function tasksOf(place = ''): Promise<readonly ShownTask[]> {
  const { currentHome } = await import('../../workers/home.ts');
  const { listTasks } = await import('../../workers/registry/alert-door.ts');
  return (await listTasks(currentHome())).filter((task) => task.place.startsWith(place));
}

async function list({ place, json }: Flags): Promise<void> {
  const tasks = await tasksOf(place);
  const nameOf = await openPlaceNames();
  const lines = tasks.map((task) => taskLine(task, nameOf));
  process.stdout.write(`${json ? JSON.stringify(tasks, null, 2) : lines.join('\n') || '没有任务 / none'}\n`);
}

async function show(start: string, { json }: Flags): Promise<void> {
  const found = (await tasksOf()).filter(({ id }) => id.startsWith(start));
  const [task, another] = found;
  if (task === undefined)
    throw new AppError('NOT_FOUND', `No task begins with ${start}.`, '`tianwatch task list` prints them.');
  if (another !== undefined)
    throw new AppError('CONFLICT', `Several tasks begin with ${start}.`, 'Give more of the id.');
  const { currentHome } = await import('../../workers/home.ts');
  const { showAlert } = await import('../../workers/registry/alert-door.ts');
  const alerts = [];
  for (const id of task.alerts) alerts.push(await showAlert(currentHome(), id));
  if (json) return void process.stdout.write(`${JSON.stringify({ ...task, alerts }, null, 2)}\n`);
  const nameOf = await openPlaceNames();
  const { factLines } = await import('./alert-facts.ts');
  const lines = alerts.flatMap((detail) => [alertLine(detail.alert), ...factLines(detail, nameOf).slice(0, 2)]);
  process.stdout.write(`${[taskLine(task, nameOf), ...lines.map((line) => `  ${line}`)].join('\n')}\n`);
}

/** `tianwatch task list` and `tianwatch task show` */
export function addTask(program: Command): void {
  const task = program.command('task').description('核查任务，一村一季一单 / errands: one a village and quarter');
  task
    .command('list')
    .description('列出任务 / list them, open ones first')
    .option('--place <code>', '县、镇或村代码 / code of a county, town or village')
    .option('--json', '输出 JSON / print JSON')
    .action(list);
  task
    .command('show')
    .description('一单任务及其线索 / one of them with its alerts')
    .argument('<task>', '编号，可只写开头 / id, or its beginning')
    .option('--json', '输出 JSON / print JSON')
    .action(show);
}
