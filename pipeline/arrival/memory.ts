import { errorTable } from '../errors.ts';

/** What is remembered of a pair that was begun once. */
export interface RememberedPair {
  readonly state: 'begun' | 'ended' | 'superseded';
  /** of the files when it was begun */
  readonly files: readonly { readonly path: string; readonly version: string }[];
  /** how its run ended; of a failed one the code of its error */
  readonly outcome: string | null;
  /** state of its run since it was begun; null: no run yet */
  readonly runState: string | null;
}

/** Whether the files of a pair are still what they were when it was begun. */
export const isUnchanged = ({ files }: Pick<RememberedPair, 'files'>, versions: ReadonlyMap<string, string>): boolean =>
  files.every(({ path, version }) => versions.get(path) === version);

/**
 * What to do about a pair that is ready: `run` it; `adopt` the run that ended while nobody looked (a kill between the
 * end and the note of it); nothing more, as it is `done`.
 *
 * @param versions of the files now
 */
export function nextStep(
  known: RememberedPair | null,
  versions: ReadonlyMap<string, string>,
): 'run' | 'adopt' | 'done' {
  if (known === null || known.state === 'superseded') return 'run';
  if (known.state === 'ended') return mayPass(known.outcome) ? 'run' : 'done';
  const hasEnded = known.runState !== null && !['running', 'interrupted'].includes(known.runState);
  // other files now: the run may have read some of both
  return hasEnded && isUnchanged(known, versions) ? 'adopt' : 'run';
}

/** Whether a failure may be another one next time: a disk that was full, a share that was away. */
function mayPass(outcome: string | null): boolean {
  return Object.entries(errorTable).some(([code, { retry }]) => code === outcome && retry === 'backoff');
}

export interface NamedPair {
  readonly id: string;
  readonly after: { readonly id: string; readonly name: string };
}

/**
 * Which remembered pairs others took the place of: of the same later scene, or of another version of it. A pair whose
 * scenes were merely taken away stays.
 *
 * @param current pairs that are ready now and have ended
 * @param newerName names of scenes of which another version is used → its name
 */
export function supersededBy<P extends NamedPair>(
  known: readonly P[],
  current: readonly NamedPair[],
  newerName: ReadonlyMap<string, string>,
): readonly P[] {
  const ids = new Set(current.map(({ id }) => id));
  return known.filter(({ id, after }) => {
    if (ids.has(id)) return false;
    const name = newerName.get(after.name) ?? after.name;
    return current.some((pair) => pair.after.id === after.id || pair.after.name === name);
  });
}
