/** What an object of the image store is to the house, by the first word of its key. */
export type ObjectKind = 'kept' | 'item' | 'cache' | 'passing';

const kinds: Readonly<Record<string, ObjectKind>> = {
  // an Item of a STAC API: whoever lists it again keeps it again
  'stac-item': 'item',
  // follows from scenes, models and code: lost, it is computed again
  chunk: 'cache',
  series: 'cache',
  territory: 'cache',
  // handed from one process to another within a command or a run
  'series-record': 'passing',
  runs: 'passing',
};

/** A word that nobody has named here is kept: only what is surely made anew is left out or swept. */
export function objectKind(key: string): ObjectKind {
  return kinds[key.slice(0, key.indexOf('/'))] ?? 'kept';
}
