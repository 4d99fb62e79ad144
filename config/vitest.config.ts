import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose tests start processes and take longest; begun last they would be waited for alone. */
const longFirst = ['/test/fault/', '/test/e2e/', '/test/contract/', '/test/unit/workers-', '/test/property/'];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = longFirst.findIndex((part) => moduleId.includes(part));
      return found < 0 ? longFirst.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // modules are loaded once a process, not once a file: a tenth of the time of the whole; tests share no state
    isolate: false,
    // vitest leaves one core idle, half of a small machine
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongFirst },
  },
});
