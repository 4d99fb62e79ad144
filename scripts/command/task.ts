import type { Command } from 'commander';
import type { ShownTask } from '../../workers/registry/alert-record.ts';

const taskLine = ({ id, place, quarter, state, dueDate, alerts }: ShownTask): string =>
  `${id}  ${state === 'open' ? '待办 open' : '已办 done'}  ${place || '? 地点不详'}  ${quarter}  due ${dueDate}  ${alerts.length} alerts`;

/** `tianwatch task list` */
export function addTask(program: Command): void {
  program
    .command('task')
    .description('核查任务，一村一季一单 / errands: one a village and quarter')
    .command('list')
    .description('列出任务 / list them, open ones first')
    .option('--json', '输出 JSON / print JSON')
    .action(async ({ json }: { readonly json?: true }) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { listTasks } = await import('../../workers/registry/alert-door.ts');
      const tasks = await listTasks(currentHome());
      const text = json ? JSON.stringify(tasks, null, 2) : tasks.map(taskLine).join('\n') || '没有任务 / none';
      process.stdout.write(`${text}\n`);
    });
}
