import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { chunkBands } from '../../pipeline/change/chunk.ts';
import type { MinimumArea } from '../../pipeline/change/minimum-area.ts';
import { patchGeometry } from '../../pipeline/change/patch-geojson.ts';
import type { ChangePatch, PatchCounts } from '../../pipeline/change/patches.ts';
import { detectPatches } from '../../pipeline/change/patches.ts';
import { applyAffine } from '../../pipeline/geo/affine.ts';
import { pixelAreaModel } from '../../pipeline/geo/area.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import type { PatchProperties } from '../../pipeline/report/formats.ts';
import { writeFileAtomic } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import type { RunPlan } from './run-plan.ts';
import { planeOf, stitchedRows, thresholdValue } from './stitch.ts';

export const patchesFile = 'patches.geojson';
export const detectedFile = 'detected.json';

/** What detection hands to the report. */
export interface Detected {
  readonly patches: readonly ChangePatch[];
  readonly counts: PatchCounts;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Find the patches and write them as GeoJSON into the staging folder, and whole into the run's own folder. */
export async function detect(
  plan: RunPlan,
  options: {
    readonly staging: string;
    readonly folder: string;
    readonly images: ImageStore;
    readonly failed: ReadonlySet<number>;
    readonly minimumArea: MinimumArea;
    throwIfCancelled(): void;
  },
): Promise<void> {
  const { grid } = plan;
  async function* strips() {
    for await (const { raster } of stitchedRows(plan, options.images, options.failed)) {
      options.throwIfCancelled();
      const plane = (name: (typeof chunkBands)[number]): Uint8Array => planeOf(raster, chunkBands.indexOf(name)).data;
      yield {
        rowCount: raster.height,
        change: plane('change'),
        classBefore: plane('classesBefore'),
        changeInto: plane('changeInto'),
      };
    }
  }
  const detected: Detected = await detectPatches(
    {
      width: grid.width,
      threshold: thresholdValue(plan),
      classMap: plan.classMap,
      minimumArea: options.minimumArea,
      pixelAreaM2: pixelAreaModel(grid),
      idContext: JSON.stringify([plan.before.scene.id, plan.after.scene.id, grid.crs.definition, grid.affine]),
      hash: sha256,
    },
    strips(),
  );
  const toLonLat = lonLatProjector(grid.crs);
  const place = (col: number, row: number): readonly [number, number] =>
    toLonLat(...applyAffine(grid.affine, col, row));
  const lines = detected.patches.map((patch) =>
    JSON.stringify({
      type: 'Feature',
      properties: propertiesOf(patch, plan),
      geometry: patchGeometry(patch.rings, place),
    }),
  );
  const text = `{"type":"FeatureCollection","features":[\n${lines.join(',\n')}\n]}\n`;
  await writeFileAtomic(join(options.folder, detectedFile), new TextEncoder().encode(JSON.stringify(detected)));
  await writeFileAtomic(join(options.staging, patchesFile), new TextEncoder().encode(text));
}

export function propertiesOf(patch: ChangePatch, plan: RunPlan): PatchProperties {
  return {
    id: patch.id,
    classBefore: patch.classBefore.name,
    classAfter: patch.classAfter.name,
    classBeforeZh: patch.classBefore.zh,
    classAfterZh: patch.classAfter.zh,
    probability: Math.round(patch.probability * 1000) / 1000,
    areaM2: Math.round(patch.areaM2 * 100) / 100,
    pixels: patch.pixels,
    state: patch.state,
    minAreaM2: Math.round(patch.minAreaM2 * 100) / 100,
    dateBefore: plan.before.scene.acquired,
    dateAfter: plan.after.scene.acquired,
  };
}
