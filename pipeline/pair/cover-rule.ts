import type { Raster } from '../types.ts';
import type { PairStatistics } from './statistics.ts';
export function coverByRule(r: Raster, _s: PairStatistics, _side: 'before' | 'after'): Uint8Array {
  const n = r.width * r.height;
  const out = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const g = r.data[n + i]!,
      red = r.data[2 * n + i]!,
      nir = r.data[3 * n + i]!;
    const ndvi = (nir - red) / (nir + red),
      ndwi = (g - nir) / (g + nir);
    out[i] = ndwi > 0.1 ? 0 : ndvi > 0.35 ? 3 : 4;
  }
  return out;
}
