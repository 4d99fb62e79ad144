import type { Command } from 'commander';

export function addCancel(program: Command): void {
  program
    .command('cancel')
    .description('取消任务 / end a run or a series; finished chunks are kept for the next time')
    .argument('<run>', '任务编号，可只写开头 / id of a run, or its beginning')
    .action(async (run: string) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { cancelListedRun } = await import('../../workers/run-list.ts');
      const { listedLine } = await import('./status.ts');
      process.stdout.write(`${listedLine(await cancelListedRun(currentHome(), run))}\n`);
    });
}
