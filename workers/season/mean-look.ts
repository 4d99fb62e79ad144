import { cropPlane, reasonsOf, seen as seenCode } from '../../pipeline/change/observe.ts';
import { unobservedFrom } from '../../pipeline/pair/cloud-class.ts';
import { cloudHaloPx } from '../../pipeline/pair/cloud.ts';
import type { Window } from '../../pipeline/types.ts';
import type { LookReader } from '../compute/look-reader.ts';
import type { MeanLook } from './parcel-means.ts';

/**
 * A look for `parcelMeans` from a reader of one scene: clouds and their rims are not seen.
 *
 * @param bands how many of the reader's first bands the means are of
 */
export function meanLook(
  reader: LookReader,
  { date, gsdM, bands }: { readonly date: string; readonly gsdM: number; readonly bands: number },
): MeanLook {
  return {
    date,
    async read(keep) {
      const read: Window = {
        col: keep.col - cloudHaloPx,
        row: keep.row - cloudHaloPx,
        width: keep.width + 2 * cloudHaloPx,
        height: keep.height + 2 * cloudHaloPx,
      };
      const look = await reader.look(read);
      const { raster } = look;
      const cloud = look.clouds === null ? null : unobservedFrom(look.clouds, raster, gsdM);
      const reasons = cropPlane(reasonsOf({ ...look, cloud, shadow: null }), read, keep);
      const [count, whole] = [keep.width * keep.height, read.width * read.height];
      const data = new Float32Array(bands * count);
      for (let band = 0; band < bands; band++)
        data.set(cropPlane(raster.data.subarray(band * whole, (band + 1) * whole), read, keep), band * count);
      const seen = reasons.map((reason) => (reason === seenCode ? 1 : 0));
      return { raster: { data, width: keep.width, height: keep.height, bands }, seen };
    },
  };
}
