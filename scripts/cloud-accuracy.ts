import { cloudClass, unobservedFrom } from '../pipeline/pair/cloud-class.ts';
import { fitCloudStatistics } from '../pipeline/pair/cloud-statistics.ts';
import { maskClouds, type CloudSettings } from '../pipeline/pair/cloud.ts';
import type { CloudScene } from './cloud-scenes.ts';

/** Pixels found and labelled, found alone, labelled alone. */
export interface Counts {
  readonly hit: number;
  readonly extra: number;
  readonly missed: number;
}

export interface CloudScore {
  readonly scene: CloudScene;
  readonly mask: Uint8Array;
  /** cloud class against thick label; pixels labelled thin take no part */
  readonly thick: Counts;
  /** the same with pixels labelled thin as "no cloud" */
  readonly thickStrict: Counts;
  readonly thin: Counts;
  /** cloud or thin against thick or thin label */
  readonly any: Counts;
  /** null where shadow is not labelled */
  readonly shadow: Counts | null;
  /** fractions of the valid pixels */
  readonly share: {
    readonly cloud: number;
    readonly thin: number;
    readonly shadow: number;
    readonly unobserved: number;
  };
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { hit: a.hit + b.hit, extra: a.extra + b.extra, missed: a.missed + b.missed };
}

/** User's accuracy (of what was found, how much is right), producer's accuracy (of what is there, how much was found), F1. */
export function accuracyOf({ hit, extra, missed }: Counts): { user: number; producer: number; f1: number } {
  return { user: hit / (hit + extra), producer: hit / (hit + missed), f1: (2 * hit) / (2 * hit + extra + missed) };
}

function count(found: (i: number) => boolean, labelled: (i: number) => boolean | null, pixels: number): Counts {
  let [hit, extra, missed] = [0, 0, 0];
  for (let i = 0; i < pixels; i++) {
    const truth = labelled(i);
    if (truth === null) continue;
    if (found(i) && truth) hit++;
    else if (found(i)) extra++;
    else if (truth) missed++;
  }
  return { hit, extra, missed };
}

const nothing: Counts = { hit: 0, extra: 0, missed: 0 };

/** Run the mask over a whole scene as one window and compare it with the labels, before any dilation. */
export function scoreScene(scene: CloudScene, settings?: CloudSettings): CloudScore {
  const { raster, bands, gsdM, truth } = scene;
  const mask = maskClouds({
    raster,
    bands,
    gsdM,
    statistics: fitCloudStatistics([raster], bands),
    ...(settings && { settings }),
  });
  const isCloud = (i: number): boolean => mask[i] === cloudClass.cloud;
  const isThin = (i: number): boolean => mask[i] === cloudClass.thin;
  const isShadow = (i: number): boolean => mask[i] === cloudClass.shadow;
  const shareOf = (is: (i: number) => boolean): number => {
    const observed = count(is, (i) => (mask[i] === cloudClass.nodata ? null : true), mask.length);
    return observed.hit / (observed.hit + observed.missed);
  };
  const unobserved = unobservedFrom(mask, raster, gsdM);
  const common = {
    scene,
    mask,
    share: {
      cloud: shareOf(isCloud),
      thin: shareOf(isThin),
      shadow: shareOf(isShadow),
      unobserved: shareOf((i) => unobserved[i] === 1),
    },
  };
  if (!truth) return { ...common, thick: nothing, thickStrict: nothing, thin: nothing, any: nothing, shadow: null };
  const { thick, thin, shadow, hasShadow } = truth;
  return {
    ...common,
    thick: count(isCloud, (i) => (thin[i] === 1 ? null : thick[i] === 1), mask.length),
    thickStrict: count(isCloud, (i) => thick[i] === 1, mask.length),
    thin: count(isThin, (i) => thin[i] === 1, mask.length),
    any: count(
      (i) => isCloud(i) || isThin(i),
      (i) => thick[i] === 1 || thin[i] === 1,
      mask.length,
    ),
    shadow: hasShadow ? count(isShadow, (i) => shadow[i] === 1, mask.length) : null,
  };
}
