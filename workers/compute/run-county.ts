import type { LayerKind, LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import { countyOf, type Territory, territoryOf } from '../../pipeline/parcel/territory.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import type { ImageStore } from '../images/store.ts';
import type { Candidate } from '../registry/resolve.ts';
import { resolveLayers } from '../registry/resolve.ts';
import { loadLayer } from '../registry/stored-layers.ts';

/** Layers whose features name their county, the surest first. */
const kinds: readonly LayerKind[] = ['land-survey', 'project'];

/** Follows from the layer; the number changes with what `territoryOf` makes of one. */
const keyOf = ({ id }: LayerRef): string => `territory/1-${id}.json`;

/** Counties of a layer, kept in the image store for the next time; a survey of a city takes seconds. */
export async function makeTerritory(images: ImageStore, ref: LayerRef): Promise<Territory | null> {
  const territory = territoryOf(await loadLayer(images, ref));
  await images.put(keyOf(ref), new TextEncoder().encode(JSON.stringify(territory)));
  return territory;
}

async function keptTerritory(images: ImageStore, ref: LayerRef): Promise<Territory | null | undefined> {
  const kept = await images.get(keyOf(ref));
  if (kept === null) return undefined;
  await images.touch(keyOf(ref));
  return JSON.parse(new TextDecoder().decode(kept)) as Territory | null;
}

interface CountyTools {
  readonly images: ImageStore;
  /** every version that was imported */
  readonly candidates: readonly Candidate[];
  /** `makeTerritory`, where it holds up nobody */
  readonly make: (ref: LayerRef) => Promise<Territory | null>;
}

/**
 * The county that has most of a run's ground: of its area of interest, else of its earlier scene.
 *
 * @returns null where neither the newest land survey nor the newest projects say it
 * @throws AppError what scenes and files of areas throw
 */
export async function countyOfRun(
  { before, aoi }: Pick<RunRequest, 'before' | 'aoi'>,
  { images, candidates, make }: CountyTools,
): Promise<string | null> {
  const newest = resolveLayers(candidates, { baseline: 'current', project: 'current' }, null);
  const refs = kinds.flatMap((kind) => newest.find((ref) => ref.kind === kind) ?? []);
  if (refs.length === 0) return null;
  const area = aoi === undefined ? await gridOfScene(before) : await polygonsOfAoi(aoi);
  for (const ref of refs) {
    const kept = await keptTerritory(images, ref);
    const territory = kept === undefined ? await make(ref) : kept;
    const county = territory && countyOf(territory, area);
    if (county !== null) return county;
  }
  return null;
}

// what opens scenes is loaded where a county can be known alone

async function gridOfScene(request: RunRequest['before']) {
  const { openScene } = await import('../images/open-scene.ts');
  const { scene, close } = await openScene(request);
  await close();
  return scene.grid;
}

async function polygonsOfAoi(path: string) {
  const { readAoi } = await import('./draft.ts');
  return readAoi(path)?.polygons ?? [];
}
