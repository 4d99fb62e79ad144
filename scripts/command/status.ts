import type { Command } from 'commander';
import type { ListedRun } from '../../workers/run-list.ts';
import type { RunStatus } from '../../workers/run-status.ts';
import type { SeriesStatus } from '../../workers/series/series-status.ts';

/** One run in one line: id, state, how far it is, when it was asked for, where it writes. */
export function statusLine({ runId, state, stage, chunks, createdAt, request, error }: RunStatus): string {
  const done = chunks ? `${chunks.computed + chunks.skipped}/${chunks.total} chunks` : 'no plan yet';
  const failed = chunks && chunks.failed > 0 ? `, ${chunks.failed} failed` : '';
  const where = state === 'running' || state === 'interrupted' ? ` (${stage})` : '';
  const why = error ? `  ${error.code}: ${error.message}` : '';
  return `${runId}  ${state}${where}  ${done}${failed}  ${createdAt.slice(0, 19)}Z  ${request.out}${why}`;
}

function seriesLine({ runId, state, stage, parts, createdAt, request, error }: SeriesStatus): string {
  const where = state === 'running' || state === 'interrupted' ? ` (${stage})` : '';
  const done = parts.total > 1 ? `${parts.done}/${parts.total}` : stage;
  const why = error && state !== 'interrupted' && state !== 'cancelled' ? `  ${error.code}: ${error.message}` : '';
  const what = request['only'] === 'planting' ? 'planting' : 'series';
  return `${runId}  ${state}${where}  ${what} ${done}  ${createdAt.slice(0, 19)}Z  ${request.out}${why}`;
}

export const listedLine = (run: ListedRun): string => (run.kind === 'pair' ? statusLine(run) : seriesLine(run));

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('列出任务（影像对和时序）及进度 / list the runs, of pairs and of series, or show one')
    .argument('[run]', '任务编号，可只写开头 / id of a run, or its beginning')
    .option('--json', 'JSON')
    .action(async (run: string | undefined, { json }: { json?: true }) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { findListedRun, listAllRuns } = await import('../../workers/run-list.ts');
      const home = currentHome();
      const runs = run === undefined ? await listAllRuns(home) : [await findListedRun(home, run)];
      if (json) process.stdout.write(`${JSON.stringify(run === undefined ? runs : runs[0], null, 2)}\n`);
      else process.stdout.write(runs.map((status) => `${listedLine(status)}\n`).join('') || '没有任务 / no runs yet\n');
    });
}
