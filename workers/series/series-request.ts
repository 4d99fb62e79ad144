import { createHash } from 'node:crypto';
import type { SceneFlags } from '../../pipeline/scene/hint.ts';

/** What a series is made of and where it goes. */
export interface SeriesRequest extends SceneFlags {
  /** absolute path of a folder, or of a STAC document */
  readonly scenes: string;
  /** first and last day, ISO-8601; null = no limit */
  readonly from: string | null;
  readonly to: string | null;
  /** as of a run: id or path of a card, `auto`, `none` */
  readonly model: string;
  /** `<epsg>:<metres>`; null: the grid of the reference look */
  readonly grid: string | null;
  /** absolute path of a GeoJSON file, longitude/latitude */
  readonly aoi: string | null;
  /** imported layers: `current`, `none` or ids, comma-separated */
  readonly baseline: string;
  /** imported projects likewise; `none` where it is left out */
  readonly project?: string;
  /** absolute path */
  readonly out: string;
  readonly force: boolean;
  /** what alone is done with the scenes; all of it where it is left out */
  readonly only?: 'planting';
}

/** A series keeps its name when scenes are added to its folder. */
export function sourceOf({ scenes, aoi }: SeriesRequest): string {
  return `series ${createHash('sha256')
    .update(JSON.stringify([scenes, aoi]))
    .digest('hex')
    .slice(0, 16)}`;
}
