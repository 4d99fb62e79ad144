import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PolygonGeometry } from '../../pipeline/change/patch-geojson.ts';
import type { PatchProperties } from '../../pipeline/report/formats.ts';
import type { RecordedTrack } from '../database/track-rows.ts';
import { type RunPlan, loadPlan } from './run-plan.ts';

/** Properties and outline of the suspected patches, one a line. */
export const findingsFile = 'findings.jsonl';

/** What is recorded in one transaction. */
const batchFindings = 5000;

export interface FoundLine {
  readonly properties: PatchProperties;
  readonly geometry: PolygonGeometry;
}

/** Names a pair of scenes on a grid, whoever compares them and with what rules. */
export function pairSource({ before, after, grid }: Pick<RunPlan, 'before' | 'after' | 'grid'>): string {
  const identity = JSON.stringify([before.scene.id, after.scene.id, grid.crs.definition, grid.affine]);
  return `pair ${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`;
}

/**
 * What detection found, as the database takes it, in batches: how many there are follows the scene. Recording is
 * idempotent, so a kill between two batches costs nothing.
 */
export async function* readFindings(folder: string): AsyncGenerator<readonly RecordedTrack[]> {
  const surveyAsOf = loadPlan(folder).layers.find(({ kind }) => kind === 'land-survey')?.asOf ?? null;
  let batch: RecordedTrack[] = [];
  for await (const line of createInterface({ input: createReadStream(join(folder, findingsFile)) })) {
    const track = trackOfPair(JSON.parse(line) as FoundLine, surveyAsOf);
    if (track !== null) batch.push(track);
    if (batch.length < batchFindings) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * A patch of one pair of dates as a track of one sighting: probable, never confirmed.
 *
 * @returns null: nothing changed in its meaning
 */
export function trackOfPair({ properties, geometry }: FoundLine, surveyAsOf: string | null): RecordedTrack | null {
  const { id, category, severity, isLawful, areaM2, rule, ruleVersion, county, town, village, ...rest } = properties;
  if (category === 'none') return null;
  const { firstSeen, lastSeen, dateBefore, policies, state: size, lineage: _none, ...facts } = rest;
  const state = size === 'suspected' ? 'probable' : 'watched';
  const date = firstSeen?.slice(0, 10) ?? '';
  return {
    id,
    category,
    severity,
    isLawful,
    areaM2,
    rule,
    ruleVersion,
    county,
    town,
    village,
    state,
    surveyAsOf,
    axis: 'land-class',
    mergedInto: null,
    firstSeen: date,
    lastSeen: lastSeen?.slice(0, 10) ?? '',
    confirmedOn: null,
    looksToConfirm: null,
    formerIds: [],
    parents: [],
    policies: policies.map(({ id: policy, version, isPossible }) => ({ id: policy, version, isPossible })),
    history: [{ date, event: 'appeared', state, areaM2 }],
    observations: [
      { date: dateBefore, areaM2: 0, probability: 0 },
      { date, areaM2, probability: properties.probability },
    ],
    ground: [geometry.coordinates],
    facts: { ...facts, dateBefore },
  };
}
