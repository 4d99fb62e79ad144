import { AppError } from '../../pipeline/errors.ts';
import { withoutSecrets } from '../home.ts';

/** Modes that the driver takes as `verify-full` and warns of, because a later version of it will not. */
const strict: ReadonlySet<string> = new Set(['require', 'verify-ca']);
const plain: ReadonlySet<string> = new Set(['disable', 'no-verify', 'verify-full']);

/**
 * A URL of PostgreSQL whose `sslmode` means one thing: TLS with a certificate that holds for this host (`require`, `verify-ca` and
 * `verify-full`), TLS that is not checked (`no-verify`), or none (`disable`, and without `sslmode`). With
 * `uselibpqcompat=true` `require` and `verify-ca` mean what they mean to psql.
 *
 * @throws AppError CONFIG_INVALID for modes that go on without TLS where the server has none, and for what is no mode
 * @see https://www.postgresql.org/docs/15/libpq-ssl.html
 */
export function withPlainTlsMode(url: string): string {
  const [, mode] = /[?&]sslmode=([^&]*)/.exec(url) ?? [];
  if (mode === undefined || plain.has(mode)) return url;
  const isLibpq = /[?&]uselibpqcompat=true(&|$)/.test(url);
  const todo = 'Give sslmode=verify-full (with sslrootcert= for an authority of the house), or disable.';
  const where = `PostgreSQL at ${withoutSecrets(url)}`;
  if (!strict.has(mode))
    throw new AppError('CONFIG_INVALID', `${where}: sslmode=${mode} does not say whether there is TLS.`, todo);
  if (!isLibpq) return url.replace(/([?&]sslmode=)[^&]*/, '$1verify-full');
  if (mode === 'verify-ca' && !/[?&]sslrootcert=/.test(url))
    throw new AppError('CONFIG_INVALID', `${where}: sslmode=verify-ca without sslrootcert= trusts no authority.`, todo);
  return url;
}
