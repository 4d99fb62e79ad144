import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type RawBuilder,
  sql as text,
} from 'kysely';
import { AppError } from '../../pipeline/errors.ts';
import type { Sql } from './sql.ts';
import type { Tables } from './tables.ts';

/** Runs compiled queries where `Sql` goes; what begins and ends a transaction is `transact`. */
function driverOn(sql: Sql): Driver {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const { rows } = await sql.query(query.sql, query.parameters);
      return { rows: rows as R[] };
    },
    streamQuery() {
      throw misuse('streamQuery');
    },
  };
  const nothing = () => Promise.resolve();
  return {
    init: nothing,
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: () => Promise.reject(misuse('transaction()')),
    commitTransaction: nothing,
    rollbackTransaction: nothing,
    releaseConnection: nothing,
    destroy: nothing,
  };
}

function misuse(what: string): AppError {
  return new AppError('BUG', `${what} was asked of a query builder.`, 'Use transact() of sql.ts around it.');
}

/** Queries on the registry's tables, on a pool or on the one connection of a transaction. */
export function queriesOn(sql: Sql): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driverOn(sql),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }).withSchema('tianwatch');
}

/** A value for a jsonb column. */
export function jsonb(value: unknown): RawBuilder<unknown> {
  return text`${JSON.stringify(value)}::jsonb`;
}
