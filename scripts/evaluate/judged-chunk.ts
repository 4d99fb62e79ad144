import { computeChunk } from '../../pipeline/change/chunk.ts';
import type { ChunkTools, TileJudgement } from '../../pipeline/change/chunk.ts';
import { cropPlane } from '../../pipeline/change/observe.ts';
import type { Chunk, Window } from '../../pipeline/types.ts';
import type { Bench } from '../../workers/compute/bench.ts';

export type Voice = 'network' | 'irmad' | 'vectors';
export const voiceNames: readonly Voice[] = ['network', 'irmad', 'vectors'];

/** What a run writes of one chunk, and the single voices behind it; planes are `keep`, row-major. */
export interface JudgedChunk {
  readonly keep: Window;
  readonly classesBefore: Uint8Array;
  readonly classesAfter: Uint8Array;
  /** probability × 250, 255 = not observed */
  readonly change: Uint8Array;
  readonly into: Uint8Array;
  /** 1 = a field by the network's own word; 0 where it says none or not */
  readonly field: Uint8Array;
  /** 0..1, without a network 0; whatever the sky */
  readonly voices: Readonly<Record<Voice, Float32Array>>;
}

/** One chunk through the product's own path: tiles, cloud masks, decision. */
export async function judgeChunk(chunk: Chunk, bench: Bench): Promise<JudgedChunk> {
  const { keep } = chunk;
  const voiceOf = (): Float32Array => new Float32Array(keep.width * keep.height);
  const voices = { network: voiceOf(), irmad: voiceOf(), vectors: voiceOf() };
  const field = new Uint8Array(keep.width * keep.height);
  let read: Window = keep;
  const tools: ChunkTools = {
    ...bench.tools,
    throwIfCancelled: () => undefined,
    look: (side, window) => bench.tools.look(side, (read = window)),
    async judge(first, second, kept) {
      const judged = await bench.tools.judge(first, second, kept);
      const tile = chunk.tiles.find((one) => one.read === read);
      const near = { ...kept, col: kept.col + read.col, row: kept.row + read.row };
      if (judged !== null && tile !== undefined) keepVoices(judged, near, tile.keep, { voices, field, whole: keep });
      return judged;
    },
  };
  const { raster } = await computeChunk(chunk, tools);
  const size = raster.width * raster.height;
  const [classesBefore, classesAfter, change, into] = [0, 1, 2, 3].map((band) =>
    raster.data.subarray(band * size, (band + 1) * size),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return { keep, classesBefore, classesAfter, change, into, field, voices };
}

/** @param near what was judged; `part` of it, inside `whole`, is kept */
function keepVoices(
  judged: TileJudgement,
  near: Window,
  part: Window,
  { voices, field, whole }: Pick<JudgedChunk, 'voices' | 'field'> & { readonly whole: Window },
): void {
  const put = (plane: Float32Array | Uint8Array | null, target: Float32Array | Uint8Array): void => {
    if (plane === null) return;
    const cut = cropPlane(plane, near, part);
    for (let row = 0; row < part.height; row++) {
      const to = (part.row - whole.row + row) * whole.width + part.col - whole.col;
      target.set(cut.subarray(row * part.width, (row + 1) * part.width), to);
    }
  };
  for (const name of voiceNames) put(judged[name], voices[name]);
  put(judged.field, field);
}
