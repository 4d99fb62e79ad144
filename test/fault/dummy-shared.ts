import { describeError } from '../../pipeline/errors.ts';
import { currentHome } from '../../workers/home.ts';
import { exitOf } from '../../workers/run-status.ts';
import { stopSignal } from '../../workers/stop-signal.ts';
import { submitAndFollow } from '../../workers/submit.ts';
import { work } from '../../workers/worker.ts';
import { type DummyOptions, createDummyWork, dummyRequest } from '../support/dummy-work.ts';

/**
 * `dummy-shared.ts worker <options as JSON>`, `dummy-shared.ts run <options> <name> <out>`: worker and command of the home that the
 * environment names, with runs without pixels.
 */
const [what = '', options = '{}', name = '', out = ''] = process.argv.slice(2);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const common = () => ({
  home: currentHome(),
  version: process.env['TIANWATCH_TEST_VERSION'] ?? 'one version',
  createWork: (parts: Parameters<typeof createDummyWork>[1]) =>
    createDummyWork(JSON.parse(options) as DummyOptions, parts, (call) => say({ call })),
});
try {
  if (what === 'worker') {
    await work({
      ...common(),
      roles: ['all'],
      concurrency: 2,
      signal: stopSignal(),
      onReady: () => say({ state: 'ready' }),
      schedules: {
        refreshMs: 100,
        onFiring: ({ area, slotMs, cause }, outcome) => say({ area, slotMs, cause, outcome }),
      },
    });
  } else {
    const status = await submitAndFollow(dummyRequest(name, out), {
      ...common(),
      threads: 1,
      onProgress: ({ state, stage, round, chunks }) => say({ state, stage, round, chunks }),
      signal: stopSignal(),
    });
    process.exitCode = exitOf(status);
  }
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
