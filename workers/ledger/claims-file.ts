import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { openGeojsonWriter } from '../vector/geojson-writer.ts';
import type { VectorColumn } from '../vector/vector-writer.ts';
import { lonLatOutline } from './lon-lat-outline.ts';
import type { MadeLedger } from './make-ledger.ts';

export const claimColumns: readonly VectorColumn[] = [
  { name: 'month', type: 'text' },
  { name: 'project', type: 'text' },
  { name: 'subProject', type: 'text' },
  { name: 'work', type: 'text' },
  { name: 'workZh', type: 'text' },
  { name: 'town', type: 'text' },
  { name: 'townName', type: 'text' },
  { name: 'plannedM2', type: 'real' },
  { name: 'reportedM2', type: 'real' },
  { name: 'observedM2', type: 'real' },
  { name: 'idleM2', type: 'real' },
  { name: 'deviatingM2', type: 'real' },
  { name: 'unobservedM2', type: 'real' },
  { name: 'claimedNotSeenM2', type: 'real' },
  { name: 'lastLook', type: 'text' },
];

const two = (value: number): number => Math.round(100 * value) / 100;

/**
 * Outlines of the parts of which more is claimed than ground that was seen can hold, as GeoJSON for people who go there.
 *
 * @returns how many there are
 */
export async function writeClaims(path: string, { ledger, outlines }: MadeLedger): Promise<number> {
  const listed = new Set(ledger.claimedNotSeen.map(({ subProject, town }) => `${subProject}/${town}`));
  const writer = await openGeojsonWriter(path, { crs: crsFromEpsg(4326), columns: claimColumns });
  try {
    for (const [feature, part] of ledger.parts.entries()) {
      if (outlines === null || !listed.has(`${part.subProject}/${part.town}`)) continue;
      await writer.add({
        polygons: lonLatOutline(outlines, feature),
        properties: {
          month: ledger.month,
          project: part.project,
          subProject: part.subProject,
          work: part.work,
          workZh: part.workZh,
          town: part.town,
          townName: part.townName,
          plannedM2: two(part.plannedM2),
          reportedM2: two(part.reportedM2),
          observedM2: two(part.observedM2),
          idleM2: two(part.idleM2),
          deviatingM2: two(part.deviatingM2),
          unobservedM2: two(part.unobservedM2),
          claimedNotSeenM2: two(part.claimedNotSeenM2),
          lastLook: part.lastLook,
        },
      });
    }
    await writer.finish();
  } finally {
    await writer.discard();
  }
  return listed.size;
}
