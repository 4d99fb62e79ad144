/** What looked: a satellite, a drone's mosaic, a tower camera, a person on the spot. */
export const lookKinds = ['satellite', 'uav', 'tower', 'ground'] as const;
export type LookKind = (typeof lookKinds)[number];

/** One look at the ground: a scene, a mosaic, a verdict. */
export interface Look {
  /** id of the scene or verdict; of two reports with one id only one counts */
  readonly id: string;
  /** ISO-8601 date or date-time (UTC) */
  readonly date: string;
  /** null = unknown */
  readonly sensor: string | null;
  readonly gsdM: number;
  readonly kind: LookKind;
  /** the probabilities of its sightings weigh the looks before it too */
  readonly isCumulative?: boolean;
}

/** The day of a look: several looks of one day are no several proofs. */
export const dayOf = (date: string): string => date.slice(0, 10);

/** Days from one date to another, by their calendar days. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(dayOf(to)) - Date.parse(dayOf(from))) / 86_400_000);

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order in which looks are replayed, whatever order they arrive in: by date, then by id. */
export const compareLooks = (a: Look, b: Look): number => byText(a.date, b.date) || byText(a.id, b.id);
