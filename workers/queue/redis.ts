import { Redis, type RedisOptions } from 'ioredis';
import { AppError } from '../../pipeline/errors.ts';
import { networkError } from '../images/net-error.ts';

const leastVersion = 7;
const connectMs = 10_000;

/** Host and what follows, without user and password. */
const placeOf = (url: string): string => url.replace(/^[a-z-]+:\/\/(?:[^/]*@)?/, '').replace(/\?.*$/, '');

/** `redis-sentinel://[user:password@]host[:port],host[:port]…/name` */
const sentinelForm = /^redis-sentinel:\/\/(?:(?:([^:@/]*):)?([^@/]*)@)?([^/?]+)\/([\w.-]+)$/;

/**
 * A connection by `redis://`, `rediss://` (TLS) or `redis-sentinel://host,host/name`.
 *
 * @throws AppError CONFIG_INVALID for a sentinel address of another form
 */
export function connectRedis(url: string, options: RedisOptions): Redis {
  if (!url.startsWith('redis-sentinel:')) return new Redis(url, options);
  const [, username, password, hosts = '', name] = sentinelForm.exec(url) ?? [];
  if (name === undefined)
    throw new AppError(
      'CONFIG_INVALID',
      `TIANWATCH_QUEUE of ${placeOf(url)} names no sentinels.`,
      'Write redis-sentinel://host:26379,host:26379/name.',
    );
  const sentinels = hosts.split(',').map((host) => {
    const [, address = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
    return { host: address, port: Number(port ?? 26_379) };
  });
  return new Redis({
    ...options,
    sentinels,
    name,
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password), sentinelPassword: decodeURIComponent(password) }),
  });
}

function refused(error: unknown, where: string): AppError {
  const words = error instanceof Error ? error.message : String(error);
  if (/WRONGPASS|NOAUTH|invalid password|NOPERM/i.test(words))
    return new AppError(
      'CONFIG_INVALID',
      `Redis at ${where} does not take the user or the password (${words.split(' ')[0]}).`,
      'Correct them in TIANWATCH_QUEUE.',
      {},
      error,
    );
  return (
    networkError(error, `Redis at ${where}`, 'CONFIG_INVALID') ??
    new AppError('UNAVAILABLE', `Redis at ${where} cannot be used: ${words}.`, 'Look at the server.', {}, error)
  );
}

/**
 * Look at the server once before work is given to it.
 *
 * @throws AppError CONFIG_INVALID for a wrong password, a version below 7 or a policy that evicts keys (jobs would vanish);
 * UNAVAILABLE when it cannot be reached
 */
export async function checkRedis(url: string): Promise<void> {
  const where = placeOf(url);
  const connection = connectRedis(url, {
    lazyConnect: true,
    connectTimeout: connectMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
  });
  let first: unknown = null;
  connection.on('error', (error) => {
    first ??= error;
  });
  try {
    await connection.connect();
    const info = await connection.info();
    const version = Number(/^redis_version:(\d+)/m.exec(info)?.[1]);
    if (!(version >= leastVersion))
      throw new AppError('CONFIG_INVALID', `Redis at ${where} has version ${version}.`, 'Use version 7 or newer.');
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
    if (policy !== 'noeviction')
      throw new AppError(
        'CONFIG_INVALID',
        `Redis at ${where} has maxmemory-policy ${policy}: it deletes jobs when its memory is full.`,
        'Set maxmemory-policy noeviction there.',
      );
  } catch (error) {
    // a closed connection says less than what closed it
    throw error instanceof AppError ? error : refused(first ?? error, where);
  } finally {
    connection.disconnect();
  }
}
