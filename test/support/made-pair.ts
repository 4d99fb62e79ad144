import type { PairBlock } from '../../pipeline/pair/block.ts';
import type { Raster } from '../../pipeline/types.ts';

/** Numbers 0..1 that are the same in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Reflectance of field, forest, town, water and soil in blue, green, red, nir. */
const covers = [
  [0.11, 0.12, 0.1, 0.3],
  [0.09, 0.08, 0.06, 0.22],
  [0.15, 0.16, 0.17, 0.2],
  [0.1, 0.09, 0.06, 0.04],
  [0.14, 0.17, 0.22, 0.28],
] as const;

/** A patchwork of rectangular fields, four bands with texture, `[band][row][col]`. */
export function madeLandscape(width: number, height: number, seed = 1): Raster<Float32Array> {
  const random = randomNumbers(seed);
  const fieldPx = 11;
  const across = Math.ceil(width / fieldPx) + 1;
  const fields = Array.from({ length: across * (Math.ceil(height / fieldPx) + 1) }, () => {
    const cover = covers[Math.floor(random() * covers.length)]!;
    const light = 0.85 + 0.3 * random();
    return cover.map((value) => value * light);
  });
  const data = new Float32Array(4 * width * height);
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      const skew = Math.floor((col + row / 5) / fieldPx) % across;
      const field = fields[Math.floor(row / fieldPx) * across + skew]!;
      const texture = 1 + 0.06 * (random() - 0.5);
      for (let band = 0; band < 4; band++) data[(band * height + row) * width + col] = field[band]! * texture;
    }
  }
  return { data, width, height, bands: 4 };
}

/** The raster seen at p + (col, row), bilinear, its own edge beyond it. */
export function moved(raster: Raster, col: number, row: number): Raster<Float32Array> {
  const { width, height, bands } = raster;
  const data = new Float32Array(raster.data.length);
  const at = (band: number, r: number, c: number): number =>
    raster.data[(band * height + Math.min(height - 1, Math.max(0, r))) * width + Math.min(width - 1, Math.max(0, c))]!;
  const [c0, r0] = [Math.floor(col), Math.floor(row)];
  const [fc, fr] = [col - c0, row - r0];
  for (let band = 0; band < bands; band++) {
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width; c++) {
        const [y, x] = [r + r0, c + c0];
        const top = at(band, y, x) * (1 - fc) + at(band, y, x + 1) * fc;
        const bottom = at(band, y + 1, x) * (1 - fc) + at(band, y + 1, x + 1) * fc;
        data[(band * height + r) * width + c] = top * (1 - fr) + bottom * fr;
      }
    }
  }
  return { data, width, height, bands };
}

/** Noise, another atmosphere and, where `isChanged`, a bright roof instead of what was there. */
export function secondDate(
  first: Raster,
  isChanged: (col: number, row: number) => boolean,
  { seed = 7, gain = 1.2, offset = 0.02, noise = 0.003 } = {},
): Raster<Float32Array> {
  const random = randomNumbers(seed);
  const roof = [0.32, 0.33, 0.34, 0.36];
  const { width, height, bands } = first;
  const data = Float32Array.from(first.data, (value, i) => {
    const [band, row, col] = [Math.floor(i / (width * height)), Math.floor(i / width) % height, i % width];
    const ground = isChanged(col, row) ? roof[band % 4]! : value;
    return gain * (ground + noise * 3.46 * (random() - 0.5)) + offset;
  });
  return { data, width, height, bands };
}

export function wholeBlock(before: Raster, after: Raster): PairBlock {
  return { before, after, observed: new Uint8Array(before.width * before.height).fill(1) };
}

export function cropped(
  { data, width, height, bands }: Raster,
  col: number,
  row: number,
  side: number,
): Raster<Float32Array> {
  const out = new Float32Array(bands * side * side);
  for (let band = 0; band < bands; band++) {
    for (let r = 0; r < side; r++) {
      for (let c = 0; c < side; c++) {
        out[(band * side + r) * side + c] = Number(data[(band * height + row + r) * width + col + c]);
      }
    }
  }
  return { data: out, width: side, height: side, bands };
}
