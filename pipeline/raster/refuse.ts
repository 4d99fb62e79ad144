import { AppError } from '../errors.ts';

/** A file that cannot be used: the message begins with its name. */
export function refuse(
  uri: string,
  what: string,
  todo: string,
  details: Record<string, unknown> = {},
  cause?: unknown,
): AppError {
  return new AppError('INPUT_INVALID', `${uri}: ${what}`, todo, { uri, ...details }, cause);
}

export const copyAgain =
  'The file is damaged or incomplete: copy or download it again and compare its size with the original.';
