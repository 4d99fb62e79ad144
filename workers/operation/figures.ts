import { alertDelay, countChunks, countRuns, lookAtOutbox } from '../database/figures.ts';
import type { Pool } from '../database/sql.ts';
import type { ImageStore } from '../images/store.ts';
import type { MemoryGate } from '../memory/memory-gate.ts';
import type { Queue } from '../queue/port.ts';

export interface Figure {
  readonly help: string;
  readonly labels: readonly string[];
  ask(): Promise<readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]>;
}
/** by the name of the metric, without `tianwatch_` */
export type Figures = Readonly<Record<string, Figure>>;

export interface HomeParts {
  readonly pool: Pool;
  readonly queue: Pick<Queue, 'look'>;
  readonly images: ImageStore;
  readonly gate: Pick<MemoryGate, 'waiting' | 'limitBytes'>;
}

const byState = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }));

/** An object that is never there: what it costs to learn that is the latency of the store. */
const probe = 'probe/absent';

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

/** Answers to "is it there?", by part; each rejects where it is not. */
export function checksOf({
  pool,
  queue,
  images,
}: Omit<HomeParts, 'gate'>): Readonly<Record<string, () => Promise<unknown>>> {
  return {
    database: () => pool.query('SELECT 1'),
    queue: () => queue.look(),
    images: () => images.get(probe),
  };
}

/** What a home says of itself whenever it is asked. */
export function figuresOf(home: HomeParts, nowMs: () => number = Date.now): Figures {
  const { pool, queue, images, gate } = home;
  return {
    jobs: {
      help: 'jobs in the queue by role and state',
      labels: ['role', 'state'],
      ask: async () =>
        (await queue.look()).flatMap(({ role, jobs }) =>
          Object.entries(jobs).map(([state, value]) => ({ labels: { role, state }, value })),
        ),
    },
    queue_age_seconds: {
      help: 'how long the job that is next has waited, by role; 0: none waits',
      labels: ['role'],
      ask: async () =>
        (await queue.look()).map(({ role, oldestMs }) => ({
          labels: { role },
          value: oldestMs === null ? 0 : Math.max(0, (nowMs() - oldestMs) / 1000),
        })),
    },
    memory_waiting_jobs: {
      help: 'jobs of this process that wait for memory',
      labels: [],
      ask: () => Promise.resolve([{ labels: {}, value: gate.waiting() }]),
    },
    memory_limit_bytes: {
      help: 'what this process may take before its next job waits',
      labels: [],
      ask: () => Promise.resolve([{ labels: {}, value: gate.limitBytes }]),
    },
    runs: { help: 'runs by state', labels: ['state'], ask: async () => byState(await countRuns(pool)) },
    chunks: {
      help: 'chunks of the runs that are going on, by state',
      labels: ['state'],
      ask: async () => byState(await countChunks(pool)),
    },
    image_to_alert_seconds: {
      help: 'from the beginning of a run to the alerts it raised, over seven days',
      labels: ['quantile'],
      async ask() {
        const { p50, p95 } = await alertDelay(pool);
        return Object.entries({ '0.5': p50, '0.95': p95 }).flatMap(([quantile, value]) =>
          value === null ? [] : [{ labels: { quantile }, value }],
        );
      },
    },
    messages_unsent: {
      help: 'messages about alerts that are not sent yet',
      labels: [],
      ask: async () => [{ labels: {}, value: (await lookAtOutbox(pool)).unsent }],
    },
    messages_oldest_seconds: {
      help: 'age of the oldest message that is not sent yet',
      labels: [],
      ask: async () => [{ labels: {}, value: (await lookAtOutbox(pool)).oldestSeconds }],
    },
    database_seconds: {
      help: 'time of the smallest question to the database',
      labels: [],
      ask: async () => [{ labels: {}, value: await secondsOf(() => pool.query('SELECT 1')) }],
    },
    images_seconds: {
      help: 'time of the smallest question to the image store',
      labels: [],
      ask: async () => [{ labels: {}, value: await secondsOf(() => images.get(probe)) }],
    },
  };
}
