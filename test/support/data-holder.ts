import { homeAt } from '../../workers/home.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ComposeOptions, compose } from '../../workers/compose.ts';
import { createFarmWork } from '../../workers/compute/farm-work.ts';
import { takeLock } from '../../workers/queue/lock.ts';
import { serveEngine } from '../../workers/queue/serve.ts';

/**
 * Hold a data folder as a running command does, so that many short commands go through one engine: each then starts
 * no database and no threads of its own.
 */
export async function holdData(
  dataFolder: string,
  createWork: ComposeOptions['createWork'] = createFarmWork,
): Promise<{ close(): Promise<void> }> {
  await mkdir(dataFolder, { recursive: true });
  const lock = await takeLock(dataFolder, () => Promise.resolve(false));
  if (!lock) throw new Error(`${dataFolder} is held by somebody else`);
  const composed = await compose({ home: homeAt(dataFolder), threads: 2, createWork });
  const server = await serveEngine(join(dataFolder, 'socket'), composed);
  return {
    async close() {
      server.refuse();
      await composed.close('drain');
      await server.close();
      await lock.release();
    },
  };
}
