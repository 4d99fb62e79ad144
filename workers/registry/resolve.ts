import { AppError } from '../../pipeline/errors.ts';
import {
  type LayerChoice,
  type LayerKind,
  type LayerRef,
  baselineKinds,
  projectKinds,
} from '../../pipeline/parcel/layer-ref.ts';

/** A version as it is chosen from: `number` tells apart the sets of projects of one date. */
export interface Candidate {
  readonly ref: LayerRef;
  readonly number: number;
}

export interface LayerQuestion {
  readonly baseline: LayerChoice;
  readonly project: LayerChoice;
}

/**
 * The layers a run uses, one a kind and zone, in the order of `layerKinds`.
 *
 * @param candidates all versions, in any order
 * @param onDate `current` is the newest as of this day or earlier; null: the newest of all
 * @throws AppError NOT_FOUND, CONFLICT unless each id's beginning names exactly one layer; CONFLICT when two
 *   named layers are of one kind and zone
 */
export function resolveLayers(
  candidates: readonly Candidate[],
  question: LayerQuestion,
  onDate: string | null,
): readonly LayerRef[] {
  const newestFirst = candidates.toSorted((a, b) => compareNewest(b, a));
  return [
    ...choose(newestFirst, { choice: question.baseline, kinds: baselineKinds, onDate }),
    ...choose(newestFirst, { choice: question.project, kinds: projectKinds, onDate }),
  ];
}

function compareNewest(a: Candidate, b: Candidate): number {
  if (a.ref.asOf !== b.ref.asOf) return a.ref.asOf < b.ref.asOf ? -1 : 1;
  return a.number - b.number;
}

const placeOf = ({ kind, zone }: LayerRef): string => `${kind}/${zone ?? ''}`;

function choose(
  newestFirst: readonly Candidate[],
  how: { readonly choice: LayerChoice; readonly kinds: readonly LayerKind[]; readonly onDate: string | null },
): readonly LayerRef[] {
  const { choice, kinds, onDate } = how;
  if (choice === 'none') return [];
  const refs = newestFirst.map(({ ref }) => ref).filter(({ kind }) => kinds.includes(kind));
  const chosen =
    choice === 'current'
      ? firstOfEach(refs.filter(({ asOf }) => onDate === null || asOf <= onDate))
      : distinct(choice.map((start) => named(refs, start)));
  const order = (ref: LayerRef): string => `${kinds.indexOf(ref.kind)}/${ref.zone ?? ''}`;
  return chosen.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

function firstOfEach(refs: readonly LayerRef[]): readonly LayerRef[] {
  const found = new Map<string, LayerRef>();
  for (const ref of refs) if (!found.has(placeOf(ref))) found.set(placeOf(ref), ref);
  return [...found.values()];
}

function named(refs: readonly LayerRef[], start: string): LayerRef {
  const found = refs.filter(({ id }) => id.startsWith(start.toLowerCase()));
  const [newest] = found;
  const todo = 'List them with `tianwatch baseline list` and `tianwatch project list`.';
  if (!newest || start === '') throw new AppError('NOT_FOUND', `There is no imported layer ${start}.`, todo);
  // one content may be the version of several dates
  if (found.every(({ id }) => id === newest.id)) return newest;
  const count = new Set(found.map(({ id }) => id)).size;
  throw new AppError('CONFLICT', `${count} layers begin with ${start}.`, 'Give more letters of the id.');
}

function distinct(refs: readonly LayerRef[]): readonly LayerRef[] {
  const found = new Map<string, LayerRef>();
  for (const ref of refs) {
    const other = found.get(placeOf(ref));
    if (other && other.id !== ref.id)
      throw new AppError(
        'CONFLICT',
        `${other.id.slice(0, 12)} (${other.asOf}) and ${ref.id.slice(0, 12)} (${ref.asOf}) are both ${placeOf(ref).replace(/\/$/, '')}.`,
        'Name one layer of each kind.',
      );
    found.set(placeOf(ref), ref);
  }
  return [...found.values()];
}
