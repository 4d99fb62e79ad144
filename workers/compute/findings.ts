import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PatchProperties } from '../../pipeline/report/formats.ts';
import type { Finding } from '../database/findings.ts';
import { loadPlan } from './run-plan.ts';

/** Properties of the suspected patches, one a line. */
export const findingsFile = 'findings.jsonl';

/** What is recorded in one transaction. */
const batchFindings = 2000;

/**
 * What detection found, as the database takes it, in batches: how many there are follows the scene. Recording is
 * idempotent, so a kill between two batches costs nothing.
 */
export async function* readFindings(folder: string): AsyncGenerator<readonly Finding[]> {
  const surveyAsOf = loadPlan(folder).layers.find(({ kind }) => kind === 'land-survey')?.asOf ?? null;
  let batch: Finding[] = [];
  for await (const line of createInterface({ input: createReadStream(join(folder, findingsFile)) })) {
    const finding = findingOf(JSON.parse(line) as PatchProperties, surveyAsOf);
    if (finding !== null) batch.push(finding);
    if (batch.length < batchFindings) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Null: nothing changed in its meaning. */
function findingOf(properties: PatchProperties, surveyAsOf: string | null): Finding | null {
  const { id, category, severity, state, isLawful, areaM2, rule, ruleVersion, ...rest } = properties;
  if (category === 'none') return null;
  const { county, town, village, firstSeen, lastSeen, ...facts } = rest;
  return {
    id,
    category,
    severity,
    state,
    isLawful,
    areaM2,
    county,
    town,
    village,
    firstSeen,
    lastSeen,
    surveyAsOf,
    rule,
    ruleVersion,
    facts,
  };
}
