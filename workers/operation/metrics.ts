import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { asAppError } from '../../pipeline/errors.ts';
import type { Processor, Queue } from '../queue/port.ts';
import type { Work } from '../work.ts';
import type { Figures } from './figures.ts';

export interface Metrics {
  /** The text of `/metrics`; asks the figures anew. A figure that cannot be asked is left out and counted. */
  text(): Promise<string>;
  readonly contentType: string;
  /** the same processor, its jobs timed and their failures counted */
  ofProcessor(processor: Processor): Processor;
  /** the same queue, what it gives jobs to measured so */
  ofQueue(queue: Queue): Queue;
  /** the same work, its pixels counted */
  ofWork(work: Work): Work;
}

/** 0.1 s to an hour: a chunk takes seconds, a city's stitch minutes. */
const stageBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1800, 3600];

/**
 * What this process does and what its home holds, in the form of Prometheus.
 *
 * @param figures what is asked at each scrape; see `figuresOf`
 */
export function openMetrics(figures: Figures): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // RSS, CPU, open files, lag of the event loop, garbage collection
  collectDefaultMetrics({ register: registry });
  const jobSeconds = new Histogram({
    name: 'tianwatch_job_seconds',
    help: 'time of jobs done by this process, by job (stage) and outcome',
    labelNames: ['job', 'outcome'] as const,
    buckets: stageBuckets,
    registers,
  });
  const failures = new Counter({
    name: 'tianwatch_job_failures_total',
    help: 'failed attempts, by job, code of the error and what follows: retry, fail, put-back',
    labelNames: ['job', 'code', 'verdict'] as const,
    registers,
  });
  const bugs = new Counter({
    name: 'tianwatch_unclassified_errors_total',
    help: 'errors that nobody translated (code BUG)',
    registers,
  });
  const pixels = new Counter({
    name: 'tianwatch_pixels_total',
    help: 'pixels of chunks, computed or found there already; its rate / 1e6 is Mpx/s',
    labelNames: ['how'] as const,
    registers,
  });
  const refused = new Counter({
    name: 'tianwatch_figures_failed_total',
    help: 'figures that could not be asked at a scrape',
    labelNames: ['figure'] as const,
    registers,
  });
  const gauges = Object.fromEntries(
    Object.entries(figures).map(([name, { help, labels }]) => [
      name,
      new Gauge({ name: `tianwatch_${name}`, help, labelNames: [...labels], registers }),
    ]),
  );

  /** Each figure for itself: a store that is away does not take the queue's age with it. */
  async function ask(): Promise<void> {
    await Promise.all(
      Object.entries(figures).map(async ([name, { ask: question }]) => {
        const gauge = gauges[name];
        gauge?.reset();
        try {
          for (const { labels, value } of await question()) gauge?.set({ ...labels }, value);
        } catch {
          // a gauge without labels would say 0
          gauge?.remove({});
          refused.inc({ figure: name });
        }
      }),
    );
  }

  function ofProcessor(processor: Processor): Processor {
    return {
      async process(job, signal) {
        const end = jobSeconds.startTimer({ job: job.name });
        try {
          await processor.process(job, signal);
          end({ outcome: 'done' });
        } catch (error) {
          end({ outcome: 'failed' });
          throw error;
        }
      },
      async judge(job, error) {
        const verdict = await processor.judge(job, error);
        const { code } = asAppError(error);
        failures.inc({ job: job.name, code, verdict });
        if (code === 'BUG') bugs.inc();
        return verdict;
      },
    };
  }

  return {
    contentType: registry.contentType,
    async text() {
      await ask();
      return registry.metrics();
    },
    ofProcessor,
    ofQueue(queue) {
      return { ...queue, work: (role, atOnce, processor) => queue.work(role, atOnce, ofProcessor(processor)) };
    },
    ofWork(work) {
      return {
        ...work,
        async computeChunk(run, index) {
          const computed = await work.computeChunk(run, index);
          pixels.inc({ how: computed.skipped ? 'skipped' : 'computed' }, computed.px);
          return computed;
        },
      };
    },
  };
}
