import { z } from 'zod';
import type { Bbox } from '../types.ts';

/** One question to a STAC API; a body is sent by POST. */
export interface StacQuestion {
  readonly url: string;
  /** null: GET */
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StacSearch {
  /** URL of the API, or of one of its collections */
  readonly url: string;
  /** longitude/latitude */
  readonly bbox: Bbox;
  /** first day, ISO-8601 */
  readonly from: string;
  /** 0..100 */
  readonly cloudPercent: number;
}

/** Items a page; servers give fewer where they want. */
const pageItems = 100;

/** Root of the API and the collection that the URL names, if it does. */
function rootOf(url: string): { readonly root: string; readonly collections: readonly string[] } {
  const [, root, collection] = /^(.*?)\/collections\/([^/?#]+)\/?(?:items\/?)?$/.exec(url) ?? [];
  if (root === undefined || collection === undefined)
    return { root: url.replace(/\/(search\/?)?$/, ''), collections: [] };
  return { root, collections: [decodeURIComponent(collection)] };
}

/**
 * The first question of a search: by POST with a filter of clouds, and by GET without one for servers that know no filters.
 *
 * @see https://github.com/radiantearth/stac-api-spec item-search 1.0.0, and its query extension
 */
export function firstQuestions({ url, bbox, from, cloudPercent }: StacSearch): readonly [StacQuestion, StacQuestion] {
  const { root, collections } = rootOf(url);
  const datetime = `${from}T00:00:00Z/..`;
  const body = {
    bbox,
    datetime,
    limit: pageItems,
    ...(collections.length > 0 && { collections }),
    ...(cloudPercent < 100 && { query: { 'eo:cloud_cover': { lte: cloudPercent } } }),
  };
  const plain = new URLSearchParams({ bbox: bbox.join(','), datetime, limit: String(pageItems) });
  if (collections.length > 0) plain.set('collections', collections.join(','));
  return [
    { url: `${root}/search`, body, headers: {} },
    { url: `${root}/search?${plain.toString()}`, body: null, headers: {} },
  ];
}

const linkSchema = z.looseObject({
  rel: z.string(),
  href: z.string(),
  method: z.string().optional(),
  body: z.record(z.string(), z.unknown()).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  merge: z.boolean().optional(),
});
const itemSchema = z.looseObject({
  id: z.string(),
  collection: z.string().nullish(),
  properties: z.looseObject({ 'eo:cloud_cover': z.number().nullish() }),
  assets: z.record(z.string(), z.looseObject({ href: z.string() })),
  links: z.array(z.looseObject({ rel: z.string(), href: z.string() })).optional(),
});
/** A page of Items; @see https://github.com/radiantearth/stac-api-spec/blob/v1.0.0/fragments/itemcollection */
export const stacPageSchema = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(itemSchema),
  links: z.array(linkSchema).optional(),
});
export type StacPage = z.infer<typeof stacPageSchema>;
export type StacPageItem = StacPage['features'][number];

/** The question for the page after this one, or null after the last. */
export function nextQuestion({ links = [] }: StacPage, asked: StacQuestion): StacQuestion | null {
  const next = links.find(({ rel }) => rel === 'next');
  if (next === undefined) return null;
  const url = new URL(next.href, asked.url).href;
  const headers = next.headers ?? {};
  if (next.method?.toUpperCase() !== 'POST') return { url, body: null, headers };
  return { url, body: next.merge ? { ...asked.body, ...next.body } : (next.body ?? asked.body ?? {}), headers };
}

/** An Item that stands for itself: addresses of its assets are absolute. */
export function standAlone(item: StacPageItem, asked: StacQuestion): StacPageItem {
  const self = item.links?.find(({ rel }) => rel === 'self')?.href;
  const base = new URL(self ?? '', asked.url).href;
  const assets = Object.entries(item.assets).map(([key, asset]) => {
    const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(asset.href);
    return [key, { ...asset, href: isAbsolute ? asset.href : new URL(asset.href, base).href }] as const;
  });
  return { ...item, assets: Object.fromEntries(assets) };
}
