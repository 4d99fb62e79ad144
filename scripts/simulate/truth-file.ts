import { classOn, isChanged, stretchesOf, type Change } from './change.ts';
import { dateOf } from './day.ts';
import type { GeoFeature } from './geojson-file.ts';
import type { Ground } from './ground.ts';
import { centreOf } from './piece.ts';
import type { Seen } from './raster-files.ts';
import { isGrainZone, isPermanentFarmland } from './survey.ts';
import type { World } from './world.ts';

export type SizeClass = 'below-minimum' | 'small' | 'medium' | 'large';

/** Below the survey's minimum (200 m² built or bare, 400 m² other), below 20 px at 10 m, below a hectare, above. */
export function sizeClassOf(areaM2: number, { classAfter }: Change['kind']): SizeClass {
  const leastM2 = classAfter === 'built' || classAfter === 'bare' ? 200 : 400;
  if (areaM2 < leastM2) return 'below-minimum';
  if (areaM2 < 2000) return 'small';
  return areaM2 < 10_000 ? 'medium' : 'large';
}

export const changeId = (number: number): string => `T${String(number + 1).padStart(5, '0')}`;
export const permitId = (number: number): string => `MN${String(number + 1).padStart(5, '0')}`;

/** What happened, one polygon each, with its dates: the ground on any day follows from them. */
export function* truthFeatures(world: World, ground: Ground): Generator<GeoFeature> {
  const { changes, looks, programme, sketch } = world;
  const [firstDay, lastDay] = [looks[0]!.day, looks.at(-1)!.day];
  const over = new Set(programme.projects.flatMap(({ overBoundary }) => (overBoundary === null ? [] : [overBoundary])));
  for (const [number, change] of changes.entries()) {
    const { kind, piece, block, startDay, doneDay, endDay, againDay, isLawful, project } = change;
    const ring = ground.outline(piece);
    const areaM2 = ground.areaM2(ring);
    const { from, polder } = sketch.blocks[block]!;
    const village = programme.territory.villageOf(centreOf(piece), polder);
    yield {
      polygons: [ring],
      properties: {
        id: changeId(number),
        kind: kind.id,
        zh: kind.zh,
        category: kind.category,
        changed: isChanged(change, firstDay, lastDay),
        classBefore: classOn(change, firstDay),
        classAfter: classOn(change, lastDay),
        classFinal: kind.classAfter,
        codeBefore: sketch.parcels[from]!.code,
        codeAfter: kind.codeAfter,
        startDate: dateOf(startDay),
        doneDate: dateOf(doneDay),
        endDate: endDay === null ? null : dateOf(endDay),
        againDate: againDay === undefined ? null : dateOf(againDay),
        lawful: isLawful,
        permit: isLawful && project === null ? permitId(number) : null,
        project: project === null ? null : programme.projects[project]!.id,
        overBoundary: over.has(number),
        areaM2: Math.round(areaM2 * 100) / 100,
        sizeClass: sizeClassOf(areaM2, kind),
        town: village.town,
        village: village.code,
        permanentFarmland: isPermanentFarmland(world, block),
        grainZone: isGrainZone(world, polder),
      },
    };
  }
}

/** The same with what the rasters hold of it: `pixels`, and the share of them that both looks of a pair saw. */
export function withPixels({ polygons, properties }: GeoFeature, { pixels, observedPixels }: Seen): GeoFeature {
  const observedFraction = pixels === 0 ? null : Math.round((1000 * observedPixels) / pixels) / 1000;
  return { polygons, properties: { ...properties, pixels, observedFraction } };
}

/** What each changed piece of ground is on any day, `id,from,phase,class`: a row holds until the next one of its id; no `from` = since ever. */
export function stateTable({ changes }: Pick<World, 'changes'>): string {
  const rows = changes.flatMap((change, number) =>
    stretchesOf(change).map(
      ({ fromDay, phase, class: name }) =>
        `${changeId(number)},${fromDay === null ? '' : dateOf(fromDay)},${phase},${name}\n`,
    ),
  );
  return `id,from,phase,class\n${rows.join('')}`;
}
