import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Chunk, Grid } from '../pipeline/types.ts';
import { canonicalJson } from './database/event.ts';

/** Sources whose change may change a pixel: folders (all below), and files by the beginning of their name. */
const folders = ['pipeline/raster', 'pipeline/tile', 'pipeline/pair', 'pipeline/segment'];
const files = [
  'pipeline/change/decide.ts',
  'pipeline/change/chunk.ts',
  'pipeline/change/observe.ts',
  'pipeline/change/look-chunk.ts',
  'pipeline/change/series-look.ts',
  'pipeline/change/look-inputs.ts',
  'pipeline/change/dense.ts',
  'pipeline/change/series-evidence.ts',
  'pipeline/change/series-memory.ts',
  'pipeline/change/series-passage.ts',
  'workers/compute/bench.ts',
  'workers/compute/chunk-file.ts',
  'workers/compute/judge.ts',
  'workers/compute/look-reader.ts',
  'workers/compute/measure-pair.ts',
  'workers/compute/shift.ts',
  'workers/series/look-tools.ts',
  'workers/series/survey-look.ts',
];
const beginnings = ['models/runner'];

const ownRoot = fileURLToPath(new URL('..', import.meta.url));
const known = new Map<string, string>();

/** The sources that make pixels, relative to `root`, sorted. */
export function pixelSources(root = ownRoot): readonly string[] {
  const below = folders.flatMap((folder) => list(join(root, folder)).map((name) => `${folder}/${name}`));
  const runners = list(join(root, 'models'))
    .map((name) => `models/${name}`)
    .filter((path) => beginnings.some((beginning) => path.startsWith(beginning)));
  const present = files.filter((path) => existsSync(join(root, path)));
  return [...below, ...runners, ...present].filter((path) => /\.m?ts$/.test(path)).toSorted();
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * PIXELS_VERSION: sha256 over names and contents of the sources that make pixels. Part of every chunk key, so
 * that new pixel code never meets old pixels. Read once a process and root.
 */
export function pixelsVersion(root = ownRoot): string {
  const before = known.get(root);
  if (before !== undefined) return before;
  const hash = createHash('sha256');
  for (const path of pixelSources(root)) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  const version = hash.digest('hex');
  known.set(root, version);
  return version;
}

/** All that the pixels of a chunk follow from. */
export interface ChunkOrigin {
  readonly beforeId: string;
  readonly afterId: string;
  /** sha256 of the model card with its weights' hash; null without a network */
  readonly modelSha256: string | null;
  readonly grid: Grid;
  /** shift, radiometry, IR-MAD and whatever else `open-run` estimated, as JSON */
  readonly pairStatistics: unknown;
  readonly chunk: Chunk;
  readonly pixelsVersion: string;
}

/** Key of a chunk's rasters in the image store; not of a run: a new rule reuses old inference. */
export function chunkKey(origin: ChunkOrigin): string {
  const sha = createHash('sha256').update(canonicalJson(origin)).digest('hex');
  return `chunk/${sha.slice(0, 2)}/${sha}`;
}
