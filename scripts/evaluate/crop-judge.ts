import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from './place.ts';
import { runProduct } from './product.ts';

const bands = ['blue', 'green', 'red', 'rededge071', 'rededge075', 'rededge078', 'nir', 'swir16', 'swir22'];
const crops = 3;

export interface CropJudge {
  /** 1 = crop land before, `[row][col]` on the grid of the finest before file */
  cropsOf(place: Place): Promise<Uint8Array>;
  close(): void;
}

/**
 * Dynamic World (Brown et al. 2022, doi:10.1038/s41597-022-01307-4) says what is crop land where alarms are counted: it
 * has no part in the decision.
 *
 * @returns null where its weights are absent
 */
export function openCropJudge(data: string): CropJudge | null {
  const weights = join(data, 'dynamicworld/dynamicworld_forward.onnx');
  if (!existsSync(weights)) return null;
  const bytes = readFileSync(weights);
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-'));
  const path = join(folder, 'dynamic-world.json');
  writeFileSync(
    path,
    JSON.stringify({
      format: 'tianwatch-model-card/1',
      id: 'dynamic-world',
      version: '1',
      kind: 'segmentation',
      status: 'foreign',
      title: { zh: 'Dynamic World 十米地表覆盖', en: 'Dynamic World 10 m land cover' },
      weights: { file: weights, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length },
      classMap: 'cover-6',
      input: {
        tensors: ['dn'],
        bands: bands.map((name) => ({ name })),
        dtype: 'float32',
        layout: 'NCHW',
        scaling: { kind: 'reflectance', multiply: 10000, add: 0 },
        gsdM: [8, 14],
        alignPx: 2,
        haloPx: 32,
      },
      outputs: [
        { kind: 'scores', role: 'cover', tensor: 'prob', activation: 'none', classes: [0, 1, 2, 3, 3, 2, 4, 5, 5] },
      ],
      thresholds: { change: 0.5 },
      licence: 'Apache-2.0',
    }),
  );
  return {
    async cropsOf(place) {
      const { classesBefore } = await runProduct(place, path);
      return classesBefore.map((code) => (code === crops ? 1 : 0));
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
