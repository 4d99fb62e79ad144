import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError, describeError } from '../../pipeline/errors.ts';
import type { Metrics } from './metrics.ts';

const usualPatienceMs = 3000;
/** The loop that renews the locks of jobs should never be busy so long. */
const stuckMs = 10_000;
const beatMs = 1000;

export interface OperationParts {
  /** 127.0.0.1 unless another is asked for: what is told here is for those who run the machine */
  readonly host?: string;
  /** 0: any that is free */
  readonly port: number;
  readonly metrics: Metrics;
  /** see `checksOf` */
  readonly checks: Readonly<Record<string, () => Promise<unknown>>>;
  /** a part that has not answered by then is as good as away; 3000 ms when left out */
  readonly patienceMs?: number;
  /** takes what begins with `/queue`; absent: nobody may see the queue */
  readonly board?: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface OperationServer {
  readonly url: string;
  /** from now on not ready, so that nothing new comes here; it still answers */
  drain(): void;
  close(): Promise<void>;
}

/**
 * `/metrics` for Prometheus, `/healthz` (this process is alive), `/readyz` (what it needs is reachable), `/queue` (the board).
 *
 * @throws AppError CONFLICT when the port is taken, FORBIDDEN when it may not be opened
 */
export async function serveOperation(parts: OperationParts): Promise<OperationServer> {
  const { host = '127.0.0.1', port, metrics, checks, board, patienceMs = usualPatienceMs } = parts;
  let isDraining = false;
  let lastBeatMs = performance.now();
  const beat = setInterval(() => (lastBeatMs = performance.now()), beatMs);
  beat.unref();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (board && (path === '/queue' || path.startsWith('/queue/'))) return board(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'GET only\n');
    if (path === '/metrics') return say(response, 200, await metrics.text(), metrics.contentType);
    if (path === '/healthz') {
      const silentMs = performance.now() - lastBeatMs;
      return silentMs > stuckMs
        ? say(response, 503, `stuck for ${Math.round(silentMs)} ms\n`)
        : say(response, 200, 'ok\n');
    }
    if (path === '/readyz') {
      const found = await checkAll(checks, patienceMs);
      const isReady = !isDraining && Object.values(found).every((told) => told === 'ok');
      const body = { ready: isReady, ...(isDraining && { draining: true }), checks: found };
      return say(response, isReady ? 200 : 503, `${JSON.stringify(body)}\n`, 'application/json');
    }
    return say(response, 404, 'metrics, healthz, readyz\n');
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else say(response, 500, `${describeError(error)}\n`);
    });
  });
  await listen(server, host, port);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    drain: () => (isDraining = true),
    async close() {
      clearInterval(beat);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** `ok`, or why not, by part. */
async function checkAll(
  checks: OperationParts['checks'],
  patienceMs: number,
): Promise<Readonly<Record<string, string>>> {
  const told = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(() => resolve(`no answer within ${patienceMs} ms`), patienceMs);
      });
      const asked = check().then(
        () => 'ok',
        (error: unknown) => describeError(error),
      );
      return [name, await Promise.race([asked, late]).finally(() => clearTimeout(timer))] as const;
    }),
  );
  return Object.fromEntries(told);
}

function say(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const todo = 'Give another --port, or end the process that has it.';
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        new AppError(
          isTaken ? 'CONFLICT' : 'FORBIDDEN',
          isTaken ? `Port ${port} of ${host} is taken.` : `Port ${port} of ${host} cannot be opened (${error.code}).`,
          todo,
          {},
          error,
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
