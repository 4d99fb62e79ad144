import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../pipeline/errors.ts';

const program = fileURLToPath(new URL('../tianwatch.mjs', import.meta.url));

/** Does `tianwatch <words>` as a user would, in a process of its own, and shows the command and what it says. */
export async function step(words: readonly string[], dataFolder: string): Promise<void> {
  process.stdout.write(`\n$ tianwatch ${words.map(shown).join(' ')}\n`);
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TIANWATCH_DATA: dataFolder },
  });
  const [exit, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (exit === 0) return;
  throw new AppError(
    signal === null ? 'BUG' : 'CANCELLED',
    `tianwatch ${words.slice(0, 2).join(' ')} ended with ${exit ?? signal}.`,
    'Its own message stands above.',
    { words },
  );
}

const shown = (word: string): string => (/^[\w./:,=+-]+$/.test(word) ? word : `'${word}'`);
