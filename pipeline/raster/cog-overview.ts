import type { Raster, Samples } from '../types.ts';

/**
 * How four pixels become one: `mode` the most frequent, ties to the lowest (classes); `nearest` the upper left;
 * `average` the mean, halves up (continuous). `mode` and `average` skip nodata unless all four are.
 */
export type OverviewMethod = 'mode' | 'nearest' | 'average';

/** An array of the same sample type. */
export function samplesLike(model: Samples, length: number): Samples {
  if (model instanceof Uint8Array) return new Uint8Array(length);
  if (model instanceof Int8Array) return new Int8Array(length);
  if (model instanceof Uint16Array) return new Uint16Array(length);
  if (model instanceof Int16Array) return new Int16Array(length);
  if (model instanceof Uint32Array) return new Uint32Array(length);
  if (model instanceof Int32Array) return new Int32Array(length);
  if (model instanceof Float32Array) return new Float32Array(length);
  return new Float64Array(length);
}

function lowestMode(values: readonly number[], nodata: number | null): number {
  let best = nodata ?? 0;
  let bestCount = 0;
  for (const value of values) {
    if (value === nodata || Number.isNaN(value)) continue;
    let count = 0;
    for (const other of values) if (other === value) count++;
    if (count > bestCount || (count === bestCount && value < best)) [best, bestCount] = [value, count];
  }
  return bestCount === 0 ? (values[0] ?? best) : best;
}

function meanOfSeen(values: readonly number[], nodata: number | null, isInteger: boolean): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === nodata || Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  if (count === 0) return values[0] ?? 0;
  return isInteger ? Math.floor(sum / count + 0.5) : sum / count;
}

/**
 * Half the size in both directions, odd last rows and columns paired with themselves.
 *
 * @param nodata value that means "not seen", or null
 */
export function halveRaster(source: Raster<Samples>, method: OverviewMethod, nodata: number | null): Raster<Samples> {
  const width = Math.ceil(source.width / 2);
  const height = Math.ceil(source.height / 2);
  const from = source.data;
  const data = samplesLike(from, width * height * source.bands);
  const isInteger = !(from instanceof Float32Array || from instanceof Float64Array);
  let at = 0;
  for (let band = 0; band < source.bands; band++) {
    for (let row = 0; row < height; row++) {
      const upper = (band * source.height + 2 * row) * source.width;
      const lower = 2 * row + 1 < source.height ? upper + source.width : upper;
      for (let col = 0; col < width; col++) {
        const left = 2 * col;
        const right = left + 1 < source.width ? left + 1 : left;
        const a = from[upper + left]!;
        const b = from[upper + right]!;
        const c = from[lower + left]!;
        const d = from[lower + right]!;
        // most 2×2 cells of class rasters are of one value
        if (method === 'nearest' || (a === b && a === c && a === d)) data[at++] = a;
        else if (method === 'mode') data[at++] = lowestMode([a, b, c, d], nodata);
        else data[at++] = meanOfSeen([a, b, c, d], nodata, isInteger);
      }
    }
  }
  return { data, width, height, bands: source.bands };
}
