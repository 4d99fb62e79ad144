import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../pipeline/errors.ts';

const program = fileURLToPath(new URL('../tianwatch.mjs', import.meta.url));

export interface StepOptions {
  readonly dataFolder: string;
  /** its standard output is returned instead of shown */
  readonly isQuiet?: boolean;
}

/**
 * Does `tianwatch <words>` as a user would, in a process of its own, and shows the command.
 *
 * @returns the standard output where it is not shown, else ''
 * @throws AppError BUG, CANCELLED where it does not end well
 */
export async function step(words: readonly string[], { dataFolder, isQuiet = false }: StepOptions): Promise<string> {
  process.stdout.write(`\n$ tianwatch ${words.map(shown).join(' ')}\n`);
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', isQuiet ? 'pipe' : 'inherit', 'inherit'],
    env: { ...process.env, TIANWATCH_DATA: dataFolder },
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (text += part));
  const [exit, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (exit === 0) return text;
  throw new AppError(
    signal === null ? 'BUG' : 'CANCELLED',
    `tianwatch ${words.slice(0, 2).join(' ')} ended with ${exit ?? signal}.`,
    'Its own message stands above.',
    { words },
  );
}

const shown = (word: string): string => (/^[\w./:,=+-]+$/.test(word) ? word : `'${word}'`);
