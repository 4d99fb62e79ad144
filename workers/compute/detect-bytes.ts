import type { LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import type { ImageStore } from '../images/store.ts';

/** Rasters by rows, patches and their outlines: the same for 4 and for 39 Mpx, somewhat more for 900 (`workers/memory/README.md`). */
const rastersBytes = 550e6;
/** A layer as it is stored, decoded, with its index. */
const layersHeld = 2.5;

/** What detection takes at its most (bytes): it alone holds the layers of a run, whole. */
export async function detectBytesOf(layers: readonly LayerRef[], images: Pick<ImageStore, 'uses'>): Promise<number> {
  let bytes = rastersBytes;
  for (const { key } of layers)
    for (const object of await images.uses(key)) if (object.key === key) bytes += layersHeld * object.bytes;
  return bytes;
}
