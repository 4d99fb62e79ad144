import type { Queue, TakenJob } from '../queue/port.ts';
import { type MemoryGate, NoRoom } from './memory-gate.ts';

/**
 * The same queue, whose jobs begin when there is memory for them. While one of a role waits, no further one of that role is
 * taken: other processes may have the memory.
 *
 * @param needOf what a job takes at its most (bytes)
 */
export function withMemoryGate(queue: Queue, gate: MemoryGate, needOf: (job: TakenJob) => Promise<number>): Queue {
  return {
    ...queue,
    work(role, atOnce, processor) {
      let [taken, waiting] = [0, 0];
      const take = queue.work(role, atOnce, {
        async process(job, signal) {
          taken += 1;
          let leave = (): void => undefined;
          let isWaiting = false;
          const settle = (isNow: boolean): void => {
            waiting += Number(isNow) - Number(isWaiting);
            isWaiting = isNow;
            take(waiting > 0 ? Math.max(1, taken) : atOnce);
          };
          try {
            leave = await gate.enter({ id: job.id, needBytes: await needOf(job) }, () => settle(true));
            settle(false);
            await processor.process(job, signal);
          } finally {
            leave();
            taken -= 1;
            settle(false);
          }
        },
        judge: (job, error) => (error instanceof NoRoom ? Promise.resolve('put-back') : processor.judge(job, error)),
      });
      return take;
    },
    async close() {
      gate.close();
      await queue.close();
    },
  };
}
