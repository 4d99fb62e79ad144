import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestSchema } from '../../pipeline/report/formats.ts';
import type { SeenScene } from '../database/scene-rows.ts';
import { manifestName } from './out-folder.ts';
import { loadPlan } from './run-plan.ts';

/**
 * Both scenes of a run that was reported, with the hashes of its manifest.
 *
 * @param folder of the run, with its plan
 * @param out folder of the result
 */
export async function seenScenes(folder: string, out: string): Promise<readonly SeenScene[]> {
  const plan = loadPlan(folder);
  const { inputs } = manifestSchema.parse(JSON.parse(await readFile(join(out, manifestName), 'utf8')));
  return (['before', 'after'] as const).map((role) => {
    const files = inputs.filter((input) => input.role === role).map(({ file, sha256 }) => ({ file, sha256 }));
    const hash = createHash('sha256');
    for (const { sha256 } of files) hash.update(sha256);
    const { acquired, sensor, gsdM } = plan[role].scene;
    return { id: hash.digest('hex'), files, acquired, sensor, gsdM };
  });
}
