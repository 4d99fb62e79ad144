import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../scripts/made-pair.ts';
import { madeAffine, writeMadeScene } from './scene-geotiff.ts';

export const arrivalDates = ['2025-08-15', '2026-08-12'] as const;
const parts = [
  ['10m', ['blue', 'green', 'red', 'nir'], 128],
  ['20m', ['swir16', 'swir22'], 64],
] as const;

/**
 * Scenes of two files as they arrive somewhere: sites of 1.3 km beside each other, two dates each, and of the second date
 * another version in `again`.
 *
 * @returns path by name, as `east_20250815_10m` and `again/east_20260812_10m`
 */
export async function writeArrivals(
  folder: string,
  sites: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  mkdirSync(join(folder, 'again'), { recursive: true });
  const paths: Record<string, string> = {};
  const [a, b, , d, e, f] = madeAffine;
  for (const [number, site] of sites.entries())
    for (const [at, date] of [...arrivalDates, arrivalDates[1]].entries())
      for (const [part, names, side] of parts) {
        const random = seededRandom(100 * number + 10 * at + side);
        const name = `${at === 2 ? 'again/' : ''}${site}_${date.replaceAll('-', '')}_${part}`;
        const scale = 128 / side;
        paths[name] = await writeMadeScene(join(folder, `${name}.tif`), {
          data: Uint16Array.from({ length: names.length * side * side }, () => 500 + Math.floor(3000 * random())),
          width: side,
          height: side,
          names,
          affine: [a * scale, b, 330_000 + 5_000 * number, d, e * scale, f],
          acquired: date,
        });
      }
  return paths;
}
