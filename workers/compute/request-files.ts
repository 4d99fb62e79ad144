import type { RunRequest } from '../../pipeline/request.ts';
import { listSources } from '../images/open-scene.ts';
import { beside } from '../images/read-text.ts';

/**
 * Paths and URLs of everything a request's outcome hangs on, there or not: files of both scenes, assets of their STAC Items,
 * sidecars, masks, area of interest, model. An Item that cannot be read stands for itself; the run says what is wrong.
 */
export async function requestFiles({ before, after, aoi, model }: RunRequest): Promise<readonly string[]> {
  const scenes = [...before.files, ...after.files];
  const sources = await Promise.all(scenes.map((path) => listSources([path]).catch(() => [])));
  const images = sources.flat().map(({ path }) => path);
  const companions = images.flatMap((path) =>
    ['.scene.json', '.msk', '.aux.xml'].map((ending) => beside(path, ending)),
  );
  return [...new Set([...scenes, ...images, ...companions, ...(aoi === undefined ? [] : [aoi]), model])];
}
