import { InvalidArgumentError } from 'commander';
import { parseDate } from '../../pipeline/scene/acquired.ts';

/** Parser of a day. @returns ISO-8601 */
export function day(text: string): string {
  const date = parseDate(text);
  if (date === null) throw new InvalidArgumentError(`${text} is no date of 1970 to 2100.`);
  return date.slice(0, 10);
}
