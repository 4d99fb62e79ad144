import { createHash } from 'node:crypto';
import type { SeenFile } from '../../pipeline/arrival/settle.ts';
import {
  type StacPage,
  type StacPageItem,
  type StacQuestion,
  type StacSearch,
  firstQuestions,
  nextQuestion,
  stacPageSchema,
  standAlone,
} from '../../pipeline/arrival/stac-search.ts';
import { AppError } from '../../pipeline/errors.ts';
import { canonicalJson } from '../database/event.ts';
import { keptUri } from '../images/kept-document.ts';
import type { ImageStore } from '../images/store.ts';

/** Asks a server. @throws AppError UNAVAILABLE, FORBIDDEN, or INPUT_INVALID with `details.status` of the answer */
export type Ask = (question: StacQuestion) => Promise<unknown>;

/** More Items than these are a search that nobody meant. */
const maxItems = 5000;

export interface StacArrivals {
  readonly search: StacSearch;
  /** where Items are kept as documents, and what its place is called */
  readonly images: Pick<ImageStore, 'get' | 'put' | 'touch'>;
  readonly place: string;
  /** documents that are known to be there, by key: their sha256, and since when (ms); grows */
  readonly kept: Map<string, { readonly hash: string; readonly atMs: number }>;
  readonly now: () => Date;
  readonly ask: Ask;
}

/** What says that an Item is another: its properties and where its assets are; signatures in their addresses pass. */
function versionOfItem({ properties, assets }: StacPageItem): string {
  const places = Object.entries(assets).map(([key, asset]) => [
    key,
    { ...asset, href: asset.href.replace(/\?.*$/s, '') },
  ]);
  return sha256(canonicalJson([properties, places])).slice(0, 32);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Version of a kept Item, which its key ends with; that of its assets is watched over by who reads them. */
export const versionOfKept = (uri: string): string | null => /-([0-9a-f]{32})\.json$/.exec(uri)?.[1] ?? null;

/** Items of a search as files: what a catalogue says of a scene is its version. Another version is another document. */
export async function listStac(arrivals: StacArrivals): Promise<readonly SeenFile[]> {
  const { search, place, ask } = arrivals;
  const files: SeenFile[] = [];
  for await (const item of itemsOf(search, ask)) {
    const text = canonicalJson({ ...item, links: item.links?.filter(({ rel }) => rel === 'self') });
    const version = versionOfItem(item);
    const name = sha256(`${search.url} ${item.collection ?? ''} ${item.id}`).slice(0, 24);
    const key = `stac-item/${name}-${version}.json`;
    await keep(key, text, arrivals);
    const cloudPercent = item.properties['eo:cloud_cover'];
    files.push({
      path: keptUri(place, key),
      bytes: text.length,
      version,
      item: item.id,
      ...(typeof cloudPercent === 'number' && { cloudFraction: cloudPercent / 100 }),
    });
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Documents that are listed are said to be in use so often: well within what a sweep spares. */
const sureMs = 6 * 3_600_000;

/** The same version may come with another signature in an address: then the earlier one is of no use any more. */
async function keep(key: string, text: string, { images, kept, now }: StacArrivals): Promise<void> {
  const known = kept.get(key);
  const [hash, atMs] = [sha256(text), now().getTime()];
  if (known?.hash === hash && atMs - known.atMs < sureMs) return;
  const there = await images.get(key);
  if (there !== null && new TextDecoder().decode(there) === text) await images.touch(key);
  else await images.put(key, new TextEncoder().encode(text));
  kept.set(key, { hash, atMs });
}

async function* itemsOf(search: StacSearch, ask: Ask): AsyncGenerator<StacPageItem> {
  const [filtered, plain] = firstQuestions(search);
  let question: StacQuestion | null = filtered;
  let page = await ask(filtered)
    .then((answer) => pageOf(answer, filtered))
    .catch((error: unknown) => {
      // a server that knows no POST or no filters says so by these
      if (!(error instanceof AppError) || ![400, 404, 405, 422, 501].includes(Number(error.details['status'])))
        throw error;
      question = plain;
      return ask(plain).then((answer) => pageOf(answer, plain));
    });
  const asked = new Set<string>();
  let count = 0;
  for (;;) {
    for (const item of page.features) yield standAlone(item, question);
    count += page.features.length;
    if (count > maxItems)
      throw new AppError(
        'CONFIG_INVALID',
        `${search.url} finds more than ${maxItems} Items.`,
        'Give a later --from, a smaller --aoi, or the URL of one collection.',
      );
    const next = nextQuestion(page, question);
    if (next === null || page.features.length === 0) return;
    const key = JSON.stringify(next);
    if (asked.has(key))
      throw new AppError('INPUT_INVALID', `${next.url} names itself as its next page.`, 'Tell who runs the STAC API.');
    asked.add(key);
    question = next;
    page = pageOf(await ask(next), next);
  }
}

function pageOf(answer: unknown, { url }: StacQuestion): StacPage {
  const parsed = stacPageSchema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError(
    'INPUT_INVALID',
    `${url} answers with no STAC ItemCollection: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    'Give the URL of a STAC API 1.0 (its root, or one of its collections).',
    { url },
  );
}
