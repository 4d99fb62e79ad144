import type { CoverClass, CoverName } from './cover.ts';
import type { BlockUse } from './sketch.ts';

/** Values of the truth raster of changes. */
export const categoryCodes = { 'non-farm': 1, 'non-grain': 2, recovered: 3, other: 4, review: 5 } as const;
export type Category = keyof typeof categoryCodes;

export interface ChangeKind {
  readonly id: string;
  readonly zh: string;
  readonly category: Category;
  /** where it happens */
  readonly host: BlockUse;
  readonly classBefore: CoverClass;
  readonly classAfter: CoverClass;
  /** DLBM that a survey would give it */
  readonly codeAfter: string;
  /** least and greatest area (m²), log-uniform */
  readonly areaM2: readonly [number, number];
  /** days from the first sign to the end of the works */
  readonly worksDays: readonly [number, number];
  /** share of all changes */
  readonly weight: number;
  /** share with a permit */
  readonly lawful: number;
  readonly shape: 'patch' | 'strip' | 'parcel';
  /** what is seen while the works last */
  readonly site: CoverName;
  /** at a few metres: nets, stacks and frames while the works last */
  readonly isWorks?: true;
  readonly final: 'factory' | 'house' | 'pond' | 'greenhouse' | 'fields' | CoverName;
}
