import type { Queue } from '../queue/port.ts';
import { adminOf } from './admin-token.ts';
import { type HomeParts, checksOf, figuresOf } from './figures.ts';
import { type Metrics, openMetrics } from './metrics.ts';
import { type OperationServer, serveOperation } from './operation-server.ts';

/** Where a process tells of itself. */
export interface OperationPlace {
  readonly host: string;
  readonly port: number;
  /** who may see the queue; absent: nobody */
  readonly adminToken: string | undefined;
}

export interface Operation {
  readonly metrics: Metrics;
  serve(place: OperationPlace): Promise<OperationServer>;
}

/** Metrics of a home and the server that tells them, over its open parts. */
export function openOperation(home: HomeParts & { readonly queue: Queue }): Operation {
  const metrics = openMetrics(figuresOf(home));
  return {
    metrics,
    async serve({ host, port, adminToken }) {
      const board = adminOf(adminToken, await home.queue.openBoard('/queue'));
      return serveOperation({ host, port, metrics, checks: checksOf(home), ...(board && { board }) });
    },
  };
}
