import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const leastLength = 12;

export const adminSchema = z.object({
  TIANWATCH_ADMIN_TOKEN: z
    .string()
    .min(leastLength)
    .optional()
    .describe(
      `管理口令 / ${leastLength} characters or more; shows the board of the queue under \`/queue/\`; default: nobody sees it`,
    ),
});

/** `TIANWATCH_ADMIN_TOKEN`; nothing where it is not set. */
export function adminToken(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  return env['TIANWATCH_ADMIN_TOKEN'] || undefined;
}

/**
 * The same handler for those alone who send the token: `Authorization: Bearer <token>`, or as the password of any user (Basic).
 *
 * @returns null where no token is set: then nobody may
 * @throws AppError CONFIG_INVALID for a token that can be guessed
 */
export function adminOf(token: string | undefined, handler: RequestHandler): RequestHandler | null {
  if (token === undefined || token === '') return null;
  if (token.length < leastLength)
    throw new AppError(
      'CONFIG_INVALID',
      `TIANWATCH_ADMIN_TOKEN has ${token.length} characters.`,
      `Give it ${leastLength} or more: openssl rand -hex 24.`,
    );
  const wanted = hashOf(token);
  return async (request, response) => {
    // hashes have one length, so the comparison tells nothing of the token's
    if (timingSafeEqual(hashOf(tokenIn(request.headers.authorization ?? '')), wanted))
      return handler(request, response);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="tianwatch"', 'content-type': 'text/plain' });
    response.end('TIANWATCH_ADMIN_TOKEN as Bearer, or as the password\n');
  };
}

function tokenIn(authorization: string): string {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(.*)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
