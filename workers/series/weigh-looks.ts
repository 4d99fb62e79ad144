import { chunkBands } from '../../pipeline/change/chunk.ts';
import { seen } from '../../pipeline/change/observe.ts';
import { seriesEvidence } from '../../pipeline/change/series-evidence.ts';
import type { LookLikelihood } from '../../pipeline/change/series-evidence.ts';
import type { SeriesModel } from '../../pipeline/change/series-model.ts';
import type { Chunk } from '../../pipeline/types.ts';
import { unobserved } from '../../pipeline/types.ts';
import { decodeFacts, decodeSlice, encodeChunk, sliceRows } from '../compute/chunk-file.ts';

/** One look's product of a chunk, as it lies in the store. */
export interface StoredLook {
  readonly id: string;
  readonly date: string;
  readonly bytes: Uint8Array;
}

interface LazyLook extends LookLikelihood {
  /** why a pixel was not seen; known once `seen` was asked for */
  readonly reasons: Uint8Array | null;
}

/** A slice that is inflated when the filter comes to it: all looks at once would take their number times the memory. */
function lazyLook({ id, date, bytes }: StoredLook, slice: number): LazyLook {
  let held: ReturnType<typeof decodeSlice> | null = null;
  let reasons: Uint8Array | null = null;
  const inflated = () => (held ??= decodeSlice(bytes, slice));
  return {
    id,
    date,
    get likelihood() {
      const { data, width, height } = inflated();
      return data.subarray(width * height);
    },
    /** asked for last: what was inflated may go */
    get seen() {
      const { data, width, height } = inflated();
      held = null;
      reasons = data.slice(0, width * height);
      return reasons.map((reason) => (reason === seen ? 1 : 0));
    },
    get reasons() {
      return reasons;
    },
  };
}

/**
 * What all looks together say of a chunk.
 *
 * @param looks each once
 * @returns by look, as stored chunks: bands as `chunkBands`, 255 where the look did not see the ground
 */
export function weighLooks(
  { keep }: Chunk,
  looks: readonly StoredLook[],
  model: SeriesModel,
): ReadonlyMap<string, Uint8Array> {
  const count = keep.width * keep.height;
  const planes = new Map(
    looks.map(({ id }) => [id, new Uint8Array(chunkBands.length * count).fill(unobserved)] as const),
  );
  for (let slice = 0; slice * sliceRows < keep.height; slice++) {
    const start = slice * sliceRows * keep.width;
    const lazy = looks.map((look) => lazyLook(look, slice));
    for (const { id, changed, before, into } of seriesEvidence(lazy, model)) {
      const out = planes.get(id)!;
      // the ground now is what it became where it changed, else what it was
      const after = into.map((code, i) => (changed[i]! < evenly ? before[i]! : code));
      for (const [band, plane] of [before, after, changed, into].entries()) out.set(plane, band * count + start);
      const { reasons } = lazy.find((look) => look.id === id)!;
      if (reasons !== null) out.set(reasons, chunkBands.indexOf('reason') * count + start);
    }
  }
  return new Map(
    looks.map(({ id, bytes }) => {
      const raster = { data: planes.get(id)!, width: keep.width, height: keep.height, bands: chunkBands.length };
      return [id, encodeChunk({ raster, ...decodeFacts(bytes) })];
    }),
  );
}

/** As likely changed as not, of 250. */
export const evenly = 125;
