import { composeSeriesRuns } from '../../workers/compose.ts';
import { currentHome } from '../../workers/home.ts';
import { madeSeriesRequest } from './series-request.ts';

/** Begins a series in a process of its own, says so, and goes on until it is killed. */
const runs = await composeSeriesRuns(currentHome());
const hold = await runs.take(madeSeriesRequest(process.argv[2] ?? '', process.argv[3] ?? ''));
process.stdout.write(hold === null ? 'refused\n' : 'taken\n');
setInterval(() => void hold?.tell({ stage: 'infer', done: 3, total: 9 }), 100);
