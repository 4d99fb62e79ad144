import type { LandClass } from '../types.ts';
import type { Manifest, PatchProperties, Summary } from './formats.ts';
import type { ProjectFinding } from './project-table.ts';

/** A picture inside the page. */
export interface Picture {
  /** `data:image/…;base64,…` */
  readonly dataUri: string;
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
}

/** A patch as the page draws it. */
export interface ReportPatch {
  /** 1-based rank by area, the label on the map */
  readonly rank: number;
  readonly properties: PatchProperties;
  /** `[longitude, latitude]` of a point inside */
  readonly centreDeg: readonly [number, number];
  /** rings in map picture pixels, simplified for display */
  readonly mapRings: readonly (readonly (readonly [number, number])[])[];
  /** before and after cut-outs with the outline burnt in; only the largest have them */
  readonly chips: { readonly before: Picture; readonly after: Picture } | null;
}

/** How a category is named and drawn. */
export interface CategoryStyle {
  readonly name: PatchProperties['category'];
  readonly zh: string;
  readonly en: string;
  /** `#rrggbb` */
  readonly colour: string;
}

export interface ReportInput {
  readonly summary: Summary;
  readonly manifest: Omit<Manifest, 'outputs' | 'timing'>;
  readonly classes: readonly LandClass[];
  readonly categories: readonly CategoryStyle[];
  /** one row a project, work and town; empty without projects */
  readonly projects: readonly ProjectFinding[];
  readonly map: { readonly before: Picture; readonly after: Picture; readonly metresPerPx: number };
  /** the foremost ones by rank; `summary` counts all */
  readonly patches: readonly ReportPatch[];
}
