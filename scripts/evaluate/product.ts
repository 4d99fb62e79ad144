import { loadCard } from '../../models/shelf.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import { changeScale } from '../../pipeline/types.ts';
import type { ClassMap } from '../../pipeline/types.ts';
import { openBench, type Bench } from '../../workers/compute/bench.ts';
import { planRun } from '../../workers/compute/open.ts';
import { thresholdValue } from '../../workers/compute/stitch.ts';
import { judgeChunk, voiceNames, type Voice } from './judged-chunk.ts';
import type { Place } from './place.ts';

const planeNames = ['classesBefore', 'classesAfter', 'change', 'into', 'field'] as const;

/** What a run writes, and the single voices behind it; `[row][col]` on the grid of the finest before file. */
export interface ProductPlanes {
  readonly width: number;
  readonly height: number;
  readonly classesBefore: Uint8Array;
  readonly classesAfter: Uint8Array;
  /** probability × 250, 255 = not observed */
  readonly change: Uint8Array;
  readonly into: Uint8Array;
  /** 1 = a field by the network's own word; 0 where it says none or not */
  readonly field: Uint8Array;
  /** 0..1, without a network 0; whatever the sky */
  readonly voices: Readonly<Record<Voice, Float32Array>>;
  /** the run's own, in steps of `change` */
  readonly threshold: number;
  /** 0..1, of the network alone; above 1 where its card gives none */
  readonly networkThreshold: number;
  readonly classMap: ClassMap;
}

/**
 * A whole pair through the product's own path: plan, tiles, cloud masks, decision; nothing is written.
 *
 * @param shiftPx the later date is read so many pixels further right, after registration: what registration left over
 */
export async function runProduct(
  { before, after }: Pick<Place, 'before' | 'after'>,
  model: string,
  shiftPx = 0,
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
  const opened = await openBench(plan);
  const bench: Bench = shiftPx === 0 ? opened : { ...opened, tools: shifted(opened.tools, shiftPx) };
  const { width, height } = plan.grid;
  const planeOf = (): Uint8Array => new Uint8Array(width * height);
  const planes = {
    classesBefore: planeOf(),
    classesAfter: planeOf(),
    change: planeOf(),
    into: planeOf(),
    field: planeOf(),
  };
  const voiceOf = (): Float32Array => new Float32Array(width * height);
  const voices = { network: voiceOf(), irmad: voiceOf(), vectors: voiceOf() };
  for (const chunk of plan.chunks) {
    const judged = await judgeChunk(chunk, bench);
    const { keep } = judged;
    for (let row = 0; row < keep.height; row++) {
      const [from, to] = [row * keep.width, (keep.row + row) * width + keep.col];
      for (const name of planeNames) planes[name].set(judged[name].subarray(from, from + keep.width), to);
      for (const name of voiceNames) voices[name].set(judged.voices[name].subarray(from, from + keep.width), to);
    }
  }
  await bench.close();
  const networkThreshold = (plan.model && loadCard(plan.model.path).card.thresholds.network) ?? 2;
  return {
    width,
    height,
    ...planes,
    voices,
    threshold: thresholdValue(plan),
    networkThreshold,
    classMap: plan.classMap,
  };
}

function shifted(tools: Bench['tools'], px: number): Bench['tools'] {
  return {
    ...tools,
    look: (side, window) => tools.look(side, side === 'before' ? window : { ...window, col: window.col + px }),
  };
}

/** 1 where the class changed into is built or bare, by the class map's own groups. */
export function artificial({ into, classMap }: ProductPlanes): Uint8Array {
  const codes = new Set(classMap.classes.filter(({ group }) => group === 'artificial').map(({ code }) => code));
  return into.map((code) => (codes.has(code) ? 1 : 0));
}

/** Fused probability 0..1; NaN where nothing was observed. */
export const probabilities = ({ change }: ProductPlanes): Float32Array =>
  Float32Array.from(change, (value) => (value > changeScale ? Number.NaN : value / changeScale));
