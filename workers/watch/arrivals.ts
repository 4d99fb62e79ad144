import { stat } from 'node:fs/promises';
import type { SeenFile } from '../../pipeline/arrival/settle.ts';
import { AppError } from '../../pipeline/errors.ts';
import { bboxOf } from '../../pipeline/geo/polygon.ts';
import { readAoi } from '../compute/draft.ts';
import type { Home } from '../home.ts';
import { composeImages } from '../compose.ts';
import { askStac } from './ask-stac.ts';
import { listFolder, versionOf } from './folder-arrivals.ts';
import { listStac, versionOfKept } from './stac-arrivals.ts';
import type { WatchRequest } from './watch-request.ts';

/** Where scenes arrive. */
export interface Arrivals {
  /** what names in reports are relative to */
  readonly root: string;
  /** what is there now. @throws AppError UNAVAILABLE where the place cannot be reached for now */
  list(): Promise<readonly SeenFile[]>;
  /** version of one of them now; null: it is gone */
  version(path: string): Promise<string | null>;
}

/** Arrivals of a watch: a folder, `s3://bucket/prefix`, or a STAC API. @throws AppError CONFIG_INVALID, NOT_FOUND */
export async function openArrivals(request: WatchRequest, home: Home): Promise<Arrivals> {
  const { where, out } = request;
  if (/^https?:/i.test(where)) return openStac(request, home);
  if (!/^s3:/i.test(where))
    return {
      root: where,
      list: () => listFolder(where, out),
      version: (path) => stat(path).then(versionOf, () => null),
    };
  const { listS3, versionInS3 } = await import('../images/s3-list.ts');
  return {
    root: where,
    list: async () => (await listS3(where)).map(({ uri, ...rest }) => ({ path: uri, ...rest })),
    version: versionInS3,
  };
}

async function openStac({ where, settings, from, cloudFraction }: WatchRequest, home: Home): Promise<Arrivals> {
  const area = settings.aoi === undefined ? null : readAoi(settings.aoi);
  if (area === null || from === null)
    throw new AppError(
      'CONFIG_INVALID',
      `${where} is searched by place and time, and ${area === null ? '--aoi' : '--from'} is not given.`,
      'Give --aoi <polygons.geojson> and --from <first day>.',
    );
  const bbox = bboxOf(area.polygons.flat());
  const search = { url: where.replace(/\/+$/, ''), bbox, from, cloudPercent: cloudFraction * 100 };
  const kept = { images: await composeImages(home), place: home.images, kept: new Map(), now: () => new Date() };
  return {
    root: where,
    list: () => listStac({ ...kept, search, ask: askStac }),
    version: (path) => Promise.resolve(versionOfKept(path)),
  };
}
