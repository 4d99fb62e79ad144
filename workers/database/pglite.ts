import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PgPool, PgPoolClient, PgQueryResult } from 'bullmq';
import { AppError } from '../../pipeline/errors.ts';
import type { PgliteCall, PgliteReply, PgliteStart, SqlFailure } from './pglite-rpc.ts';

type Settle = { readonly resolve: (result: PgQueryResult) => void; readonly reject: (error: Error) => void };
type Unsent = Settle & { readonly client: object; readonly text: string; readonly params?: readonly unknown[] };
type NewCall = PgliteCall extends infer Call ? (Call extends PgliteCall ? Omit<Call, 'id'> : never) : never;

const begins = /^\s*(begin|start\s+transaction)\b/i;
const ends = /^\s*(commit|end|rollback(?!\s+to\b)|abort)\b/i;
const diskFull = '53100';

function errorOf({ message, code, detail }: SqlFailure): Error {
  if (code === diskFull || /no space left/i.test(message)) {
    return new AppError('EXHAUSTED', `The disk is full: ${message}.`, 'Free space, then give the same command again.');
  }
  return Object.assign(new Error(message), { code, detail });
}

/**
 * One PGlite database in a worker thread, in the shape of a `pg.Pool`.
 *
 * There is one connection: while a client is between BEGIN and COMMIT or ROLLBACK, everybody else's queries
 * wait. Notifications reach every client that has said LISTEN for their channel.
 */
export class PglitePool extends EventEmitter implements PgPool {
  private readonly thread: Worker;
  private readonly calls = new Map<number, Settle>();
  private readonly clients = new Set<PgliteClient>();
  private unsent: Unsent[] = [];
  private owner: object | null = null;
  private lastId = 0;
  private death: Error | null = null;
  private isEnding = false;

  constructor(thread: Worker) {
    super();
    this.thread = thread;
    this.setMaxListeners(0);
    thread.on('message', (reply: PgliteReply) => this.receive(reply));
    thread.on('error', (error) => this.die(error));
    thread.on('exit', () => this.die(new Error('the database thread has ended')));
  }

  query<R = object>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    return this.queryAs({}, text, params);
  }

  connect(): Promise<PgPoolClient> {
    const client = new PgliteClient(this);
    this.clients.add(client);
    return Promise.resolve(client);
  }

  /** Runs what was asked before, then closes the files and ends the thread. */
  async end(): Promise<void> {
    this.isEnding = true;
    if (!this.death) {
      await new Promise<PgQueryResult>((resolve, reject) => this.post({ kind: 'close' }, { resolve, reject }));
    }
    await this.thread.terminate();
  }

  queryAs<R = object>(client: object, text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    return new Promise((resolve, reject) => {
      this.unsent.push({ client, text, ...(params && { params }), resolve, reject });
      this.send();
    });
  }

  forget(client: PgliteClient): void {
    this.clients.delete(client);
    if (this.owner === client) void this.queryAs(client, 'ROLLBACK').catch(() => undefined);
  }

  private send(): void {
    const later: Unsent[] = [];
    for (const query of this.unsent.splice(0)) {
      if (this.owner !== null && this.owner !== query.client) {
        later.push(query);
        continue;
      }
      const { client, text, params } = query;
      if (begins.test(text)) this.owner = client;
      const release = begins.test(text) ? 'on failure' : ends.test(text) ? 'always' : 'never';
      const settle = (then: () => void, failed: boolean) => {
        if (release === 'always' || (release === 'on failure' && failed)) this.owner = null;
        then();
        this.send();
      };
      this.post(
        { kind: 'query', text, ...(params && { params }) },
        {
          resolve: (result) => settle(() => query.resolve(result), false),
          reject: (error) => settle(() => query.reject(error), true),
        },
      );
    }
    this.unsent = later.concat(this.unsent);
  }

  private post(call: NewCall, settle: Settle): void {
    if (this.death) {
      settle.reject(this.death);
      return;
    }
    const id = ++this.lastId;
    this.calls.set(id, settle);
    this.thread.postMessage({ ...call, id }, []);
  }

  private receive(reply: PgliteReply): void {
    if (reply.kind === 'notification') {
      for (const client of this.clients) client.notify(reply.channel, reply.payload);
    } else if (reply.kind === 'result' || reply.kind === 'failure') {
      const settle = this.calls.get(reply.id);
      this.calls.delete(reply.id);
      if (reply.kind === 'result') settle?.resolve({ rows: [...reply.rows], rowCount: reply.rowCount });
      else settle?.reject(errorOf(reply.failure));
    }
  }

  private die(cause: Error): void {
    if (this.death) return;
    const todo = 'Give the same command again.';
    this.death = new AppError('UNAVAILABLE', `The embedded database has stopped: ${cause.message}.`, todo, {}, cause);
    this.owner = null;
    const pending = [...this.calls.values()];
    this.calls.clear();
    for (const settle of pending) settle.reject(this.death);
    this.send();
    if (!this.isEnding) this.emit('end', this.death);
  }
}

/** A checked-out connection; in truth all share one. */
class PgliteClient extends EventEmitter implements PgPoolClient {
  private readonly pool: PglitePool;
  private readonly channels = new Set<string>();

  constructor(pool: PglitePool) {
    super();
    this.pool = pool;
    this.setMaxListeners(0);
  }

  async query<R = object>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    const channel = /^\s*(?:--[^\n]*\n\s*)*listen\s+"?(\w+)/i.exec(text)?.[1];
    const result = await this.pool.queryAs<R>(this, text, params);
    if (channel !== undefined) this.channels.add(channel);
    return result;
  }

  notify(channel: string, payload: string): void {
    if (this.channels.has(channel)) this.emit('notification', { channel, payload });
  }

  release(): void {
    this.channels.clear();
    this.pool.forget(this);
  }
}

/**
 * Open (or make) the database in `folder`. The caller holds the data folder's lock: PGlite has none.
 *
 * @throws AppError UNAVAILABLE when the folder cannot be opened, EXHAUSTED on a full disk
 */
export async function openPglite(folder: string): Promise<PglitePool> {
  const start: PgliteStart = { folder };
  const thread = new Worker(new URL('./pglite.thread.mjs', import.meta.url), { workerData: start });
  const first = await new Promise<PgliteReply>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the database thread ended with code ${code}`)));
  }).catch((error: Error): PgliteReply => ({ kind: 'unready', failure: { message: error.message } }));
  if (first.kind === 'ready') return new PglitePool(thread);
  await thread.terminate();
  const failure = first.kind === 'unready' ? first.failure : { message: 'unexpected first message' };
  const cause = errorOf(failure);
  if (cause instanceof AppError) throw cause;
  const todo = 'Check that the folder is writable and whole; if it is damaged, move it away: runs start anew.';
  throw new AppError('UNAVAILABLE', `The database in ${folder} cannot be opened: ${failure.message}.`, todo, {}, cause);
}
