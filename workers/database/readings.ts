import type { ReadLook } from '../../pipeline/ledger/facts.ts';
import { encodeShape } from '../../pipeline/ledger/shape-bytes.ts';
import { type NewEvent, appendEvents } from './event.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { ObservationRow, SightingRow } from './tables.ts';

/** Rows a statement: one message to the database thread stays small. */
const batchRows = 500;

/**
 * Record what was read out of looks, in the caller's transaction: facts are added and never edited. In whatever order
 * they come the rows are the same; a reading that is there already is nothing.
 *
 * @param by who read: `run <id>`, the name of a user
 * @returns how many readings were new
 */
export async function recordReadings(
  sql: Sql,
  { read, by, at }: { readonly read: readonly ReadLook[]; readonly by: string; readonly at: string },
): Promise<number> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtext('tianwatch.reading'))");
  const events: NewEvent[] = [];
  for (const each of read) if (await recordReading(sql, each, { by, at })) events.push(eventOf(each, by, at));
  await appendEvents(sql, events);
  return events.length;
}

async function recordReading(
  sql: Sql,
  { look, reading, observations, sightings }: ReadLook,
  { by, at }: { readonly by: string; readonly at: string },
): Promise<boolean> {
  const database = queriesOn(sql);
  const known = await database.selectFrom('reading').select('id').where('id', '=', reading.id).execute();
  if (known.length > 0) return false;
  const recorded_at = new Date(at);
  const { id, date, sensor, gsdM, kind } = look;
  await database
    .insertInto('look')
    .values({ id, date, sensor, gsd_m: gsdM, kind, facts: jsonb({}), recorded_at })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  await database
    .insertInto('reading')
    .values({
      id: reading.id,
      look: reading.look,
      reference: reading.reference,
      reference_date: reading.referenceDate,
      classes: jsonb(reading.classes),
      facts: jsonb(reading.facts),
      recorded_by: by,
      recorded_at,
    })
    .execute();
  const rows = observations.map((observation): ObservationRow => {
    const { subject, subjectId, town, areaM2, seenM2, unseenM2, outline, cells } = observation;
    return {
      reading: reading.id,
      subject,
      subject_id: subjectId,
      town,
      area_m2: areaM2,
      seen_m2: seenM2,
      cloud_m2: unseenM2.cloud,
      shadow_m2: unseenM2.shadow,
      outside_m2: unseenM2.outside,
      nodata_m2: unseenM2.nodata,
      failed_m2: unseenM2.failed,
      outline,
      cells: cells === null ? null : Buffer.from(cells),
    };
  });
  for (let from = 0; from < rows.length; from += batchRows)
    await database
      .insertInto('observation')
      .values(rows.slice(from, from + batchRows))
      .execute();
  const seen = sightings.map(
    ({ id: patch, category, classBefore, classAfter, areaM2, probability, centre, polygons }): SightingRow => ({
      reading: reading.id,
      id: patch,
      category,
      class_before: classBefore,
      class_after: classAfter,
      area_m2: areaM2,
      probability,
      lon_deg: centre.lonDeg,
      lat_deg: centre.latDeg,
      shape: Buffer.from(encodeShape(polygons)),
    }),
  );
  for (let from = 0; from < seen.length; from += batchRows)
    await database
      .insertInto('sighting')
      .values(seen.slice(from, from + batchRows))
      .execute();
  return true;
}

function eventOf({ look, reading, observations, sightings }: ReadLook, by: string, at: string): NewEvent {
  const { id, reference } = reading;
  const counts = { observations: observations.length, sightings: sightings.length };
  return {
    subject: 'look',
    subjectId: look.id,
    kind: 'look-read',
    body: { by, why: `reading ${id}`, date: look.date, kind: look.kind, reference, ...counts },
    at,
  };
}
