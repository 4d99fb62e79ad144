import type { Shape } from './shape.ts';

/** What the ground may have become, as truth and product call it. */
export const scoredCategories = ['non-farm', 'non-grain', 'recovered', 'other', 'review'] as const;
export type ScoredCategory = (typeof scoredCategories)[number];
export const sizeClasses = ['below-minimum', 'small', 'medium', 'large'] as const;
export type SizeClass = (typeof sizeClasses)[number];

/** A change that happened between the two looks. */
export interface TrueChange {
  readonly id: string;
  readonly kind: string;
  readonly zh: string;
  readonly category: ScoredCategory;
  /** class on the second look; bare while works last */
  readonly classAfter: string;
  readonly isLawful: boolean;
  readonly areaM2: number;
  /** from which area on the product is to suspect it (m²) */
  readonly minAreaM2: number;
  readonly sizeClass: SizeClass;
  /** share that neither cloud nor shadow hid on either look */
  readonly clearFraction: number;
  /** share that the run says it observed */
  readonly observedFraction: number;
  readonly shape: Shape;
}

/** A patch of a run. */
export interface FoundPatch {
  readonly id: string;
  /** null: the run judged no categories */
  readonly category: ScoredCategory | 'none' | null;
  readonly state: 'suspected' | 'watch';
  readonly classBefore: string;
  readonly classAfter: string;
  readonly areaM2: number;
  /** share under true cloud on either look */
  readonly cloudFraction: number;
  /** share in true shadow of cloud, penumbra included, on either look */
  readonly shadowFraction: number;
  readonly shape: Shape;
}

/** `found` as the product should say it; `review`: a patch, but of another category; `watch`: a patch below the minimum. */
export type Outcome = 'found' | 'review' | 'watch' | 'missed' | 'unobserved';

export interface Tally {
  readonly total: number;
  readonly found: number;
  readonly review: number;
  readonly watch: number;
  readonly missed: number;
  readonly unobserved: number;
}

export interface PatchTally {
  readonly total: number;
  readonly right: number;
  readonly wrong: number;
}

export interface Score {
  /** null of none */
  readonly recall: number | null;
  /** the same over what the run says it observed */
  readonly recallObserved: number | null;
  readonly precision: number | null;
  /** share of the changes found whose very category was said; null where the run judged none */
  readonly sameCategory: number | null;
  /** unlawful non-farm and non-grain changes above the minimum area, clear on both looks */
  readonly wanted: Tally;
  readonly suspected: PatchTally;
  readonly byCategory: Readonly<Record<ScoredCategory, Tally>>;
  /** non-farm and non-grain, of every size */
  readonly bySize: Readonly<Record<SizeClass, Tally>>;
  /** wanted ones by what happened */
  readonly byKind: Readonly<Record<string, Tally>>;
  /** lawful ones above the minimum area, of every category */
  readonly lawful: Tally;
  readonly patchesByCategory: Readonly<Record<string, PatchTally>>;
  readonly patchesBySize: Readonly<Record<'medium' | 'large' | 'small', PatchTally>>;
  /** patches of any state of which more than half lies under true cloud */
  readonly onCloud: readonly string[];
  /** patches of any state of which more than half lies in true shadow, and less than half on changed ground */
  readonly inShadow: readonly string[];
  readonly missed: readonly {
    readonly id: string;
    readonly kind: string;
    readonly areaM2: number;
    readonly outcome: Outcome;
  }[];
  readonly wrong: readonly {
    readonly id: string;
    readonly category: string | null;
    readonly classBefore: string;
    readonly classAfter: string;
    readonly areaM2: number;
    readonly shadowFraction: number;
  }[];
}
