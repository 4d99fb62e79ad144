import type { WatchRequest } from '../../workers/watch/watch-request.ts';

/** A watch that runs without a network, takes every scene and settles at once. */
export const watchRequest = (where: string, out: string): WatchRequest => ({
  where,
  out,
  settings: { model: 'none', grid: 'before' },
  flags: {},
  rule: 'previous',
  cloudFraction: 1,
  from: null,
  parts: [],
  settleMs: 20,
});
