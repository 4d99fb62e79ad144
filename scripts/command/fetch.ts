import { resolve } from 'node:path';
import type { Command } from 'commander';
import { statusLine } from './status.ts';

/** `tianwatch fetch` */
export function addFetch(program: Command): void {
  program
    .command('fetch')
    .description('取回已完成任务的结果 / bring the result of a run that workers have done')
    .argument('<run>', '任务编号，可只写开头 / id of a run, or its beginning')
    .requiredOption('--out <dir>', '输出文件夹 / folder to write')
    .option('--force', '替换文件夹，包括其中并非本程序生成的文件 / replace a folder with files that no run wrote')
    .action(async (run: string, { out, force }: { readonly out: string; readonly force?: true }) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { fetchRun } = await import('../../workers/submit.ts');
      const status = await fetchRun(currentHome(), run, resolve(out), force === true);
      process.stdout.write(`${statusLine(status)}\n`);
    });
}
