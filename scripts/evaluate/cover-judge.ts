import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from './place.ts';
import { runProduct, type ProductPlanes } from './product.ts';

const example = new URL('../../docs/examples/dynamic-world.json', import.meta.url);

export interface CoverJudge {
  /** its own run of the pair: cover of both dates, and as `voices.network` 1 − Σ p(before) · p(after) */
  judge(place: Place): Promise<ProductPlanes>;
  close(): void;
}

/**
 * Dynamic World (Brown et al. 2022, doi:10.1038/s41597-022-01307-4), run through the example card, says what is crop land
 * where alarms are counted: it has no part in the decision. It taught cover, so agreement with it is no truth.
 *
 * @returns null where its weights are absent
 */
export function openCoverJudge(data: string): CoverJudge | null {
  const file = join(data, 'dynamicworld/dynamicworld_forward.onnx');
  if (!existsSync(file)) return null;
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-'));
  const path = join(folder, 'dynamic-world.json');
  const card = JSON.parse(readFileSync(example, 'utf8')) as { weights: { file: string } };
  card.weights.file = file;
  writeFileSync(path, JSON.stringify(card));
  return {
    judge: (place) => runProduct(place, path),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
