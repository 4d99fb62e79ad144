import type { BandQuantiles } from '../../models/scene-verdict.ts';
import { readOnGrid } from '../../pipeline/raster/on-grid.ts';
import type { SceneBand } from '../../pipeline/types.ts';
import type { OpenScene } from '../images/open-scene.ts';

const blockPx = 128;
const blocksPerSide = 6;

/** Quantiles of each band over a lattice of at most 36 blocks of 128 × 128 px, NaN left out. */
export async function measureBands(
  { scene, files }: Pick<OpenScene, 'scene' | 'files'>,
  bands: readonly SceneBand[],
): Promise<readonly BandQuantiles[]> {
  const { grid } = scene;
  const fileGrids = scene.files.map((file) => file.grid);
  const values: number[][] = bands.map(() => []);
  for (const row of blockStarts(grid.height))
    for (const col of blockStarts(grid.width)) {
      const size = { width: Math.min(blockPx, grid.width), height: Math.min(blockPx, grid.height) };
      const block = await readOnGrid({ files, fileGrids, bands, grid, window: { row, col, ...size } });
      const pixels = size.width * size.height;
      for (const [band, list] of values.entries())
        for (let k = band * pixels; k < (band + 1) * pixels; k++) {
          const value = block.data[k] ?? Number.NaN;
          if (value === value) list.push(value);
        }
    }
  return bands.map(({ name }, band) => {
    const sorted = Float64Array.from(values[band] ?? []).sort();
    const at = (fraction: number) => sorted[Math.round(fraction * (sorted.length - 1))] ?? Number.NaN;
    return { name, p2: at(0.02), p50: at(0.5), p98: at(0.98) };
  });
}

function blockStarts(sidePx: number): readonly number[] {
  const count = Math.min(blocksPerSide, Math.ceil(sidePx / blockPx));
  const last = Math.max(0, sidePx - blockPx);
  return Array.from({ length: count }, (_, k) => (count === 1 ? 0 : Math.round((k * last) / (count - 1))));
}
