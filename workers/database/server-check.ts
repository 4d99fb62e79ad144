import { hostname } from 'node:os';
import { AppError } from '../../pipeline/errors.ts';
import type { Sql } from './sql.ts';

const oldestServer = 15;
/**
 * A queue in the database says by the clocks of its workers when a job was lost (30 s), a schedule when a slot was missed
 * (60 s): a third of the smaller one.
 */
const mostSkewMs = 10_000;

/** @param where the server, without its password. @throws AppError CONFIG_INVALID for one that is too old */
export async function requireVersion(sql: Sql, where: string): Promise<void> {
  const { rows } = await sql.query<{ server_version_num: string; server_version: string }>(
    "SELECT current_setting('server_version_num') AS server_version_num, current_setting('server_version') AS server_version",
  );
  const { server_version_num: number = '0', server_version: version } = rows[0] ?? {};
  if (Number(number) >= oldestServer * 10_000) return;
  throw new AppError(
    'CONFIG_INVALID',
    `PostgreSQL at ${where} is version ${version}; ${oldestServer} is the oldest that will do.`,
    'Name a newer server in TIANWATCH_DATABASE.',
  );
}

/**
 * Whether this machine and the server mean the same moment by now; as all machines ask it, whether they do among themselves.
 *
 * @param nowMs clock of this machine (ms since 1970)
 * @throws AppError CONFIG_INVALID when they are more than 10 s apart, the time of the question not counted
 */
export async function requireClock(sql: Sql, where: string, nowMs: () => number): Promise<void> {
  const before = nowMs();
  const { rows } = await sql.query<{ ms: string }>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms');
  const after = nowMs();
  const there = Number(rows[0]?.ms);
  const skewMs = there < before ? before - there : Math.max(0, there - after);
  if (skewMs <= mostSkewMs) return;
  throw new AppError(
    'CONFIG_INVALID',
    `The clock of ${hostname()} is ${Math.round(skewMs / 1000)} s ${there < before ? 'ahead of' : 'behind'} that of PostgreSQL at ${where}; ${mostSkewMs / 1000} s is the most.`,
    'Set both clocks (timedatectl set-ntp true).',
    { skewMs },
  );
}
