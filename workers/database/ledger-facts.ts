import type { LedgerFacts, StoredReading } from '../ledger/facts-format.ts';
import { selectReportedRows } from './report-rows.ts';
import type { Sql } from './sql.ts';
import { selectTending } from './tending-rows.ts';

type ReadingHead = Omit<StoredReading, 'observations' | 'sightings'>;
type ObservationLine = StoredReading['observations'][number] & { readonly reading: string };
type SightingLine = StoredReading['sightings'][number] & { readonly reading: string };

/** Of each look and reference the reading that was recorded last: `$1` is the last day that counts. */
const latestReadings = `
  SELECT DISTINCT ON (r.look, r.reference) r.id, r.look, l.date, l.kind, l.sensor, l.gsd_m, r.reference, r.reference_date, r.classes
    FROM tianwatch.reading r JOIN tianwatch.look l ON l.id = r.look
   WHERE l.date <= $1
   ORDER BY r.look, r.reference, r.recorded_at DESC, r.id`;

/**
 * All that a ledger of a month is made of.
 *
 * @param month yyyy-mm
 * @param until its last day
 */
export async function selectLedgerFacts(sql: Sql, month: string, until: string): Promise<LedgerFacts> {
  const { rows: heads } = await sql.query<ReadingHead>(
    `SELECT id, look, date, kind, sensor, gsd_m AS "gsdM", reference, reference_date AS "referenceDate", classes
       FROM (${latestReadings}) AS latest ORDER BY date, look, reference`,
    [until],
  );
  const { rows: observations } = await sql.query<ObservationLine>(
    `SELECT o.reading, o.subject, o.subject_id AS "subjectId", o.town, o.area_m2 AS "areaM2", o.seen_m2 AS "seenM2",
            o.outline, encode(o.cells, 'base64') AS cells
       FROM tianwatch.observation o JOIN (${latestReadings}) AS latest ON latest.id = o.reading
      WHERE o.subject IN ('sub-project', 'survey')
      ORDER BY o.reading, o.subject, o.subject_id, o.town`,
    [until],
  );
  const { rows: sightings } = await sql.query<SightingLine>(
    `SELECT s.reading, s.id, s.category, s.class_before AS "classBefore", s.class_after AS "classAfter",
            s.area_m2 AS "areaM2", s.probability, s.lon_deg AS "lonDeg", s.lat_deg AS "latDeg", encode(s.shape, 'base64') AS shape
       FROM tianwatch.sighting s JOIN (${latestReadings}) AS latest ON latest.id = s.reading
      ORDER BY s.reading, s.id`,
    [until],
  );
  const [ownObservations, ownSightings] = [byReading(observations), byReading(sightings)];
  return {
    readings: heads.map((head) => ({
      ...head,
      observations: ownObservations.get(head.id) ?? [],
      sightings: ownSightings.get(head.id) ?? [],
    })),
    reported: [...(await selectReportedRows(sql, month))],
    tending: await selectTending(sql),
  };
}

function byReading<T extends { readonly reading: string }>(rows: readonly T[]): Map<string, Omit<T, 'reading'>[]> {
  const groups = new Map<string, Omit<T, 'reading'>[]>();
  for (const { reading, ...row } of rows) {
    const group = groups.get(reading);
    if (group) group.push(row);
    else groups.set(reading, [row]);
  }
  return groups;
}
