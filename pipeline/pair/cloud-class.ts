import type { BandName, Scene } from '../types.ts';
import { growDisc, type Extent } from './cloud-box.ts';
import { spectralBands } from './cloud-feature.ts';

/** Values of a cloud mask. */
export const cloudClass = { clear: 0, cloud: 1, thin: 2, shadow: 3, nodata: 4 } as const;

const dilationM = 40;
const dilationLimitPx = 8;

/** Width of the rim that is taken off around cloud, haze and shadow (px). */
export function dilationPx(gsdM: number): number {
  return Math.min(dilationLimitPx, Math.max(1, Math.round(dilationM / gsdM)));
}

/**
 * Which pixels count as not observed: cloud, thin cloud and shadow with a rim of 40 m (1-8 px, a disc), and nodata as it is.
 *
 * @param mask values of `cloudClass`, order `[row][col]`
 * @param gsdM ground sampling distance (m)
 * @returns 1 = not observed
 */
export function unobservedFrom(mask: Uint8Array, extent: Extent, gsdM: number): Uint8Array {
  const veiled = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++)
    veiled[i] = mask[i] === cloudClass.clear || mask[i] === cloudClass.nodata ? 0 : 1;
  const out = growDisc(veiled, extent, dilationPx(gsdM));
  for (let i = 0; i < out.length; i++) if (mask[i] === cloudClass.nodata) out[i] = 1;
  return out;
}

export interface CloudDecision {
  /** where the mask comes from; `none`: nothing is masked and the caller says `reason` */
  readonly source: 'scl' | 'cloudmask' | 'spectral' | 'none';
  readonly reason: string | null;
}

/** Whether and from what a scene gets its cloud mask: its own mask band first, else its spectral bands if they are reflectance. */
export function cloudDecision(
  scene: Pick<Scene, 'radiometry' | 'gsdM'> & { readonly bands: readonly { readonly name: BandName }[] },
): CloudDecision {
  const names = scene.bands.map((band) => band.name);
  if (names.includes('scl')) return { source: 'scl', reason: null };
  if (names.includes('cloudmask')) return { source: 'cloudmask', reason: null };
  if (scene.radiometry === 'dn')
    return {
      source: 'none',
      reason: 'Clouds are not masked: the values are not reflectance, so no brightness threshold holds.',
    };
  const missing = spectralBands.filter((name) => !names.includes(name));
  if (missing.length > 0)
    return { source: 'none', reason: `Clouds are not masked: the scene has no ${missing.join(', ')} band.` };
  if (scene.gsdM < finestGsdM)
    return {
      source: 'none',
      reason: `Clouds are not masked: at ${scene.gsdM.toFixed(2)} m a roof is as large as the window that tells it from a cloud.`,
    };
  return { source: 'spectral', reason: null };
}

/** Below this the largest opening (13 px) no longer exceeds a large roof. */
const finestGsdM = 4;
