import { AppError } from '../pipeline/errors.ts';
import { composeSeriesRuns } from './compose.ts';
import type { Home } from './home.ts';
import type { RunStatus } from './run-status.ts';
import type { SeriesStatus } from './series/series-status.ts';
import { cancelRun, listRuns } from './submit.ts';

/** A run of a pair of dates, or of a series. */
export type ListedRun = ({ readonly kind: 'pair' } & RunStatus) | ({ readonly kind: 'series' } & SeriesStatus);

/** Pairs and series, the newest first. */
export async function listAllRuns(home: Home): Promise<readonly ListedRun[]> {
  const series = await composeSeriesRuns(home);
  try {
    const [ofSeries, ofPairs] = [await series.list(), await listRuns(home)];
    const all: ListedRun[] = [
      ...ofPairs.map((status) => ({ kind: 'pair', ...status }) as const),
      ...ofSeries.map((status) => ({ kind: 'series', ...status }) as const),
    ];
    return all.toSorted((a, b) => (a.createdAt > b.createdAt ? -1 : a.createdAt < b.createdAt ? 1 : 0));
  } finally {
    await series.close();
  }
}

/** The one whose id begins so. @throws AppError NOT_FOUND, CONFLICT where several do */
export async function findListedRun(home: Home, start: string): Promise<ListedRun> {
  const found = (await listAllRuns(home)).filter(({ runId }) => runId.startsWith(start));
  const [first, second] = found;
  if (first === undefined)
    throw new AppError('NOT_FOUND', `There is no run ${start}.`, 'List the runs with `tianwatch status`.');
  if (second === undefined) return first;
  throw new AppError('CONFLICT', `${found.length} runs begin with ${start}.`, 'Give more letters of the id.');
}

/** End a run or series for good. @throws AppError NOT_FOUND, CONFLICT when it has ended already */
export async function cancelListedRun(home: Home, start: string): Promise<ListedRun> {
  const { kind, runId } = await findListedRun(home, start);
  if (kind === 'pair') return { kind, ...(await cancelRun(home, runId)) };
  const series = await composeSeriesRuns(home);
  try {
    return { kind, ...(await series.cancel(runId)) };
  } finally {
    await series.close();
  }
}
