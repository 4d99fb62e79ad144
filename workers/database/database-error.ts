import { type ErrorCode, AppError } from '../../pipeline/errors.ts';
import { withoutSecrets } from '../home.ts';

type Told = readonly [code: ErrorCode, what: string, todo: string];

const again = 'Nothing is lost; it goes on when the server is back.';

/** By SQLSTATE, or by its first two letters. @see https://www.postgresql.org/docs/15/errcodes-appendix.html */
const byState: Readonly<Record<string, Told>> = {
  '28P01': ['FORBIDDEN', 'refused the user or the password', 'Correct TIANWATCH_DATABASE.'],
  '28000': ['FORBIDDEN', 'lets this user or host not in', 'Correct TIANWATCH_DATABASE, or pg_hba.conf of the server.'],
  '42501': ['FORBIDDEN', 'gives this user too few rights', 'Make the user the owner of the database.'],
  '3D000': ['NOT_FOUND', 'has no such database', 'Create it (createdb), or correct TIANWATCH_DATABASE.'],
  '53100': ['EXHAUSTED', 'has a full disk', 'Free space on the server.'],
  '53200': ['EXHAUSTED', 'is out of memory', 'Give the server more memory.'],
  '53300': ['UNAVAILABLE', 'has no connection left', 'Raise max_connections of the server, or start fewer workers.'],
  '40001': ['UNAVAILABLE', 'asks for another try', again],
  '40P01': ['UNAVAILABLE', 'asks for another try', again],
  '25P03': ['UNAVAILABLE', 'gave up a transaction that was silent for too long', again],
  '57': ['UNAVAILABLE', 'is shutting down or starting', again],
  '58': ['UNAVAILABLE', 'has trouble with its disk', 'Look at the log of the server.'],
  '08': ['UNAVAILABLE', 'lost the connection', again],
};
const byCause: Readonly<Record<string, Told>> = {
  ECONNREFUSED: ['UNAVAILABLE', 'does not listen (ECONNREFUSED)', 'Start it, or correct TIANWATCH_DATABASE.'],
  ENOTFOUND: [
    'UNAVAILABLE',
    'is at a host whose name is not known',
    'Correct TIANWATCH_DATABASE, or the name service.',
  ],
  ENOENT: [
    'CONFIG_INVALID',
    'names a certificate file that is not here (ENOENT)',
    'Correct sslrootcert in TIANWATCH_DATABASE.',
  ],
  EAI_AGAIN: ['UNAVAILABLE', 'is at a host whose name cannot be looked up now', again],
};
const lostCodes = /^(ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNABORTED)$/;
const lostWords =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|client has encountered a connection error/i;
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|does not support SSL/i;

/**
 * What PostgreSQL or the way to it threw, as an AppError; an error of a statement stays as it is.
 *
 * @param url of the database; its password is not told
 */
export function databaseError(error: unknown, url: string): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const told = toldOf(code, error.message);
  if (told === null) return error;
  const [kind, what, todo] = told;
  const place = withoutSecrets(url);
  return new AppError(kind, `PostgreSQL at ${place} ${what}.`, todo, { code }, error);
}

function toldOf(code: string, message: string): Told | null {
  const known = byState[code] ?? byCause[code] ?? (code.length === 5 ? byState[code.slice(0, 2)] : undefined);
  if (known !== undefined) return known;
  if (lostCodes.test(code) || lostWords.test(message)) return ['UNAVAILABLE', 'lost the connection', again];
  if (certificate.test(code) || certificate.test(message))
    return [
      'CONFIG_INVALID',
      `has no certificate that holds (${code || message})`,
      'Renew the certificate there, set the clock here, or name its authority: sslrootcert in TIANWATCH_DATABASE.',
    ];
  return null;
}
