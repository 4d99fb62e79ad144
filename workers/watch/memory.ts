import { protocolVersion } from '../queue/protocol.ts';
import { ask, hasDatabase } from '../registry/door.ts';
import type { KnownPair, WatchedPair } from './watched-pair.ts';

const version = protocolVersion;

/** What watches have begun for a folder of results. */
export async function recallPairs(dataFolder: string, folder: string): Promise<readonly KnownPair[]> {
  if (!(await hasDatabase(dataFolder))) return [];
  return (await ask(dataFolder, { version, ask: 'registry-watched', folder }, 'watched')).pairs;
}

export async function rememberPairs(dataFolder: string, pairs: readonly WatchedPair[]): Promise<void> {
  await ask(dataFolder, { version, ask: 'registry-remember', pairs: [...pairs] }, 'remembered');
}
