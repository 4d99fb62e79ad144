import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, types } from '@electric-sql/pglite';
import type { PgliteCall, PgliteReply, PgliteStart, SqlFailure } from './pglite-rpc.ts';

const { folder } = workerData as PgliteStart;
const port = parentPort;
if (!port) throw new Error('pglite.thread.ts runs in a worker thread only');
const say = (reply: PgliteReply) => port.postMessage(reply);

/** As `pg` gives them: 64-bit and arbitrary-precision numbers stay text. */
const parsers = { [types.INT8]: (text: string) => text, [types.NUMERIC]: (text: string) => text };

function failureOf(error: unknown): SqlFailure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, detail } = error as Error & { code?: unknown; detail?: unknown };
  return {
    message: error.message,
    code: typeof code === 'string' ? code : undefined,
    detail: typeof detail === 'string' ? detail : undefined,
  };
}

async function answer(database: PGlite, call: PgliteCall): Promise<PgliteReply> {
  if (call.kind === 'close') {
    await database.close();
    return { kind: 'result', id: call.id, rows: [], rowCount: null };
  }
  // several statements in one text are possible only without parameters, as in `pg`
  const result = call.params?.length
    ? await database.query<object>(call.text, [...call.params], { parsers })
    : (await database.exec(call.text, { parsers })).at(-1);
  return {
    kind: 'result',
    id: call.id,
    rows: result?.rows ?? [],
    rowCount: result?.rowCount ?? result?.affectedRows ?? null,
  };
}

try {
  const database = await PGlite.create({ dataDir: folder, initDbStartParams: ['--wal-segsize=1'] });
  database.onNotification((channel, payload) => say({ kind: 'notification', channel, payload }));
  let last: Promise<void> = Promise.resolve();
  port.on('message', (call: PgliteCall) => {
    // strictly in order: a transaction is a row of messages on one connection
    last = last.then(async () => {
      say(
        await answer(database, call).catch((error: unknown): PgliteReply => ({
          kind: 'failure',
          id: call.id,
          failure: failureOf(error),
        })),
      );
      if (call.kind === 'close') port.close();
    });
  });
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'unready', failure: failureOf(error) });
  port.close();
}
