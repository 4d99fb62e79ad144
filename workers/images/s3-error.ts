import { S3ServiceException } from '@aws-sdk/client-s3';
import { AppError, type ErrorCode } from '../../pipeline/errors.ts';
import { networkError } from './net-error.ts';

type Reason = readonly [code: ErrorCode, what: string, todo: string];

const keys = 'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.';
const refused: Reason = ['FORBIDDEN', 'may not be used with these credentials', `Give them the right to it. ${keys}`];
const absent: Reason = ['NOT_FOUND', 'does not exist', 'Check the bucket and the key.'];
const full: Reason = ['EXHAUSTED', 'takes no more: its storage or quota is used up', 'Free space there and run again.'];
const busy: Reason = ['UNAVAILABLE', 'cannot be served now', 'Check the S3 server; the same command goes on.'];
const elsewhere: Reason = ['CONFIG_INVALID', 'is in another region', 'Set AWS_REGION to the region of the bucket.'];

const reasons: Readonly<Record<string, Reason>> = {
  NoSuchBucket: [
    'NOT_FOUND',
    'names a bucket that does not exist',
    'Create the bucket, or correct TIANWATCH_IMAGES or the s3:// path.',
  ],
  NoSuchKey: absent,
  NotFound: absent,
  InvalidAccessKeyId: ['FORBIDDEN', 'is refused: the access key is not known there', keys],
  SignatureDoesNotMatch: ['FORBIDDEN', 'is refused: the secret key does not belong to the access key', keys],
  InvalidToken: ['FORBIDDEN', 'is refused: the session token is not valid', keys],
  ExpiredToken: ['FORBIDDEN', 'is refused: the session token has expired', keys],
  AccessDenied: refused,
  Forbidden: refused,
  RequestTimeTooSkewed: [
    'FORBIDDEN',
    'is refused: the clocks of this host and of the S3 server are too far apart',
    'Set both clocks (timedatectl set-ntp true) and run again.',
  ],
  RequestExpired: ['FORBIDDEN', 'is refused: the request came too late', 'Set the clock of this host and run again.'],
  PermanentRedirect: elsewhere,
  AuthorizationHeaderMalformed: elsewhere,
  InvalidRange: ['INPUT_INVALID', 'is empty or shorter than it was', 'Check the object there.'],
  EntityTooLarge: full,
  QuotaExceeded: full,
  XMinioStorageFull: full,
};

/** What the S3 client threw, as our error. @param where `s3://bucket/key` and, where useful, the endpoint */
export function s3Error(error: unknown, where: string): AppError {
  if (error instanceof AppError) return error;
  const network = networkError(error, where, 'CONFIG_INVALID');
  if (network !== null && !(error instanceof S3ServiceException)) return network;
  const name = error instanceof Error ? error.name : String(error);
  const detail = error instanceof Error && error.message !== name ? `: ${error.message}` : '';
  if (name === 'CredentialsProviderError')
    return new AppError('CONFIG_INVALID', `${where}: there are no credentials for S3.`, keys, { where }, error);
  const [code, what, todo] = reasons[name] ?? byStatus(error);
  return new AppError(code, `${where} ${what} (${name}${detail}).`, todo, { where, name }, error);
}

/** A HEAD has no body that would name the reason, and simple servers have names of their own. */
function byStatus(error: unknown): Reason {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  if (status === 401 || status === 403) return refused;
  if (status === 404) return absent;
  if (status === 507) return full;
  if (status === 301 || status === 307) return elsewhere;
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429)
    return ['BUG', 'was asked for in a way that the server refuses', 'Report this with the command that led to it.'];
  return busy;
}
