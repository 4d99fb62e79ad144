import type { Runs } from './database/runs.ts';
import type { RunStatus } from './run-status.ts';

export interface Followers {
  add(runId: string, listener: (status: RunStatus) => void, onLastLeft: () => void): () => void;
  publish(runId: string): void;
  /** every run that is followed */
  publishAll(): void;
  close(): void;
}

/** Tells the followers of a run its newest status; several changes at once are told as one. */
export function followRuns(runs: Runs): Followers {
  const listeners = new Map<string, Set<(status: RunStatus) => void>>();
  const pending = new Map<string, 'reading' | 'read again'>();
  let isClosed = false;

  async function tell(runId: string): Promise<void> {
    const status = await runs.get(runId).catch(() => null);
    const isStale = pending.get(runId) === 'read again';
    pending.delete(runId);
    if (status) for (const listener of listeners.get(runId) ?? []) listener(status);
    if (isStale) publish(runId);
  }
  function publish(runId: string): void {
    if (isClosed || !listeners.has(runId)) return;
    if (pending.has(runId)) {
      pending.set(runId, 'read again');
      return;
    }
    pending.set(runId, 'reading');
    void tell(runId);
  }
  return {
    publish,
    publishAll: () => [...listeners.keys()].forEach(publish),
    add(runId, listener, onLastLeft) {
      const set = listeners.get(runId) ?? new Set();
      listeners.set(runId, set.add(listener));
      publish(runId);
      return () => {
        if (!set.delete(listener) || set.size > 0) return;
        listeners.delete(runId);
        if (!isClosed) onLastLeft();
      };
    },
    close() {
      isClosed = true;
      listeners.clear();
    },
  };
}
