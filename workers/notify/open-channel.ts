import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';
import type { Channel } from './channel.ts';
import { openFileChannel } from './file-channel.ts';
import { openWebhookChannel } from './webhook-channel.ts';

/** A secret that can be guessed signs nothing. */
const leastSecretLength = 16;

export const notifySchema = z.object({
  TIANWATCH_NOTIFY: z
    .string()
    .optional()
    .describe(
      '消息发往何处 / where messages about alerts go: an absolute folder, or the `https://` address of a webhook; default: nobody is told',
    ),
  TIANWATCH_NOTIFY_SECRET: z
    .string()
    .min(leastSecretLength)
    .optional()
    .describe(`签名密钥 / what a webhook is signed with, ${leastSecretLength} characters or more; a webhook wants it`),
});

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The channel of `TIANWATCH_NOTIFY`: a folder (absolute path or `file://`), or `https://…` with `TIANWATCH_NOTIFY_SECRET`.
 *
 * @returns null where nothing is set: nobody is told
 * @throws AppError CONFIG_INVALID
 */
export function openChannel(now: () => Date, env: Env = process.env): Channel | null {
  const where = env['TIANWATCH_NOTIFY'] ?? '';
  if (where === '') return null;
  if (isAbsolute(where)) return openFileChannel(where);
  const url = URL.canParse(where) ? new URL(where) : null;
  if (url?.protocol === 'file:') return openFileChannel(fileURLToPath(url));
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new AppError(
      'CONFIG_INVALID',
      'TIANWATCH_NOTIFY is neither an absolute path nor an http(s) address.',
      'Give a folder, e.g. /var/lib/tianwatch/messages, or the https:// address of a webhook.',
    );
  const secret = env['TIANWATCH_NOTIFY_SECRET'] ?? '';
  if (secret.length < leastSecretLength)
    throw new AppError(
      'CONFIG_INVALID',
      `TIANWATCH_NOTIFY_SECRET has ${secret.length} characters; a webhook is signed with at least ${leastSecretLength}.`,
      'Make one, e.g. with openssl rand -hex 32, and give it to the receiver too.',
    );
  return openWebhookChannel(url, secret, now);
}
