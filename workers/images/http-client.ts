import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { AppError } from '../../pipeline/errors.ts';
import { shownUri } from '../../pipeline/scene/uri.ts';
import { hostRule, type HostRule } from './host-rule.ts';
import { networkError } from './net-error.ts';

export interface HttpQuestion {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** hosts that may be asked; that of TIANWATCH_HOSTS where absent */
  readonly rule?: HostRule;
}

export interface HttpAnswer {
  /** where it came from after redirects */
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** the body as it comes; breaks with UNAVAILABLE, also when it ends early */
  readonly parts: AsyncIterable<Uint8Array>;
  /** for who does not want the body */
  discard(): void;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 5;
const silenceMs = 30_000;
const agents = {
  plain: new PlainAgent({ keepAlive: true, maxSockets: 8 }),
  tls: new TlsAgent({ keepAlive: true, maxSockets: 8 }),
};

/** What messages call a URL: without what may be a signature. */
export const shownUrl = shownUri;

/**
 * Ask once, following at most 5 redirects, each checked as the first URL was.
 *
 * @throws AppError INPUT_INVALID for hosts that may not be asked, redirects without end, certificates not to be trusted;
 * UNAVAILABLE where nobody answers within 30 s
 */
export async function askHttp(url: string, question: HttpQuestion = {}): Promise<HttpAnswer> {
  const rule = question.rule ?? hostRule();
  let at = parsed(url);
  for (let hops = 0; hops <= mostRedirects; hops++) {
    rule.check(at);
    const answer = await askOnce(at, question, rule);
    const target = redirects.has(answer.status) ? answer.headers['location'] : undefined;
    if (target === undefined) return answer;
    answer.discard();
    const next = parsed(target, at);
    if (at.protocol === 'https:' && next.protocol !== 'https:')
      throw new AppError(
        'INPUT_INVALID',
        `${shownUrl(url)} leads to ${next.origin}, which is not encrypted.`,
        'Ask whoever serves it for a link that stays with https.',
      );
    at = next;
  }
  throw new AppError(
    'INPUT_INVALID',
    `${shownUrl(url)} redirects more than ${mostRedirects} times.`,
    'Give the URL that it leads to.',
  );
}

/**
 * A text document, e.g. a STAC Item; at most 64 MB.
 *
 * @throws AppError INPUT_INVALID for what is not there or is a web page, UNAVAILABLE where the server cannot now
 */
export async function readHttpText(url: string, question: HttpQuestion = {}): Promise<string> {
  const answer = await askHttp(url, question);
  const refused = refusal(answer, url);
  if (refused !== null) {
    answer.discard();
    throw refused;
  }
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.parts) {
    pieces.push(part);
    bytes += part.length;
    if (bytes > 64_000_000)
      throw new AppError('INPUT_INVALID', `${shownUrl(url)} is a text of more than 64 MB.`, 'Check the URL.');
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Why an answer cannot be used, or null where it can. */
export function refusal({ status, headers }: HttpAnswer, url: string): AppError | null {
  const where = shownUrl(url);
  const details = { url: where, status };
  if (status === 404 || status === 410)
    return new AppError('INPUT_INVALID', `${where} does not exist (${status}).`, 'Check the URL.', details);
  if (status === 401 || status === 403)
    return new AppError(
      'INPUT_INVALID',
      `${where} may not be read (${status}).`,
      'A signed URL may have expired: get a new one; else ask for the right to read it.',
      details,
    );
  if (status === 429 || status === 408 || status >= 500)
    return new AppError('UNAVAILABLE', `${where} cannot be served now (${status}).`, 'Try again later.', details);
  if (status < 200 || status >= 300)
    return new AppError('INPUT_INVALID', `${where} is refused (${status}).`, 'Check the URL.', details);
  if (/^(text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '')) return webPage(url);
  return null;
}

export function webPage(url: string): AppError {
  return new AppError(
    'INPUT_INVALID',
    `${shownUrl(url)} is a web page (HTML), not a file.`,
    'Give the link that a download begins with; a log-in page may stand before it.',
  );
}

function parsed(url: string, base?: URL): URL {
  if (URL.canParse(url, base?.href)) return new URL(url, base?.href);
  throw new AppError('INPUT_INVALID', `${url} is no URL.`, 'Check it.');
}

function askOnce(url: URL, { method = 'GET', headers, body }: HttpQuestion, rule: HostRule): Promise<HttpAnswer> {
  const where = shownUrl(url.href);
  const translate = (error: unknown): AppError => {
    if (error instanceof AppError) return error;
    const text = error instanceof Error ? error.message : String(error);
    return (
      networkError(error, where, 'INPUT_INVALID') ??
      new AppError('UNAVAILABLE', `${where} cannot be read: ${text}.`, 'Try again later.', { url: where }, error)
    );
  };
  return new Promise((resolve, reject) => {
    const [ask, agent] = url.protocol === 'https:' ? [tlsRequest, agents.tls] : [plainRequest, agents.plain];
    const asked = ask(
      url,
      { method, agent, lookup: rule.lookup, headers: { 'accept-encoding': 'identity', ...headers } },
      (message) => {
        const flat = Object.entries(message.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
        resolve({
          url: url.href,
          status: message.statusCode ?? 0,
          headers: Object.fromEntries(flat),
          parts: partsOf(message, translate),
          discard: () => void message.destroy(),
        });
      },
    );
    asked.setTimeout(silenceMs, () => asked.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    asked.on('error', (error) => reject(translate(error)));
    asked.end(body);
  });
}

async function* partsOf(message: IncomingMessage, translate: (error: unknown) => AppError): AsyncGenerator<Uint8Array> {
  try {
    yield* message as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw translate(error);
  }
}
