import { createHash } from 'node:crypto';
import type { Sql } from './sql.ts';

/** Something that happened to a run (later: to a patch, an alert, a baseline). */
export interface NewEvent {
  readonly subject: 'run';
  readonly subjectId: string;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** ISO-8601 UTC */
  readonly at: string;
}

interface StoredEvent {
  seq: string;
  at: string;
  subject: string;
  subject_id: string;
  kind: string;
  body: unknown;
  previous_hash: string;
  hash: string;
}

const genesis = '0'.repeat(64);

/** JSON with sorted keys: the same value gives the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, held]) => held !== undefined);
    const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map(([key, held]) => `${JSON.stringify(key)}:${canonicalJson(held)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

function hashOf(previous: string, seq: number, event: NewEvent): string {
  const { at, subject, subjectId, kind, body } = event;
  return createHash('sha256')
    .update(`${previous}\n${canonicalJson([seq, at, subject, subjectId, kind, body])}`)
    .digest('hex');
}

/** Append to the history; call it in the transaction that changes the state. */
export async function appendEvent(sql: Sql, event: NewEvent): Promise<void> {
  // the chain has one end: appends of several processes go one after the other
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('tianwatch.event'))");
  const { rows } = await sql.query<{ seq: string; hash: string }>(
    'SELECT seq, hash FROM tianwatch.event ORDER BY seq DESC LIMIT 1',
  );
  const seq = Number(rows[0]?.seq ?? 0) + 1;
  const previous = rows[0]?.hash ?? genesis;
  await sql.query(
    `INSERT INTO tianwatch.event (seq, at, subject, subject_id, kind, body, previous_hash, hash)
     VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8)`,
    [
      seq,
      event.at,
      event.subject,
      event.subjectId,
      event.kind,
      JSON.stringify(event.body),
      previous,
      hashOf(previous, seq, event),
    ],
  );
}

/** Number of the first event whose hash does not follow from what is stored, or null when the chain holds. */
export async function firstBrokenEvent(sql: Sql): Promise<number | null> {
  const { rows } = await sql.query<StoredEvent>('SELECT * FROM tianwatch.event ORDER BY seq');
  let previous = genesis;
  for (const [position, row] of rows.entries()) {
    const event = {
      subject: 'run' as const,
      subjectId: row.subject_id,
      kind: row.kind,
      at: row.at,
      body: row.body as Record<string, unknown>,
    };
    const seq = position + 1;
    const whole =
      Number(row.seq) === seq && row.previous_hash === previous && row.hash === hashOf(previous, seq, event);
    if (!whole) return seq;
    previous = row.hash;
  }
  return null;
}
