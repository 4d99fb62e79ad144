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
  /** ISO-8601 date of the scene that it alone was compared with: of what changed before that it says nothing */
  readonly comparedWith?: string;
  /** classes whose absence it can vouch for, where it saw the ground as before; absent: of all */
  readonly denies?: readonly string[];
}

/** Finer than any satellite's pixel (m): a camera in the air, even where no file says so. */
const airborneGsdM = 0.25;

/** What took a scene. */
export const kindOfScene = ({ sensor, gsdM }: Pick<Look, 'sensor' | 'gsdM'>): LookKind =>
  sensor === 'uav' || (sensor === null && gsdM < airborneGsdM) ? 'uav' : 'satellite';

/** The day of a look: several looks of one day are no several proofs. */
export const dayOf = (date: string): string => date.slice(0, 10);

/** Days from one date to another, by their calendar days. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(dayOf(to)) - Date.parse(dayOf(from))) / 86_400_000);

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The order in which looks are replayed, whatever order they arrive in: by date, then by id. */
export const compareLooks = (a: Look, b: Look): number => byText(a.date, b.date) || byText(a.id, b.id);
