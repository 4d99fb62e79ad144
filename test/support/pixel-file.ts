import type { PixelFile } from '../../pipeline/raster/on-grid.ts';
import type { BandName, Raster, SceneBand, Samples, Window } from '../../pipeline/types.ts';

export interface PixelFileOptions {
  readonly width: number;
  readonly height: number;
  /** `[band][row][col]` */
  readonly data: Samples;
  /** 1 = valid */
  readonly mask?: Uint8Array;
}

/** A file whose pixels are in memory: the reader's twin for tests of what is done with pixels. Records what was read. */
export function pixelFile(options: PixelFileOptions): PixelFile & { readonly reads: Window[] } {
  const { width, height, data, mask } = options;
  const reads: Window[] = [];
  const requireInside = ({ col, row, width: w, height: h }: Window) => {
    if (col < 0 || row < 0 || w <= 0 || h <= 0 || col + w > width || row + h > height)
      throw new RangeError(`window ${col},${row} ${w}x${h} outside ${width}x${height}`);
  };
  return {
    uri: 'memory',
    width,
    height,
    alphaIndex: null,
    hasMask: mask !== undefined,
    reads,
    async readWindow(window, bands): Promise<Raster<Samples>> {
      requireInside(window);
      reads.push(window);
      const cut = data.slice(0, 0).constructor as new (length: number) => Samples;
      const out = new cut(bands.length * window.width * window.height);
      let at = 0;
      for (const band of bands) {
        for (let r = 0; r < window.height; r++, at += window.width) {
          const from = (band * height + window.row + r) * width + window.col;
          out.set(data.subarray(from, from + window.width), at);
        }
      }
      return { data: out, width: window.width, height: window.height, bands: bands.length };
    },
    async readMask(window) {
      requireInside(window);
      const out = new Uint8Array(window.width * window.height).fill(1);
      if (mask !== undefined) {
        for (let r = 0; r < window.height; r++) {
          const from = (window.row + r) * width + window.col;
          out.set(mask.subarray(from, from + window.width), r * window.width);
        }
      }
      return out;
    },
  };
}

/** A band of the first file, as it is (scale 1). */
export function plainBand(index: number, options: Partial<SceneBand> & { readonly name?: BandName } = {}): SceneBand {
  return { name: 'red', file: 0, index, dtype: 'uint16', nodata: null, scale: 1, offset: 0, ...options };
}
