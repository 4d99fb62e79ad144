import { createHash } from 'node:crypto';
import type { Sql } from './sql.ts';

/** Something that happened to one of these; whose doing it was and why stands in `body` as `by` and `why`. */
export interface NewEvent {
  readonly subject:
    | 'run'
    | 'baseline'
    | 'project'
    | 'sub-project'
    | 'track'
    | 'alert'
    | 'verdict'
    | 'user'
    | 'look'
    | 'report'
    | 'schedule'
    | 'series';
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

type HashedEvent = Omit<NewEvent, 'subject'> & { readonly subject: string };

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

function hashOf(previous: string, seq: number, event: HashedEvent): string {
  const { at, subject, subjectId, kind, body } = event;
  return createHash('sha256')
    .update(`${previous}\n${canonicalJson([seq, at, subject, subjectId, kind, body])}`)
    .digest('hex');
}

/** Append to the history; call it in the transaction that changes the state. */
export function appendEvent(sql: Sql, event: NewEvent): Promise<void> {
  return appendEvents(sql, [event]);
}

/** Append many in their order, in three statements; call it in the transaction that changes the states. */
export async function appendEvents(sql: Sql, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  // the chain has one end: appends of several processes go one after the other
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('tianwatch.event'))");
  const { rows } = await sql.query<{ seq: string; hash: string }>(
    'SELECT seq, hash FROM tianwatch.event ORDER BY seq DESC LIMIT 1',
  );
  let seq = Number(rows[0]?.seq ?? 0);
  let previous = rows[0]?.hash ?? genesis;
  const links = events.map((event) => {
    const { at, subject, subjectId: subject_id, kind, body } = event;
    const link = { seq: (seq += 1), at, subject, subject_id, kind, body, previous_hash: previous };
    previous = hashOf(previous, seq, event);
    return { ...link, hash: previous };
  });
  await sql.query(
    `INSERT INTO tianwatch.event (seq, at, subject, subject_id, kind, body, previous_hash, hash)
     SELECT seq, at, subject, subject_id, kind, body, previous_hash, hash FROM jsonb_to_recordset($1::jsonb)
       AS link (seq bigint, at text, subject text, subject_id text, kind text, body jsonb, previous_hash text, hash text)`,
    [JSON.stringify(links)],
  );
}

/** Number of the first event whose hash does not follow from what is stored, or null when the chain holds. */
export async function firstBrokenEvent(sql: Sql): Promise<number | null> {
  const { rows } = await sql.query<StoredEvent>('SELECT * FROM tianwatch.event ORDER BY seq');
  let previous = genesis;
  for (const [position, row] of rows.entries()) {
    const event = {
      subject: row.subject,
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
