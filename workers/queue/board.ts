import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type {
  AppControllerRoute,
  AppViewRoute,
  BullBoardQueues,
  BullBoardRequest,
  IServerAdapter,
  UIConfig,
} from '@bull-board/api/typings/app';
import type { Queue } from 'bullmq';

const ui = dirname(createRequire(import.meta.url).resolve('@bull-board/ui/package.json'));
const bodyBytes = 1 << 20;
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** What the board tells its server to serve. */
interface Served {
  queues: BullBoardQueues;
  config: UIConfig;
  entry: AppViewRoute | null;
  routes: readonly AppControllerRoute[];
  onError: Parameters<IServerAdapter['setErrorHandler']>[0] | null;
}

function adapterOf(served: Served): IServerAdapter {
  const adapter: IServerAdapter = {
    setQueues: (queues) => ((served.queues = queues), adapter),
    setViewsPath: () => adapter,
    setStaticPath: () => adapter,
    setEntryRoute: (entry) => ((served.entry = entry), adapter),
    setErrorHandler: (onError) => ((served.onError = onError), adapter),
    setApiRoutes: (routes) => ((served.routes = routes), adapter),
    setUIConfig: (config) => ((served.config = config), adapter),
  };
  return adapter;
}

/**
 * The board of queues (bull-board) below `basePath`. It shows and changes every job: hand it to administrators alone.
 *
 * @param queues of BullMQ; the types of the board know the backend of Redis alone
 */
export function openBoard(
  queues: readonly object[],
  basePath: string,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const served: Served = { queues: new Map(), config: {}, entry: null, routes: [], onError: null };
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue as Queue)),
    serverAdapter: adapterOf(served),
    options: { uiConfig: { boardTitle: '天田 Tianwatch' } },
  });
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname.slice(basePath.length) || '/';
    if (path.startsWith('/static/')) return sendFile(response, path);
    const method = (request.method ?? 'GET').toLowerCase();
    if (path.startsWith('/api/')) {
      const sent = await answerApi(served, { method, path, url, request });
      return send(response, sent.status ?? 200, JSON.stringify(sent.body), 'application/json');
    }
    if (served.entry === null || method !== 'get') return send(response, 405, 'GET only\n', 'text/plain');
    return send(response, 200, pageOf(served.entry, basePath, served.config), 'text/html; charset=utf-8');
  };
}

/** The template names values only, so that no engine of templates is needed. */
function pageOf(entry: AppViewRoute, basePath: string, uiConfig: UIConfig): string {
  const { name, params } = entry.handler({ basePath, uiConfig });
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return (
    readFileSync(join(ui, 'dist', name), 'utf8')
      // fonts of another host: the board is for networks without a way out too
      .replace(/<link href="https:[^>]*>/, '')
      .replaceAll(/<%([=-])\s*(\w+)\s*%>/g, (_all, form: string, key: string) =>
        form === '=' ? escaped(params[key] ?? '') : (params[key] ?? ''),
      )
  );
}

interface ApiQuestion {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly request: IncomingMessage;
}

async function answerApi(served: Served, { method, path, url, request }: ApiQuestion) {
  for (const route of served.routes) {
    if (![route.method].flat().some((known) => known === method)) continue;
    const params = [route.route]
      .flat()
      .map((pattern) => paramsOf(pattern, path))
      .find((found) => found !== null);
    if (!params) continue;
    const asked: BullBoardRequest = {
      queues: served.queues,
      uiConfig: served.config,
      query: Object.fromEntries(url.searchParams),
      params,
      body: await bodyOf(request),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    };
    try {
      return await route.handler(asked);
    } catch (error) {
      if (served.onError === null || !(error instanceof Error)) throw error;
      return served.onError(error);
    }
  }
  return { status: 404, body: { error: 'not found' } };
}

/** `/api/queues/:queueName` against a path. */
function paramsOf(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [position, part] of wanted.entries()) {
    const value = given[position] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const part of request as AsyncIterable<Buffer>) {
    text += part.toString('utf8');
    if (text.length > bodyBytes) return {};
  }
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  // the URL is normalised, and what is left of it may hold no step upwards
  const bytes = path.includes('..') ? null : await readFile(join(ui, 'dist', path)).catch(() => null);
  if (bytes === null) return send(response, 404, 'not found\n', 'text/plain');
  send(response, 200, bytes, types[extname(path)] ?? 'application/octet-stream');
}

function send(response: ServerResponse, status: number, body: string | Uint8Array, type: string): void {
  response.writeHead(status, { 'content-type': type, 'x-frame-options': 'DENY' }).end(body);
}
