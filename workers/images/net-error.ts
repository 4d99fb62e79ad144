import { AppError, type ErrorCode } from '../../pipeline/errors.ts';

const certificates: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate leads to an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate leads to an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate leads to an authority that is not known here',
};

const silences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ECONNRESET: 'it broke the connection',
  EPIPE: 'it broke the connection',
  ETIMEDOUT: 'it does not answer in time',
  TimeoutError: 'it does not answer in time',
};

/** Codes of an error and of what caused it; Node wraps a socket's error up to three deep. */
export function codesOf(error: unknown, depth = 3): readonly string[] {
  if (!(error instanceof Error) || depth === 0) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const within = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return [...own, error.name, ...[error.cause, ...within].flatMap((inner) => codesOf(inner, depth - 1))];
}

/**
 * What a connection threw, as our error, or null where it was none of the connection.
 *
 * @param where what was asked for: a URL or an endpoint
 * @param untrusted code for a certificate that cannot be trusted; no retry mends it
 */
export function networkError(error: unknown, where: string, untrusted: ErrorCode): AppError | null {
  const codes = codesOf(error);
  const certificate = codes.find((code) => code in certificates);
  if (certificate !== undefined)
    return new AppError(
      untrusted,
      `${where} is not trusted: ${certificates[certificate]} (${certificate}).`,
      'Renew the certificate there, set the clock here, or name its authority in NODE_EXTRA_CA_CERTS.',
      { where, code: certificate },
      error,
    );
  const silence = codes.find((code) => code in silences);
  if (silence === undefined) return null;
  return new AppError(
    'UNAVAILABLE',
    `${where} cannot be reached: ${silences[silence]} (${silence}).`,
    'Check that address, the network and the server.',
    { where, code: silence },
    error,
  );
}
