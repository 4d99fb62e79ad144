import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';
import { openGeotiff, type GeotiffFile } from '../../pipeline/raster/geotiff.ts';
import type { SceneRequest } from '../../pipeline/request.ts';
import { assembleScene, type ScenePart } from '../../pipeline/scene/assemble.ts';
import { describeFile, requireSubstance, type FileFacts } from '../../pipeline/scene/describe.ts';
import { hintsOfFlags, type SceneFlags, type SceneHint } from '../../pipeline/scene/hint.ts';
import type { Problem } from '../../pipeline/scene/problem.ts';
import { besideProblems, findProblems } from '../../pipeline/scene/problems.ts';
import { sampleFile, type FileSample } from '../../pipeline/scene/sample.ts';
import { parseJson, readSidecar } from '../../pipeline/scene/sidecar.ts';
import { readStacItem } from '../../pipeline/scene/stac.ts';
import { shownUri } from '../../pipeline/scene/uri.ts';
import type { Scene, SceneFile } from '../../pipeline/types.ts';
import { keyOfKept } from './kept-document.ts';
import { openSource } from './open-source.ts';
import { beside, isThere, readText, textIfThere } from './read-text.ts';
import { sensorTable } from './sensor-table.ts';
import { isRemote, shownName, type Source } from './source.ts';

/** A GeoTIFF that belongs to a scene, and what the STAC Item that named it says of it. */
export interface SceneSource {
  readonly path: string;
  readonly stac: SceneHint | null;
  /** the Item as it was read */
  readonly item?: NonNullable<SceneFile['item']>;
}

const sha256OfText = (text: string) => createHash('sha256').update(text).digest('hex');

/** Where an asset is; an Item of the network names nothing on this machine. */
function placeOfHref(href: string, item: string, label: string): string {
  if (isRemote(href)) return href;
  if (isRemote(item) && keyOfKept(item) === null && !/^[a-z][a-z0-9+.-]*:/i.test(href)) return new URL(href, item).href;
  if (!isRemote(item) && href.startsWith('file:')) return fileURLToPath(href);
  if (!isRemote(item) && !/^[a-z][a-z0-9+.-]*:\/\//i.test(href)) return resolve(dirname(item), decodeHref(href));
  throw new AppError(
    'INPUT_INVALID',
    `${label} is at ${href}, which cannot be read from here.`,
    'Give an Item whose href are s3:// or https:// URLs, or paths beside an Item on this machine.',
  );
}

function decodeHref(href: string): string {
  try {
    return decodeURI(href);
  } catch {
    return href;
  }
}

/** A STAC Item or ItemCollection: by its ending, or by the path of a STAC API, which has none. */
const isDocument = (path: string): boolean =>
  /\.(geo)?json(#.+)?$/i.test(path) ||
  (isRemote(path) && /\.(geo)?json\?/i.test(path)) ||
  (isRemote(path) && /\/items\/[^/]+$/.test(shownUri(path)) && !/\.tiff?$/i.test(shownUri(path)));

/** `items.json#id`: one Item of a STAC ItemCollection. */
const itemInCollection = /^(.+\.(?:geo)?json)#(.+)$/i;

const collectionSchema = z.object({ features: z.array(z.looseObject({ id: z.string() })) });

/** Text of the Item that a path names. */
async function readItem(path: string): Promise<{ readonly file: string; readonly text: string }> {
  const [, file, id] = itemInCollection.exec(path) ?? [];
  if (file === undefined) return { file: path, text: await readText(path) };
  const collection = collectionSchema.safeParse(parseJson(file, await readText(file)));
  const item = collection.data?.features.find((feature) => feature.id === id);
  if (item !== undefined) return { file, text: JSON.stringify(item) };
  throw new AppError('INPUT_INVALID', `${file} holds no STAC Item ${id}.`, 'Name an Item of the collection.', { path });
}

/**
 * The GeoTIFFs behind a list of paths and URLs: one ending in `.json` or `.geojson`, or `…/items/<id>` of a STAC API, is a STAC
 * Item and stands for its assets, `items.json#id` is an Item of an ItemCollection.
 *
 * @throws AppError INPUT_INVALID for an Item that cannot be read or an asset that is not there
 */
export async function listSources(paths: readonly string[]): Promise<SceneSource[]> {
  const sources: SceneSource[] = [];
  for (const path of paths) {
    if (!isDocument(path)) {
      sources.push({ path, stac: null });
      continue;
    }
    const { file, text } = await readItem(path);
    const item = { name: shownName(path), sha256: sha256OfText(text) };
    for (const { href, hint } of readStacItem(path, text, sensorTable())) {
      const asset = placeOfHref(href, file, hint.label);
      // what is remote is asked for when it is opened
      if (!isRemote(asset) && !existsSync(asset))
        throw new AppError(
          'INPUT_INVALID',
          `${hint.label} is at ${asset}, which does not exist.`,
          'Put the asset there or correct its href.',
        );
      sources.push({ path: asset, stac: hint, item });
    }
  }
  return sources;
}

async function readSidecarOf(path: string): Promise<SceneHint | null> {
  const sidecar = beside(path, '.scene.json');
  const text = await textIfThere(sidecar);
  return text === null ? null : readSidecar(sidecar, text);
}

async function besideOf(path: string, header: GeotiffFile): Promise<Problem[]> {
  return besideProblems(header, await isThere(beside(path, '.msk')), await textIfThere(beside(path, '.aux.xml')));
}

/** A band that has a name of its own is no mask, whatever the file calls it: writers mark any fourth byte as alpha. */
export function withoutAlpha(file: GeotiffFile): GeotiffFile {
  return {
    ...file,
    alphaIndex: null,
    readWindow: (window, bands) => file.readWindow(window, bands),
    readMask: (window) =>
      file.hasMask ? file.readMask(window) : Promise.resolve(new Uint8Array(window.width * window.height).fill(1)),
    close: () => file.close(),
  };
}

/** One file, open and understood. */
export interface OpenFile {
  readonly source: Source;
  readonly file: GeotiffFile;
  readonly facts: FileFacts;
  readonly problems: readonly Problem[];
}

/**
 * Opens one file and finds out what it is.
 *
 * @param samples `always`: also looks at pixels for what is wrong with them; `needed`: only where the scale depends on them
 * @throws AppError INPUT_INVALID when it cannot be read or its sidecar is wrong, CONFIG_INVALID when flags do not fit it
 */
export async function openFile(
  { path, stac }: SceneSource,
  flag: SceneHint,
  samples: 'always' | 'needed',
): Promise<OpenFile> {
  const source = await openSource(path);
  try {
    const header = await openGeotiff(source, { cacheBytes: 32 << 20 });
    requireSubstance(header);
    const hints = [flag, await readSidecarOf(path), stac].filter((hint) => hint !== null);
    const table = sensorTable();
    const first = describeFile(header, hints, table, null);
    const isUnclear = first.bands.some(({ dtype, scaling }) => dtype.startsWith('float') && scaling === null);
    let sample: FileSample | null = null;
    if (samples === 'always' || isUnclear) {
      const nodata = first.bands.map(({ nodataUsed }) => nodataUsed);
      sample = await sampleFile(header, nodata, first.alphaIndex !== null || header.hasMask);
    }
    const facts = isUnclear ? describeFile(header, hints, table, sample) : first;
    const file = header.alphaIndex !== null && facts.alphaIndex === null ? withoutAlpha(header) : header;
    return {
      source,
      file,
      facts,
      problems: [...findProblems(header, facts, sample), ...(await besideOf(path, header))],
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

const hashStep = 4 << 20;

/** What S3 makes of the bytes alone: their MD5, or the MD5 of those of their parts. Other servers' ETags say less. */
const contentTag = /^"?[0-9a-f]{32}(-\d+)?"?$/;

/** Of the bytes; of a remote file what stands for them, for to hash it would be to read it whole. */
async function sha256Of({ uri, etag, size, read }: Source): Promise<string> {
  if (etag !== null) {
    const isOfContent = /^s3:/i.test(uri) && contentTag.test(etag);
    return sha256OfText(JSON.stringify(isOfContent ? ['s3', etag, size] : [shownUri(uri), etag, size]));
  }
  const hash = createHash('sha256');
  for (let offset = 0; offset < size; offset += hashStep)
    hash.update(await read(offset, Math.min(hashStep, size - offset)));
  return hash.digest('hex');
}

/** A scene with its files open, in the order of `scene.files`. */
export interface OpenScene {
  readonly scene: Scene;
  readonly files: readonly GeotiffFile[];
  /** each message begins with the file it is about */
  readonly problems: readonly Problem[];
  close(): Promise<void>;
}

/**
 * Opens all files of a scene and makes one scene of them. Local files are read whole once, for their sha256.
 *
 * @throws AppError CONFIG_INVALID for flags that cannot be read or do not fit; INPUT_INVALID for files that cannot be
 * read, have unknown bands, no CRS or a mask beside them, or do not belong together
 */
export async function openScene(request: Pick<SceneRequest, 'files'> & SceneFlags): Promise<OpenScene> {
  const sources = await listSources(request.files);
  const flags = hintsOfFlags(request, sources.length);
  const opened: OpenFile[] = [];
  const close = async () => {
    for (const { file } of opened) await file.close();
  };
  try {
    const parts: ScenePart[] = [];
    for (const [index, source] of sources.entries()) {
      const one = await openFile(source, flags[index] as SceneHint, 'needed');
      opened.push(one);
      const masked = one.problems.find(({ code }) => code === 'MASK_BESIDE');
      if (masked) throw new AppError('INPUT_INVALID', `${one.file.uri}: ${masked.message}`, masked.todo);
      const { etag, size } = one.source;
      const { item } = source;
      parts.push({ header: one.file, facts: one.facts, sha256: '', etag, bytes: size, ...(item && { item }) });
    }
    // refuse what does not fit before gigabytes are hashed
    assembleScene(parts, sha256OfText);
    const hashed: ScenePart[] = [];
    for (const [index, part] of parts.entries())
      hashed.push({ ...part, sha256: await sha256Of((opened[index] as OpenFile).source) });
    const { scene, problems } = assembleScene(hashed, sha256OfText);
    const own = opened.flatMap((one) => {
      // overviews are for previews; a run reads none
      const relevant = one.problems.filter(({ code }) => code !== 'NO_OVERVIEWS');
      return relevant.map(({ code, message, todo }) => ({ code, message: `${one.file.uri}: ${message}`, todo }));
    });
    return { scene, files: opened.map(({ file }) => file), problems: [...own, ...problems], close };
  } catch (error) {
    await close();
    throw error;
  }
}
