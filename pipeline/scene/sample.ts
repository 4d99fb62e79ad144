import type { GeotiffFile } from '../raster/geotiff.ts';
import type { Window } from '../types.ts';

/** What a bounded number of pixels of one band shows. */
export interface BandSample {
  /** pixels looked at */
  readonly pixels: number;
  /** neither nodata nor NaN nor masked */
  readonly valid: number;
  readonly nan: number;
  /** share of the valid values in -0.2..2, the range of reflectance as a fraction */
  readonly unitFraction: number;
}

export interface FileSample {
  readonly bands: readonly BandSample[];
  /** true: every pixel was read */
  readonly isWhole: boolean;
}

const wholePx = 2_000_000;
const stripPx = 500_000;
const windowPx = 128;
const windowsASide = 5;

/** Windows that cover a small file, or 25 windows spread over a large one, its last corner included. */
export function sampleWindows(width: number, height: number): { windows: Window[]; isWhole: boolean } {
  const windows: Window[] = [];
  if (width * height <= wholePx) {
    const rows = Math.max(1, Math.floor(stripPx / width));
    for (let row = 0; row < height; row += rows)
      windows.push({ col: 0, row, width, height: Math.min(rows, height - row) });
    return { windows, isWhole: true };
  }
  const [w, h] = [Math.min(windowPx, width), Math.min(windowPx, height)];
  for (let i = 0; i < windowsASide; i++) {
    for (let j = 0; j < windowsASide; j++) {
      const at = (index: number, room: number) => Math.round((index * room) / (windowsASide - 1));
      windows.push({ col: at(j, width - w), row: at(i, height - h), width: w, height: h });
    }
  }
  return { windows, isWhole: false };
}

/**
 * Reads a sample of a file.
 *
 * @param nodata one a band; null: none
 * @param usesMask false where the alpha band is a band like any other
 * @throws AppError INPUT_INVALID when a block cannot be read
 */
export async function sampleFile(
  file: GeotiffFile,
  nodata: readonly (number | null)[],
  usesMask: boolean,
): Promise<FileSample> {
  const { windows, isWhole } = sampleWindows(file.width, file.height);
  const indices = file.bands.map((_, index) => index);
  const counts = indices.map(() => ({ pixels: 0, valid: 0, nan: 0, unit: 0 }));
  const isMasked = usesMask && (file.alphaIndex !== null || file.hasMask);
  for (const window of windows) {
    const [{ data }, mask] = [await file.readWindow(window, indices), isMasked ? await file.readMask(window) : null];
    const size = window.width * window.height;
    counts.forEach((count, band) => {
      const declared = nodata[band] ?? null;
      const missing = declared !== null && data instanceof Float32Array ? Math.fround(declared) : declared;
      for (let i = 0; i < size; i++) {
        const value = data[band * size + i] ?? Number.NaN;
        count.pixels++;
        if (Number.isNaN(value)) count.nan++;
        else if (value !== missing && mask?.[i] !== 0) {
          count.valid++;
          if (value >= -0.2 && value <= 2) count.unit++;
        }
      }
    });
  }
  return {
    isWhole,
    bands: counts.map(({ pixels, valid, nan, unit }) => ({
      pixels,
      valid,
      nan,
      unitFraction: valid > 0 ? unit / valid : 0,
    })),
  };
}
