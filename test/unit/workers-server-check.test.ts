import { describe, expect, it } from 'vitest';
import { requireClock, requireVersion } from '../../workers/database/server-check.ts';
import type { Sql } from '../../workers/database/sql.ts';
import { withPlainTlsMode } from '../../workers/database/tls-mode.ts';

const where = 'postgres://db.example/tianwatch';
/** A server whose one answer is this row. */
const answering = (row: object): Sql => ({
  query: <R extends object>() => Promise.resolve({ rows: [row as R] }),
});

describe('a PostgreSQL server', () => {
  it('that is older than 15 is refused, with its version', async () => {
    const old = answering({ server_version_num: '140011', server_version: '14.11 (Debian 14.11-1)' });
    await expect(requireVersion(old, where)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `PostgreSQL at ${where} is version 14.11 (Debian 14.11-1); 15 is the oldest that will do.`,
    });
    await requireVersion(answering({ server_version_num: '150000', server_version: '15.0' }), where);
  });

  it('whose clock is more than 10 s from ours is refused, the time of the question not counted', async () => {
    const at = 1_800_000_000_000;
    const ask = (thereMs: number, tookMs = 0) => {
      const times = [at, at + tookMs];
      return requireClock(answering({ ms: String(thereMs) }), where, () => times.shift() ?? NaN);
    };
    await expect(ask(at - 42_000)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /^The clock of \S+ is 42 s ahead of that of PostgreSQL at postgres:.*; 10 s is the most/,
      ),
    });
    await expect(ask(at + 10_001)).rejects.toThrow(/is 10 s behind/);
    await ask(at + 10_000);
    await ask(at - 10_000);
    // asked at the beginning, answered at the end of half a minute
    await ask(at + 29_000, 30_000);
  });
});

describe('the sslmode of PostgreSQL', () => {
  const of = (parameters: string): string =>
    withPlainTlsMode(`postgres://u:sslmode=p@db.example/t${parameters}`).replace(
      'postgres://u:sslmode=p@db.example/t',
      '',
    );

  it('is as strict as it can be meant, and says it in a way of which the driver does not warn', () => {
    expect(of('?sslmode=require')).toBe('?sslmode=verify-full');
    expect(of('?a=b&sslmode=verify-ca&c=%2F')).toBe('?a=b&sslmode=verify-full&c=%2F');
    for (const same of ['', '?sslmode=disable', '?sslmode=verify-full&sslrootcert=/a', '?sslmode=no-verify'])
      expect(of(same)).toBe(same);
  });

  it('means what it means to psql where that is asked for', () => {
    for (const same of [
      '?uselibpqcompat=true&sslmode=require',
      '?sslmode=verify-ca&sslrootcert=/a&uselibpqcompat=true',
    ])
      expect(of(same)).toBe(same);
    expect(() => of('?sslmode=verify-ca&uselibpqcompat=true')).toThrow(/without sslrootcert= trusts no authority/);
  });

  it.each(['prefer', 'allow', 'maybe', ''])('is refused where it leaves TLS open: %s', (mode) => {
    expect(() => of(`?sslmode=${mode}`)).toThrow(`sslmode=${mode} does not say whether there is TLS.`);
    expect(() => of(`?sslmode=${mode}`)).not.toThrow(/sslmode=p@/);
  });
});
