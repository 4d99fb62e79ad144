import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';
import { groupScenes } from '../../pipeline/scene/scene-group.ts';
import { shownUri } from '../../pipeline/scene/uri.ts';
import { listSources } from '../images/open-scene.ts';
import { readText } from '../images/read-text.ts';
import { isRemote } from '../images/source.ts';

/** A scene by its files, not opened yet. */
export interface ListedScene {
  /** as people see it: relative to the folder that was given */
  readonly name: string;
  /** GeoTIFFs of one date, or one STAC Item */
  readonly files: readonly string[];
}

export interface SceneListing {
  readonly scenes: readonly ListedScene[];
  /** files that are no image */
  readonly others: readonly string[];
}

const isTiff = (path: string): boolean => /\.tiff?$/i.test(path);
const isJson = (path: string): boolean => /\.(geo)?json$/i.test(path);
/** Files that belong to an image and are read with it, or never. */
const companion = /\.(scene\.json|aux\.xml|msk|ovr|tfw|tifw|prj|rpb|rpc|xml|jpg|jpeg|png)$/i;

const documentSchema = z.object({
  type: z.string(),
  stac_version: z.string().optional(),
  features: z.array(z.object({ id: z.unknown(), stac_version: z.string().optional() })).optional(),
  links: z.array(z.object({ rel: z.string(), href: z.string() })).optional(),
});

/** Items that a document stands for: itself, those it holds, those it links to; null: it is no STAC document. */
async function itemsOf(path: string, seen = new Set<string>()): Promise<readonly string[] | null> {
  // what is not readable in a folder is another file; a document that was named has to be there
  const text = await readText(path).catch((error: unknown) => {
    if (isRemote(path)) throw error;
    return '';
  });
  const { type, stac_version: version, features = [], links = [] } = documentSchema.safeParse(parsed(text)).data ?? {};
  if (type === 'FeatureCollection') {
    const items = features.filter((feature) => feature.stac_version !== undefined);
    return items.length === 0 ? null : items.map(({ id }) => `${path}#${String(id)}`);
  }
  if (version === undefined) return null;
  if (type === 'Feature') return [path];
  if (type !== 'Catalog' && type !== 'Collection') return null;
  if (seen.has(path)) return [];
  seen.add(path);
  const linked = links.filter(({ rel }) => rel === 'item' || rel === 'child');
  const lists = await Promise.all(linked.map(({ href }) => itemsOf(placeOf(href, path), seen)));
  return lists.flatMap((items) => items ?? []);
}

/** Where a link of a document leads. */
function placeOf(href: string, document: string): string {
  if (isRemote(href)) return href;
  return isRemote(document) ? new URL(href, document).href : resolve(dirname(document), href);
}

/** The Items of a document that is somewhere else. */
async function remoteScenes(url: string): Promise<SceneListing> {
  const items = await itemsOf(url);
  if (items === null)
    throw new AppError(
      'INPUT_INVALID',
      `--scenes ${shownUri(url)} is no STAC document.`,
      'Give the URL of a STAC Item, ItemCollection or catalogue, or a folder of GeoTIFFs.',
    );
  const named = (item: string): string => item.slice(item.lastIndexOf('/') + 1).replace(/\?[^#]*/, '');
  return { scenes: [...new Set(items)].map((item) => ({ name: named(item), files: [item] })), others: [] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}

async function filesBelow(folder: string, without: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const lists = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.'))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        if (path === without) return [];
        return entry.isDirectory() ? filesBelow(path, without) : [path];
      }),
  );
  return lists.flat();
}

/** Whether a file goes with an image of the same folder and name, as `scene.tif.aux.xml` and `scene.tfw` do. */
export function isCompanion(path: string, images: readonly string[]): boolean {
  if (!companion.test(path)) return false;
  return images.some(
    (image) => path.startsWith(`${image}.`) || path.replace(companion, '') === image.replace(/\.tiff?$/i, ''),
  );
}

/**
 * The scenes of a folder (all below it) or of a STAC document: an Item, an ItemCollection, or a catalogue,
 * here or at a URL.
 *
 * @param without folder that is left out, e.g. that of the results
 * @throws AppError NOT_FOUND when there is nothing there
 */
export async function listScenes(path: string, without: string): Promise<SceneListing> {
  if (isRemote(path)) return remoteScenes(path);
  const facts = await stat(path).catch(() => null);
  if (facts === null)
    throw new AppError(
      'NOT_FOUND',
      `--scenes ${path} does not exist.`,
      'Give a folder of GeoTIFFs, or a STAC Item, ItemCollection or catalogue.',
    );
  const root = facts.isDirectory() ? path : dirname(path);
  const files = facts.isDirectory() ? await filesBelow(path, without) : [path];
  const images = files.filter(isTiff);
  const companions = files.filter((file) => isCompanion(file, images));
  const documents = files.filter((file) => isJson(file) && !companions.includes(file));
  const items: string[] = [];
  const others = files.filter((file) => ![...images, ...companions, ...documents].includes(file));
  for (const document of documents) {
    const found = await itemsOf(document);
    if (found === null) others.push(document);
    else items.push(...found);
  }
  const unique = [...new Set(items)];
  const assets = await Promise.all(unique.map((item) => listSources([item]).catch(() => [])));
  const taken = new Set(assets.flat().map((source) => source.path));
  const named = (file: string): string => relative(root, file) || basename(file);
  return {
    scenes: [
      ...groupScenes(images.filter((image) => !taken.has(image))).map(({ name, files: own }) => ({
        name: named(name),
        files: own,
      })),
      ...unique.map((item) => ({ name: named(item), files: [item] })),
    ],
    others: others.map(named).toSorted(),
  };
}
