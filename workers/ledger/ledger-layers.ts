import type { Home } from '../home.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import type { LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import type { ImageStore } from '../images/store.ts';
import { reframed } from '../compute/patch-land.ts';
import { resolveLayersOf } from '../registry/door.ts';
import { loadLayer } from '../registry/stored-layers.ts';

export interface LedgerLayer {
  readonly ref: LayerRef;
  readonly layer: ParcelLayer;
}

/** Layers of a ledger, all in one frame; null = not imported. */
export interface LedgerLayers {
  readonly subProjects: LedgerLayer | null;
  readonly projects: LedgerLayer | null;
  /** the newest up to the end of the month: it cuts sub-projects at the borders of towns, as runs do */
  readonly survey: LedgerLayer | null;
  /** what last year ended with; where none is so old, the newest */
  readonly lastYear: LedgerLayer | null;
  readonly permits: LedgerLayer | null;
  readonly permanentFarmland: LedgerLayer | null;
}

/**
 * @param until last day of the month
 * @throws AppError NOT_FOUND when an object is missing from the image store
 */
export async function loadLedgerLayers(home: Home, images: ImageStore, until: string): Promise<LedgerLayers> {
  const choice = { baseline: 'current', project: 'current' } as const;
  const refs = await resolveLayersOf(home, choice, until);
  const lastYearEnd = `${Number(until.slice(0, 4)) - 1}-12-31`;
  const older = await resolveLayersOf(home, choice, lastYearEnd);
  const loaded = new Map<string, LedgerLayer>();
  const load = async (ref: LayerRef | undefined): Promise<LedgerLayer | null> => {
    if (ref === undefined) return null;
    const known = loaded.get(ref.id);
    if (known) return known;
    const layer = await loadLayer(images, ref);
    const first = [...loaded.values()][0]?.layer.centre ?? layer.centre;
    const found = { ref, layer: reframed(layer, equalAreaFrame(first)) };
    loaded.set(ref.id, found);
    return found;
  };
  const of = (kind: LayerRef['kind'], from = refs) => load(from.find((ref) => ref.kind === kind && ref.zone === null));
  const subProjects = await of('sub-project');
  const projects = await of('project');
  const survey = await of('land-survey');
  return {
    subProjects,
    projects,
    survey,
    lastYear: (await of('land-survey', older)) ?? survey,
    permits: await of('permit'),
    permanentFarmland: await of('permanent-farmland'),
  };
}
