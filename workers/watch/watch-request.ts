import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { PairRule, ReadyPair } from '../../pipeline/arrival/pair.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import type { SceneFlags } from '../../pipeline/scene/hint.ts';
import { canonicalJson } from '../database/event.ts';
import { runIdOf } from '../engine.ts';
import type { InspectedScene } from './inspect-scene.ts';
import type { WatchedPair } from './watched-pair.ts';

/** What is asked of every run of a watch, as of `tianwatch run`. */
export type RunSettings = Pick<RunRequest, 'model' | 'grid' | 'aoi' | 'baseline' | 'project' | 'county'>;

/** What is watched and how. */
export interface WatchRequest {
  /** absolute path of a folder, `s3://bucket/prefix` or the URL of a STAC API */
  readonly where: string;
  /** absolute path of the folder of the results */
  readonly out: string;
  readonly settings: RunSettings;
  readonly flags: SceneFlags;
  readonly rule: PairRule;
  /** 0..1 */
  readonly cloudFraction: number;
  /** first day wanted, ISO-8601; null = no limit */
  readonly from: string | null;
  readonly parts: readonly string[];
  readonly settleMs: number;
}

const nameLength = 60;
const folderName = (name: string): string =>
  basename(name)
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')
    .slice(0, nameLength);

/** A pair as its run is asked for, and as it is remembered. */
export interface PlannedPair {
  readonly request: RunRequest;
  readonly watched: Omit<WatchedPair, 'state' | 'outcome'>;
}

/**
 * The run of a pair. Its result lies in a folder that is named after both scenes and their contents, so that another
 * version of a scene has another.
 *
 * @param versions of all files now
 */
export function planRunOf(
  { before, after }: ReadyPair<InspectedScene>,
  { out: folder, settings, flags }: WatchRequest,
  versions: ReadonlyMap<string, string>,
): PlannedPair {
  const { county: _county, ...shaping } = settings;
  const id = createHash('sha256')
    .update(canonicalJson([folder, shaping, before.id, after.id]))
    .digest('hex');
  const out = join(folder, `${folderName(before.name)}--${folderName(after.name)}-${id.slice(0, 8)}`);
  const request: RunRequest = {
    before: { files: [...before.files], ...flags },
    after: { files: [...after.files], ...flags },
    ...settings,
    out,
    force: false,
  };
  const own = [...before.files, ...after.files];
  const isOwn = (path: string): boolean => own.some((file) => path === file || path.startsWith(`${file}.`));
  const files = [...versions].filter(([path]) => isOwn(path)).map(([path, version]) => ({ path, version }));
  const sceneOf = ({ name, id: content, acquired }: InspectedScene) => ({ name, id: content, acquired });
  return {
    request,
    watched: { id, folder, out, before: sceneOf(before), after: sceneOf(after), files, runId: runIdOf(request) },
  };
}
