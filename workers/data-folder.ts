import { resolve } from 'node:path';

/** Where state lives: `TIANWATCH_DATA`, or `.tianwatch` in the working directory. Absolute. */
export function dataFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return resolve(env['TIANWATCH_DATA'] || '.tianwatch');
}
