import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
import { writeFileAtomic } from '../images/file-sink.ts';

/** Asks a server. @throws AppError UNAVAILABLE, FORBIDDEN, or INPUT_INVALID with `details.status` of the answer */
export type Ask = (question: StacQuestion) => Promise<unknown>;

/** More Items than these are a search that nobody meant. */
const maxItems = 5000;

export interface StacArrivals {
  readonly search: StacSearch;
  /** folder in which Items are kept as documents */
  readonly folder: string;
  readonly ask: Ask;
}

/** What says that an Item is another: its properties and where its assets are; signatures in their addresses pass. */
function versionOfItem({ properties, assets }: StacPageItem): string {
  const places = Object.entries(assets).map(([key, asset]) => [
    key,
    { ...asset, href: asset.href.replace(/\?.*$/s, '') },
  ]);
  return sha256(canonicalJson([properties, places]));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Version of a kept Item; that of its assets is watched over by who reads them. */
export async function versionOfKept(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  // written by `listStac`
  return text === null ? null : versionOfItem(JSON.parse(text) as StacPageItem);
}

/** Items of a search as files: what a catalogue says of a scene is its version. */
export async function listStac({ search, folder, ask }: StacArrivals): Promise<readonly SeenFile[]> {
  await mkdir(folder, { recursive: true });
  const files: SeenFile[] = [];
  for await (const item of itemsOf(search, ask)) {
    const text = canonicalJson({ ...item, links: item.links?.filter(({ rel }) => rel === 'self') });
    const path = join(folder, `${sha256(`${search.url} ${item.collection ?? ''} ${item.id}`).slice(0, 24)}.json`);
    if ((await readFile(path, 'utf8').catch(() => null)) !== text)
      await writeFileAtomic(path, new TextEncoder().encode(text));
    const cloudPercent = item.properties['eo:cloud_cover'];
    files.push({
      path,
      bytes: text.length,
      version: versionOfItem(item),
      item: item.id,
      ...(typeof cloudPercent === 'number' && { cloudFraction: cloudPercent / 100 }),
    });
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
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
