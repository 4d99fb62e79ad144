import { answering, type AnsweringServer } from './http-server.ts';
import { servedBytes } from './served-bytes.ts';

export interface MadeItem {
  readonly id: string;
  /** ISO-8601 day */
  readonly date: string;
  /** path on the server by key of the asset */
  readonly assets: Readonly<Record<string, string>>;
  /** of its processing */
  readonly version?: string;
}

/** A STAC API on loopback that serves its assets too; both may change while it is asked. */
export interface StacApi extends AnsweringServer {
  readonly items: MadeItem[];
  /** bytes by path; what is not there is answered by a page with 404 */
  readonly files: Record<string, Uint8Array>;
  /** paths at which a log-in page is served in the place of a file */
  readonly pages: Set<string>;
}

export async function startStacApi(): Promise<StacApi> {
  const items: MadeItem[] = [];
  const files: Record<string, Uint8Array> = {};
  const pages = new Set<string>();
  const { listener } = servedBytes(files);
  const server = await answering((request, response) => {
    const path = request.url ?? '';
    if (pages.has(path))
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>');
    if (path !== '/api/search') return void listener(request, response);
    request.resume();
    const features = items.map(({ id, date, assets, version = '1' }) => ({
      type: 'Feature',
      stac_version: '1.0.0',
      id,
      collection: 's2',
      properties: { datetime: `${date}T02:30:00Z`, platform: 'sentinel-2a', 'processing:version': version },
      assets: Object.fromEntries(
        Object.entries(assets).map(([key, href]) => [key, { href, type: 'image/tiff; application=geotiff' }]),
      ),
    }));
    response.setHeader('content-type', 'application/geo+json');
    response.end(JSON.stringify({ type: 'FeatureCollection', features, links: [] }));
  });
  return { ...server, items, files, pages };
}
