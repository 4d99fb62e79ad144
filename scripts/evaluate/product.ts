import { chunkBands, computeChunk } from '../../pipeline/change/chunk.ts';
import type { ChunkTools, TileJudgement } from '../../pipeline/change/chunk.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import { changeScale } from '../../pipeline/types.ts';
import type { ClassMap, Window } from '../../pipeline/types.ts';
import { openBench } from '../../workers/compute/bench.ts';
import { planRun } from '../../workers/compute/open.ts';
import { thresholdValue } from '../../workers/compute/stitch.ts';
import type { Place } from './place.ts';

/** What a run writes, and the single voices behind it; `[row][col]` on the grid of the finest before file. */
export interface ProductPlanes {
  readonly width: number;
  readonly height: number;
  readonly classesBefore: Uint8Array;
  readonly classesAfter: Uint8Array;
  /** probability × 250, 255 = not observed */
  readonly change: Uint8Array;
  readonly into: Uint8Array;
  /** 0..1, without a network 0; whatever the sky */
  readonly voices: Readonly<Record<'network' | 'irmad' | 'vectors', Float32Array>>;
  /** the run's own, in steps of `change` */
  readonly threshold: number;
  readonly classMap: ClassMap;
}

/** A whole pair through the product's own path: plan, tiles, cloud masks, decision; nothing is written. */
export async function runProduct(
  { before, after }: Pick<Place, 'before' | 'after'>,
  model: string,
): Promise<ProductPlanes> {
  const request: RunRequest = {
    before: { files: [...before] },
    after: { files: [...after] },
    model,
    grid: 'before',
    out: '/nowhere',
    force: false,
  };
  const plan = await planRun(request, {}, () => undefined);
  const bench = await openBench(plan);
  const { width, height } = plan.grid;
  const planes = chunkBands.map(() => new Uint8Array(width * height));
  const voices = {
    network: new Float32Array(width * height),
    irmad: new Float32Array(width * height),
    vectors: new Float32Array(width * height),
  };
  for (const chunk of plan.chunks) {
    let read: Window = chunk.keep;
    const tools: ChunkTools = {
      ...bench.tools,
      throwIfCancelled: () => undefined,
      look: (side, window) => bench.tools.look(side, (read = window)),
      async judge(first, second, keep) {
        const judged = await bench.tools.judge(first, second, keep);
        const tile = chunk.tiles.find((one) => one.read === read);
        if (judged !== null && tile !== undefined) keepVoices(judged, tile.keep, voices, width);
        return judged;
      },
    };
    const { raster } = await computeChunk(chunk, tools);
    const size = raster.width * raster.height;
    planes.forEach((plane, band) => {
      for (let row = 0; row < raster.height; row++)
        plane.set(
          raster.data.subarray(band * size + row * raster.width, band * size + (row + 1) * raster.width),
          (chunk.keep.row + row) * width + chunk.keep.col,
        );
    });
  }
  await bench.close();
  const [classesBefore, classesAfter, change, into] = planes as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return {
    width,
    height,
    classesBefore,
    classesAfter,
    change,
    into,
    voices,
    threshold: thresholdValue(plan),
    classMap: plan.classMap,
  };
}

function keepVoices(judged: TileJudgement, keep: Window, voices: ProductPlanes['voices'], width: number): void {
  for (const name of ['network', 'irmad', 'vectors'] as const) {
    const plane = judged[name];
    if (plane === null) continue;
    for (let row = 0; row < keep.height; row++) {
      const from = row * keep.width;
      voices[name].set(plane.subarray(from, from + keep.width), (keep.row + row) * width + keep.col);
    }
  }
}

/** 1 where the class changed into is built or bare, by the class map's own groups. */
export function artificial({ into, classMap }: ProductPlanes): Uint8Array {
  const codes = new Set(classMap.classes.filter(({ group }) => group === 'artificial').map(({ code }) => code));
  return into.map((code) => (codes.has(code) ? 1 : 0));
}

/** Fused probability 0..1; NaN where nothing was observed. */
export const probabilities = ({ change }: ProductPlanes): Float32Array =>
  Float32Array.from(change, (value) => (value > changeScale ? Number.NaN : value / changeScale));
