import { AppError } from '../pipeline/errors.ts';

/** What the file system threw, as EXHAUSTED (disk or quota full) or UNAVAILABLE; an AppError stays as it is. */
export function diskError(error: unknown, where: string): AppError {
  if (error instanceof AppError) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const todo = 'Free space or set TIANWATCH_DATA to a folder on another disk, then give the same command again.';
    return new AppError('EXHAUSTED', `The disk is full at ${where}.`, todo, { code }, error);
  }
  const todo = 'Check the folder and its permissions, or set TIANWATCH_DATA to another one.';
  return new AppError(
    'UNAVAILABLE',
    `${where} cannot be read or written (${code || String(error)}).`,
    todo,
    { code },
    error,
  );
}
