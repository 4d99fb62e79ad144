import { stat } from 'node:fs/promises';
import type { SeenFile } from '../../pipeline/arrival/settle.ts';
import { listFolder, versionOf } from './folder-arrivals.ts';

/** Where scenes arrive. */
export interface Arrivals {
  /** what names in reports are relative to */
  readonly root: string;
  /** what is there now */
  list(): Promise<readonly SeenFile[]>;
  /** version of one of them now; null: it is gone */
  version(path: string): Promise<string | null>;
}

export interface ArrivalsOptions {
  /** folder of the results, which are no arrivals */
  readonly out: string;
}

/** Arrivals in a folder. */
export function openArrivals(where: string, { out }: ArrivalsOptions): Arrivals {
  return {
    root: where,
    list: () => listFolder(where, out),
    version: (path) => stat(path).then(versionOf, () => null),
  };
}
