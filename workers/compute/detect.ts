import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { chunkBands } from '../../pipeline/change/chunk.ts';
import type { MinimumArea } from '../../pipeline/change/minimum-area.ts';
import { patchGeometry } from '../../pipeline/change/patch-geojson.ts';
import type { ChangePatch, PatchCounts } from '../../pipeline/change/patches.ts';
import { openPatchDetector } from '../../pipeline/change/patches.ts';
import { applyAffine } from '../../pipeline/geo/affine.ts';
import { pixelAreaModel } from '../../pipeline/geo/area.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import type { PatchProperties } from '../../pipeline/report/formats.ts';
import { countPatches, tabulateChanges } from '../../pipeline/report/summary.ts';
import type { PatchFacts } from '../../pipeline/report/summary.ts';
import { openFileSink, writeFileAtomic } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import type { RunPlan } from './run-plan.ts';
import { planeOf, stitchedRows, thresholdValue } from './stitch.ts';

export const patchesFile = 'patches.geojson';
export const detectedFile = 'detected.json';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What detection hands to the report; the patches themselves are in the GeoJSON, however many there are. */
export interface Detected {
  readonly counts: PatchCounts;
  readonly totals: ReturnType<typeof countPatches>;
  readonly changes: ReturnType<typeof tabulateChanges>;
  /** those that the report draws or lists, by rank */
  readonly foremost: readonly ChangePatch[];
}

/** More outlines than these are a smear on the map of a report. */
const foremostPatches = 2000;

/** Suspected before watched, then the largest. */
function byRank(a: ChangePatch, b: ChangePatch): number {
  return Number(a.state === 'watch') - Number(b.state === 'watch') || b.areaM2 - a.areaM2 || (a.id < b.id ? -1 : 1);
}

export interface DetectOptions {
  readonly staging: string;
  readonly folder: string;
  readonly images: ImageStore;
  readonly failed: ReadonlySet<number>;
  readonly minimumArea: MinimumArea;
  throwIfCancelled(): void;
}

/** Find the patches, write each as GeoJSON into the staging folder as it ends, and their sums into the run's own folder. */
export async function detect(plan: RunPlan, options: DetectOptions): Promise<void> {
  const sink = await openFileSink(join(options.staging, patchesFile));
  try {
    const detected = await writePatches(plan, options, (text) => sink.write(new TextEncoder().encode(text)));
    await writeFileAtomic(join(options.folder, detectedFile), new TextEncoder().encode(JSON.stringify(detected)));
    await sink.publish();
  } finally {
    await sink.discard();
  }
}

/** Features stand in the order in which their last rows end. */
async function writePatches(
  plan: RunPlan,
  options: DetectOptions,
  write: (text: string) => Promise<void>,
): Promise<Detected> {
  const { grid } = plan;
  const detector = openPatchDetector({
    width: grid.width,
    threshold: thresholdValue(plan),
    classMap: plan.classMap,
    minimumArea: options.minimumArea,
    pixelAreaM2: pixelAreaModel(grid),
    idContext: JSON.stringify([plan.before.scene.id, plan.after.scene.id, grid.crs.definition, grid.affine]),
    hash: sha256,
  });
  const featureOf = featureWriter(plan);
  const facts: PatchFacts[] = [];
  let foremost: ChangePatch[] = [];
  const take = async (patches: readonly ChangePatch[]): Promise<void> => {
    for (const patch of patches) {
      const { classBefore, classAfter, state, areaM2 } = patch;
      await write(`${facts.length === 0 ? '' : ',\n'}${featureOf(patch)}`);
      facts.push({ classBefore, classAfter, state, areaM2 });
      foremost.push(patch);
      if (foremost.length >= 2 * foremostPatches) foremost = foremost.sort(byRank).slice(0, foremostPatches);
    }
  };
  await write('{"type":"FeatureCollection","features":[\n');
  for await (const { raster } of stitchedRows(plan, options.images, options.failed)) {
    options.throwIfCancelled();
    const plane = (name: (typeof chunkBands)[number]): Uint8Array => planeOf(raster, chunkBands.indexOf(name)).data;
    const [change, classBefore, changeInto] = [plane('change'), plane('classesBefore'), plane('changeInto')];
    await take(detector.addRows({ rowCount: raster.height, change, classBefore, changeInto }));
  }
  const { patches, counts } = detector.finish();
  await take(patches);
  await write('\n]}\n');
  return {
    counts,
    totals: countPatches(facts, counts),
    changes: tabulateChanges(facts),
    foremost: foremost.sort(byRank).slice(0, foremostPatches),
  };
}

function featureWriter(plan: RunPlan): (patch: ChangePatch) => string {
  const { crs, affine } = plan.grid;
  const toLonLat = lonLatProjector(crs);
  const place = (col: number, row: number): readonly [number, number] => toLonLat(...applyAffine(affine, col, row));
  return (patch) =>
    JSON.stringify({
      type: 'Feature',
      properties: propertiesOf(patch, plan),
      geometry: patchGeometry(patch.rings, place),
    });
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
