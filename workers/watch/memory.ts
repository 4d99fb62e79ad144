import type { Home } from '../home.ts';
import { protocolVersion } from '../queue/protocol.ts';
import { ask, hasDatabase } from '../registry/door.ts';
import type { KnownPair, PairClaim, WatchedPair } from './watched-pair.ts';

const version = protocolVersion;

/** What watches have begun for a folder of results. */
export async function recallPairs(home: Home, folder: string): Promise<readonly KnownPair[]> {
  if (!(await hasDatabase(home))) return [];
  return (await ask(home, { version, ask: 'registry-watched', folder }, 'watched')).pairs;
}

/** URIs of kept documents that remembered pairs were made from. */
export async function recallItems(home: Home): Promise<readonly string[]> {
  if (!(await hasDatabase(home))) return [];
  return (await ask(home, { version, ask: 'registry-needed-items' }, 'needed-items')).items;
}

/** Whether a pair is to be run, for whoever asks first; see `claimPair`. */
export async function askClaim(home: Home, pair: WatchedPair): Promise<PairClaim> {
  return (await ask(home, { version, ask: 'registry-claim-pair', pair }, 'claimed-pair')).claim;
}

export async function rememberPairs(home: Home, pairs: readonly WatchedPair[]): Promise<void> {
  await ask(home, { version, ask: 'registry-remember', pairs: [...pairs] }, 'remembered');
}
