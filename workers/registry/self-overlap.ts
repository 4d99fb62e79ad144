import { type ParcelLayer, polygonsOf } from '../../pipeline/parcel/layer.ts';
import { overlayAll } from '../../pipeline/parcel/overlay.ts';
import type { ParcelIndex } from '../../pipeline/parcel/parcel-index.ts';

export interface SelfOverlap {
  /** positions in the layer, the smaller first */
  readonly features: readonly [number, number];
  readonly areaM2: number;
}

/** Pairs of features of one layer that share more than `leastM2`, in the order of the features; each pair is measured once. */
export function selfOverlaps(layer: ParcelLayer, index: ParcelIndex, leastM2: number): readonly SelfOverlap[] {
  const found: SelfOverlap[] = [];
  for (let feature = 0; feature < layer.featureCount; feature++) {
    const later: ParcelIndex = {
      ...index,
      featuresIn: (...box) => index.featuresIn(...box).filter((other) => other > feature),
    };
    for (const share of overlayAll(later, polygonsOf(layer, feature)))
      if (share.areaM2 > leastM2) found.push({ features: [feature, share.feature], areaM2: share.areaM2 });
  }
  return found;
}
