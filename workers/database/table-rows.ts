import { AppError } from '../../pipeline/errors.ts';
import type { Sql } from './sql.ts';

/** A table of ours, as the catalogue of the database describes it. */
export interface TableShape {
  readonly name: string;
  /** columns of its primary key */
  readonly key: readonly string[];
  /** tables that its foreign keys point to */
  readonly refersTo: readonly string[];
}

/** Rows asked for and put at once. */
const batchRows = 500;
const batchBytes = 4 << 20;

/** All tables but `migration`, each after those it refers to, else by name. */
export async function listTables(sql: Sql): Promise<readonly TableShape[]> {
  const { rows } = await sql.query<TableShape>(
    `SELECT c.relname::text AS name,
       (SELECT coalesce(json_agg(a.attname ORDER BY array_position(i.indkey::int[], a.attnum::int)), '[]')
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
       (SELECT coalesce(json_agg(DISTINCT r.relname), '[]')
        FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND r.oid <> c.oid) AS "refersTo"
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'tianwatch' AND c.relkind = 'r' AND c.relname <> 'migration' ORDER BY 1`,
  );
  return inOrder(rows);
}

/** Each table after those it refers to. @throws AppError BUG where they go round in a circle */
export function inOrder(tables: readonly TableShape[]): readonly TableShape[] {
  const placed: TableShape[] = [];
  const names = new Set<string>();
  let waiting = [...tables];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ refersTo }) => refersTo.every((name) => names.has(name)));
    if (ready.length === 0)
      throw new AppError('BUG', `Tables refer to each other in a circle: ${waiting.map(({ name }) => name)}.`, '');
    for (const table of ready) names.add(table.name);
    placed.push(...ready);
    waiting = waiting.filter(({ name }) => !names.has(name));
  }
  return placed;
}

/** Every row as one line of JSON (times in the zone of the session, bytes as hex), by primary key; within a transaction. */
export async function* readRows(sql: Sql, { name, key }: TableShape): AsyncGenerator<string> {
  const order = key.length === 0 ? '' : ` ORDER BY ${key.map((column) => `"${column}"`).join(', ')}`;
  await sql.query(
    `DECLARE all_rows NO SCROLL CURSOR FOR SELECT to_jsonb(t)::text AS line FROM tianwatch."${name}" t${order}`,
  );
  for (;;) {
    const { rows } = await sql.query<{ line: string }>(`FETCH ${batchRows} FROM all_rows`);
    for (const { line } of rows) yield line;
    if (rows.length < batchRows) break;
  }
  await sql.query('CLOSE all_rows');
}

/** Put rows as `readRows` gives them. @returns how many */
export async function putRows(sql: Sql, name: string, lines: AsyncIterable<string>): Promise<number> {
  let batch: string[] = [];
  let [count, bytes] = [0, 0];
  const put = async () => {
    await sql.query(
      `INSERT INTO tianwatch."${name}" SELECT * FROM jsonb_populate_recordset(NULL::tianwatch."${name}", $1::jsonb)`,
      [`[${batch.join(',')}]`],
    );
    count += batch.length;
    [batch, bytes] = [[], 0];
  };
  for await (const line of lines) {
    batch.push(line);
    bytes += line.length;
    if (batch.length >= batchRows || bytes >= batchBytes) await put();
  }
  if (batch.length > 0) await put();
  return count;
}
