import type { RequestListener } from 'node:http';

export interface ServedBytes {
  readonly listener: RequestListener;
  /** bytes of bodies and requests so far */
  readonly served: { bytes: number; requests: number };
}

/** Files by path (`/a.tif`) as a plain web server gives them: ranges, ETag, 404. */
export function servedBytes(files: Readonly<Record<string, Uint8Array>>): ServedBytes {
  const served = { bytes: 0, requests: 0 };
  const listener: RequestListener = (request, response) => {
    served.requests += 1;
    const content = files[request.url ?? ''];
    if (content === undefined) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>not here</html>');
      return;
    }
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = Math.min(content.length, to === undefined || to === '' ? Infinity : Number(to) + 1);
    const isPart = from !== undefined;
    if (start >= content.length && isPart) {
      response.writeHead(416).end();
      return;
    }
    const body = content.subarray(start, end);
    served.bytes += body.length;
    response.writeHead(isPart ? 206 : 200, {
      etag: `"${content.length}"`,
      'content-length': body.length,
      ...(isPart && { 'content-range': `bytes ${start}-${end - 1}/${content.length}` }),
    });
    response.end(body);
  };
  return { listener, served };
}
