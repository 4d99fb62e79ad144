import { currentHome, homeAt } from '../../workers/home.ts';
import { describeError } from '../../pipeline/errors.ts';
import { exitOf } from '../../workers/run-status.ts';
import { stopSignal } from '../../workers/stop-signal.ts';
import { submitAndFollow } from '../../workers/submit.ts';
import { type DummyOptions, createDummyWork, dummyRequest } from '../support/dummy-work.ts';

/** `dummy-run.ts <data folder, or - for the home of the environment> <name> <out> <options as JSON>`: the run command without pixels, for fault tests. */
const [dataFolder = '', name = '', out = '', options = '{}'] = process.argv.slice(2);
try {
  const status = await submitAndFollow(dummyRequest(name, out), {
    home: dataFolder === '-' ? currentHome() : homeAt(dataFolder),
    threads: 2,
    retry: { attempts: 3, pauseMs: 20 },
    createWork: (parts) => createDummyWork(JSON.parse(options) as DummyOptions, parts),
    onProgress: ({ state, stage, round, chunks }) =>
      process.stdout.write(`${JSON.stringify({ at: Math.round(performance.now()), state, stage, round, chunks })}\n`),
    signal: stopSignal(),
  });
  process.exitCode = exitOf(status);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
