import { changesElsewhere } from './change-elsewhere.ts';
import { changesOnField, fineChangesOnField } from './change-on-field.ts';
import type { ChangeKind } from './change-type.ts';

/** Everything that may happen to the land, cropland first. */
export const changeKinds = [...changesOnField, ...changesElsewhere] as const;

/** The same with what only a few metres show. */
const fineChangeKinds: readonly ChangeKind[] = [...changeKinds, ...fineChangesOnField];

export const kindsAt = (isFine: boolean): readonly ChangeKind[] => (isFine ? fineChangeKinds : changeKinds);

export type ChangeKindId = (typeof changeKinds)[number]['id'];

const byId = new Map<string, ChangeKind>(changeKinds.map((kind) => [kind.id, kind]));

export const changeKind = (id: ChangeKindId): ChangeKind => byId.get(id)!;
