import type { FramePolygon } from '../parcel/layer.ts';
import type { FrameCentre } from '../geo/frame.ts';
import { unseenReasons, type UnseenReason } from './ground-code.ts';

export const lookKinds = ['satellite', 'uav', 'tower', 'ground'] as const;
export type LookKind = (typeof lookKinds)[number];

/** One look at the ground: a scene, a photo, a visit. */
export interface LookFact {
  /** of a scene its id */
  readonly id: string;
  /** ISO date */
  readonly date: string;
  readonly sensor: string | null;
  readonly gsdM: number;
  readonly kind: LookKind;
}

/** What one program, model and set of layers read out of a look. */
export interface ReadingFact {
  /** sha256 over look, reference and all that shaped the result */
  readonly id: string;
  readonly look: string;
  /** what changes are told against: a look or a series; '' = nothing is said of change */
  readonly reference: string;
  /** ISO date of it, null where there is none */
  readonly referenceDate: string | null;
  /** names of classes by code */
  readonly classes: Readonly<Record<string, string>>;
  /** model, layers, rules: small */
  readonly facts: Readonly<Record<string, unknown>>;
}

export type UnseenM2 = Readonly<Record<UnseenReason, number>>;

/** How much of a subject a reading saw, and why not the rest; area = seen + unseen. */
export interface ObservationFact {
  readonly subject: 'sub-project' | 'town' | 'survey' | 'patch' | 'track';
  readonly subjectId: string;
  /** 9 digits, '' where the subject is not divided by town */
  readonly town: string;
  readonly areaM2: number;
  readonly seenM2: number;
  readonly unseenM2: UnseenM2;
  /** sha256 of the outline that the cells were laid in */
  readonly outline: string;
  /** ground codes by cell; of a survey, one byte a parcel (share seen × 250); null = not kept */
  readonly cells: Uint8Array | null;
}

/** One patch that a reading shows as other ground than at its reference. */
export interface SightingFact {
  readonly id: string;
  readonly category: 'non-farm' | 'non-grain' | 'recovered' | 'other' | 'review';
  readonly classBefore: string;
  readonly classAfter: string;
  readonly areaM2: number;
  readonly probability: number;
  readonly centre: FrameCentre;
  /** frame metres */
  readonly polygons: readonly FramePolygon[];
}

/** A reading with all that it says. */
export interface ReadLook {
  readonly look: LookFact;
  readonly reading: ReadingFact;
  readonly observations: readonly ObservationFact[];
  readonly sightings: readonly SightingFact[];
}

/** Areas by reason, all from one function. */
export const unseenM2By = (areaOf: (reason: UnseenReason) => number): UnseenM2 =>
  Object.fromEntries(unseenReasons.map((reason) => [reason, areaOf(reason)])) as Record<UnseenReason, number>;
