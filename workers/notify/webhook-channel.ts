import { createHmac } from 'node:crypto';
import { AppError } from '../../pipeline/errors.ts';
import type { Channel } from './channel.ts';

const patienceMs = 10_000;
/** What a server says that may be otherwise a little later (RFC 9110, RFC 6585, RFC 8470). */
const passing = new Set([408, 425, 429]);

/** `t=<seconds since 1970>,v1=<hex>` over `<seconds>.<body>`; the receiver computes it anew and refuses what is old. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/**
 * Messages as signed POSTs (HMAC-SHA256, RFC 2104). `Tianwatch-Delivery` is the message's key.
 *
 * @param url http(s); redirects are not followed, so that nobody can move the receiver
 */
export function openWebhookChannel(url: URL, secret: string, now: () => Date): Channel {
  const name = `${url.origin}${url.pathname}`;
  return {
    name,
    async send(message) {
      const body = JSON.stringify(message);
      const seconds = Math.floor(now().getTime() / 1000);
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'tianwatch-delivery': message.key,
        'tianwatch-signature': signatureOf(secret, seconds, body),
      };
      const options = { method: 'POST', headers, body, redirect: 'manual' as const };
      const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(patienceMs) }).catch(
        (error: unknown) => {
          const cause = error instanceof Error ? (error.cause ?? error) : error;
          const why = cause instanceof Error ? cause.message || cause.name : String(cause);
          const todo = 'It is sent again by itself; see that the receiver runs and can be reached from here.';
          throw new AppError('UNAVAILABLE', `${name} does not answer: ${why}.`, todo, {}, error);
        },
      );
      await answer.body?.cancel();
      if (answer.ok) return;
      const isPassing = answer.status >= 500 || passing.has(answer.status);
      throw new AppError(
        isPassing ? 'UNAVAILABLE' : 'CONFIG_INVALID',
        `${name} answered ${answer.status} to message ${message.key}.`,
        isPassing
          ? 'It is sent again by itself.'
          : 'Check the address and the secret on both sides; it is sent again within the hour.',
        { status: answer.status },
      );
    },
  };
}
