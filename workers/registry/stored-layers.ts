import type { Home } from '../home.ts';
import { AppError } from '../../pipeline/errors.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { decodeLayer } from '../../pipeline/parcel/layer-file.ts';
import type { ImageStore } from '../images/store.ts';
import { resolveLayersOf } from './door.ts';
import type { LayerKind, LayerRef } from '../../pipeline/parcel/layer-ref.ts';

/** @throws AppError NOT_FOUND when the object is absent or damaged */
export async function loadLayer(images: ImageStore, { key, file, asOf, kind }: LayerRef): Promise<ParcelLayer> {
  const bytes = await images.get(key);
  if (bytes) return decodeLayer(bytes);
  throw new AppError(
    'NOT_FOUND',
    `The layer object ${key} (${kind} as of ${asOf}) is not in the image store, or damaged.`,
    `Import ${file} again with --as-of ${asOf}: the same content is the same version.`,
  );
}

export interface CurrentLayer {
  readonly ref: LayerRef;
  readonly layer: ParcelLayer;
}

/** The newest layers of these kinds (of zones: none), loaded; a data folder that has no database yet has none. */
export async function loadCurrent(
  home: Home,
  images: ImageStore,
  kinds: readonly LayerKind[],
): Promise<Readonly<Partial<Record<LayerKind, CurrentLayer>>>> {
  const refs = await resolveLayersOf(home, { baseline: 'current', project: 'current' }, null);
  const found: Partial<Record<LayerKind, CurrentLayer>> = {};
  for (const kind of kinds) {
    const ref = refs.find((candidate) => candidate.kind === kind && candidate.zone === null);
    if (ref) found[kind] = { ref, layer: await loadLayer(images, ref) };
  }
  return found;
}
