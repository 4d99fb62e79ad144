import { setTimeout as pause } from 'node:timers/promises';
import { asAppError, errorTable } from '../../pipeline/errors.ts';

const pausesMs = [1000, 2000, 4000];

/** Try what may mend by itself four times, as the queue does; a failure that no retry mends is thrown at once. */
export async function withRetry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const pauseMs = pausesMs[tried];
      if (errorTable[asAppError(error).code].retry === 'never' || pauseMs === undefined) throw error;
      await pause(pauseMs);
    }
  }
}
