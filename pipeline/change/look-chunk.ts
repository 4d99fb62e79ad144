import type { Chunk, Raster, Tile, Window } from '../types.ts';
import { areasOf, cloudAndShadow, paste, veil } from './chunk.ts';
import type { ChunkResult, ChunkTools } from './chunk.ts';
import { cropPlane, reasonCode, reasonsOf, seen } from './observe.ts';

/** What a chunk of one look needs of the world. */
export interface LookTools extends Pick<ChunkTools, 'gsdM' | 'bands' | 'clearHaze' | 'look' | 'areaOfInterest'> {
  pixelAreaM2(col: number, row: number): number;
  throwIfCancelled(): void;
  /** planes of `likelihood` */
  readonly grounds: number;
  /**
   * Likelihood of each kind of ground on a part of a raster that holds the context it needs.
   *
   * @param keep window inside the raster (px)
   * @param isSeen 1 where the ground was seen, of the whole raster
   * @returns `[ground][row][col]` of `keep`
   */
  likelihood(raster: Raster, keep: Window, isSeen: Uint8Array): Promise<Uint8Array>;
}

/**
 * What one look says of a chunk, apart from all other looks: clouds alone are told with the help of a reference.
 *
 * @returns bands: reason why the ground was not seen (`reasonCode`, 0 = seen), then the likelihoods, 0 where it was not
 */
export async function computeLookChunk(chunk: Chunk, tools: LookTools): Promise<ChunkResult> {
  const { keep } = chunk;
  const bands = 1 + tools.grounds;
  const data = new Uint8Array(bands * keep.width * keep.height);
  for (const tile of chunk.tiles) {
    tools.throwIfCancelled();
    const { reasons, likelihood } = await computeTile(tile, tools);
    paste(data, reasons, keep, tile.keep, 0);
    if (likelihood === null) continue;
    const count = tile.keep.width * tile.keep.height;
    for (let ground = 0; ground < tools.grounds; ground++)
      paste(data, likelihood.subarray(ground * count, (ground + 1) * count), keep, tile.keep, 1 + ground);
  }
  const reasons = data.subarray(0, keep.width * keep.height);
  return { raster: { data, width: keep.width, height: keep.height, bands }, ...areasOf(reasons, keep, tools) };
}

async function computeTile(
  { read, keep }: Tile,
  tools: LookTools,
): Promise<{ readonly reasons: Uint8Array; readonly likelihood: Uint8Array | null }> {
  const inArea = tools.areaOfInterest(keep);
  if (inArea?.includes(1) === false) return { reasons: inArea.map(() => reasonCode.excluded), likelihood: null };
  const [reference, own] = [await tools.look('before', read), await tools.look('after', read)];
  const whole = reasonsOf({ ...own, ...cloudAndShadow(own, reference, 'after', tools) });
  const reasons = cropPlane(whole, read, keep).map((reason, i) => (inArea?.[i] === 0 ? reasonCode.excluded : reason));
  if (!reasons.includes(seen)) return { reasons, likelihood: null };
  veil(own.raster, whole);
  const isSeen = whole.map((reason) => (reason === seen ? 1 : 0));
  const place = { ...keep, col: keep.col - read.col, row: keep.row - read.row };
  const likelihood = await tools.likelihood(own.raster, place, isSeen);
  return { reasons, likelihood };
}
