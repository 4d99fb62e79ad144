import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';

/** What happened, as `Noun:Verb:Phase`, with values as fields. Nothing that a user must read goes here alone. */
export interface Log {
  info(fields: object, message: `${string}:${string}`): void;
  warn(fields: object, message: `${string}:${string}`): void;
  error(fields: object, message: `${string}:${string}`): void;
}

/** Log lines (JSON) go to `<data folder>/log/tianwatch.log`. */
export function openLog(dataFolder: string): Log {
  const folder = join(dataFolder, 'log');
  mkdirSync(folder, { recursive: true });
  // synchronous: the last lines before a kill are the ones that are wanted
  const destination = pino.destination({ dest: join(folder, 'tianwatch.log'), sync: true });
  // a full disk must not end a run because of its log
  destination.on('error', () => undefined);
  return pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
