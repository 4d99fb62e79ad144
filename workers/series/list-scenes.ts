import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';
import { groupScenes } from '../../pipeline/scene/scene-group.ts';
import { listSources } from '../images/open-scene.ts';

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
  const text = await readFile(path, 'utf8').catch(() => '');
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
  const lists = await Promise.all(linked.map(({ href }) => itemsOf(resolve(dirname(path), href), seen)));
  return lists.flatMap((items) => items ?? []);
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
 * The scenes of a folder (all below it) or of a STAC document: an Item, an ItemCollection, or a catalogue on this machine.
 *
 * @param without folder that is left out, e.g. that of the results
 * @throws AppError NOT_FOUND when there is nothing there
 */
export async function listScenes(path: string, without: string): Promise<SceneListing> {
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
