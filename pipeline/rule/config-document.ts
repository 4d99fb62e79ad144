import type { z } from 'zod';
import { AppError } from '../errors.ts';

/**
 * A document of `config/` as its schema understands it.
 *
 * @param name what errors call the document
 * @throws AppError CONFIG_INVALID with the keys that are wrong, the first five of many
 */
export function parseConfig<S extends z.ZodType>(schema: S, document: unknown, name: string): z.output<S> {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`);
  const more = wrong.length > 5 ? `; and ${wrong.length - 5} more` : '';
  throw new AppError(
    'CONFIG_INVALID',
    `${name}: ${wrong.slice(0, 5).join('; ')}${more}.`,
    'Correct these keys; docs/formats.md has them.',
  );
}
