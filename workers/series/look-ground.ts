import { createHash } from 'node:crypto';
import { chunkBands } from '../../pipeline/change/chunk.ts';
import type { FoundPatch } from '../../pipeline/change/patches.ts';
import type { EqualAreaFrame } from '../../pipeline/geo/frame.ts';
import type { ObservationFact, SightingFact } from '../../pipeline/ledger/facts.ts';
import type { LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { categoryCodes } from '../../pipeline/rule/reason.ts';
import type { Sighting } from '../../pipeline/track/sighting.ts';
import { unobserved } from '../../pipeline/types.ts';
import { openCategoryPainter } from '../compute/category-raster.ts';
import { laterCodes, openGroundPlanes } from '../compute/ground-reading.ts';
import { shapeWriter, type TimedLand } from '../compute/patch-land.ts';
import { splitByTown } from '../compute/project-parts.ts';
import type { RunPlan } from '../compute/run-plan.ts';
import { planeOf, stitchedRows } from '../compute/stitch.ts';
import { fileSpools } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';

/** What one look says of the imported projects and the survey. */
export interface GroundInLook {
  readonly observations: readonly ObservationFact[];
  readonly sightings: readonly SightingFact[];
}

/** What a ledger is kept of. */
export interface GroundUnder {
  readonly frame: EqualAreaFrame;
  /** sub-projects cut by town; null: none take part */
  readonly parts: ParcelLayer | null;
  readonly survey: ParcelLayer | null;
  /** sha256 of the survey's layer */
  readonly surveyId: string;
}

/** @returns null where neither projects nor a survey take part */
export function groundUnder({ frame, layers }: TimedLand, refs: readonly LayerRef[]): GroundUnder | null {
  const { subProjects, survey } = layers;
  if (subProjects === null && survey === null) return null;
  const surveyId = refs.find(({ kind }) => kind === 'land-survey')?.id ?? '';
  return { frame, survey, surveyId, parts: subProjects && splitByTown(subProjects, survey) };
}

/** Reads what a look says of projects and survey, once its patches are known. */
export function openLookGround(
  plan: Pick<RunPlan, 'grid' | 'chunks' | 'chunkKeys'>,
  options: {
    readonly under: GroundUnder;
    readonly images: Pick<ImageStore, 'get'>;
    readonly failed: ReadonlySet<number>;
    /** false: it is from before what it is compared with, and says what was there, no more */
    readonly tellsChange: boolean;
    readonly scratch: string;
    throwIfCancelled(): void;
  },
): {
  addPatch(patch: FoundPatch, category: Sighting['category']): Promise<void>;
  finish(): Promise<GroundInLook>;
} {
  const { under, images, failed, tellsChange, scratch, throwIfCancelled } = options;
  const { grid } = plan;
  const painter = openCategoryPainter(fileSpools(scratch));
  const shapeOf = shapeWriter(grid, under.frame);
  const sightings: SightingFact[] = [];
  return {
    async addPatch({ id, classBefore, classAfter, areaM2, probability, rings, runs, state }, category) {
      if (!tellsChange || category === 'none') return;
      await painter.add(runs, categoryCodes[category]);
      if (state !== 'suspected') return;
      sightings.push({
        id,
        category,
        classBefore: classBefore.name,
        classAfter: classAfter.name,
        areaM2,
        probability,
        centre: under.frame.centre,
        polygons: [shapeOf(rings)],
      });
    },
    async finish() {
      const planes = openGroundPlanes({ grid, ...under }, 1);
      try {
        let row = 0;
        for await (const { raster } of stitchedRows(plan, images, failed)) {
          throwIfCancelled();
          const of = (name: (typeof chunkBands)[number]): Uint8Array => planeOf(raster, chunkBands.indexOf(name)).data;
          const rows = { row, rowCount: raster.height };
          const category = of('change').map((value) => (value === unobserved ? unobserved : 0));
          await painter.paint(category, { ...rows, width: grid.width });
          const [classAfter, changeInto, reason] = [of('classesAfter'), of('changeInto'), of('reason')];
          planes.addRows({ ...rows, planes: [laterCodes({ ...rows, category, classAfter, changeInto, reason })] });
          row += raster.height;
        }
      } finally {
        await painter.close();
      }
      return { observations: planes.observations(0), sightings };
    },
  };
}

/** sha256 over what a look says of the ground: said alike it is the same reading. */
export function groundDigest({ observations, sightings }: GroundInLook): string {
  const hash = createHash('sha256');
  for (const { cells, ...facts } of observations) hash.update(JSON.stringify(facts)).update(cells ?? '');
  for (const { polygons, ...facts } of sightings) {
    hash.update(JSON.stringify(facts));
    for (const ring of polygons.flat()) hash.update(ring);
  }
  return hash.digest('hex');
}
