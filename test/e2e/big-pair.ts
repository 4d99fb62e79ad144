import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePair } from '../../scripts/made-pair.ts';
import { plainCard, writeCard } from '../support/model-card.ts';
import { convolutionNetwork } from '../support/onnx-file.ts';
import { repeatedGeotiff } from '../support/repeated-geotiff.ts';
import { tianwatch } from '../support/run-command.ts';

const blockPx = 512;
const bands = ['blue', 'green', 'red', 'nir'];
const seeds = [1, 2, 3, 4];

/** `[band][row][col]` → `[row][col][band]`, the first four bands. */
function interleave(dn: Uint16Array): Uint16Array {
  const count = blockPx * blockPx;
  const out = new Uint16Array(count * bands.length);
  for (let i = 0; i < count; i++)
    for (let band = 0; band < bands.length; band++) out[i * bands.length + band] = dn[band * count + i]!;
  return out;
}

export interface BigPair {
  readonly before: string;
  readonly after: string;
  readonly card: string;
}

/**
 * A pair of any size over four made landscapes, repeated; every eighth of its blocks changes. The network is one 1×1
 * convolution.
 */
export function writeBigPair(folder: string, sidePx: number): BigPair {
  mkdirSync(folder, { recursive: true });
  const pairs = seeds.map((seed) => makePair(blockPx, seed, false));
  const blockAt = (col: number, row: number): number => (col + 3 * row) % seeds.length;
  const write = (name: string, isAfter: boolean): string => {
    const unchanged = pairs.map(({ before }) => interleave(before));
    const changed = pairs.map(({ after }) => interleave(after));
    const text = repeatedGeotiff({
      sidePx,
      bands,
      blockPx,
      blocks: [...unchanged, ...changed],
      blockAt: (col, row) => blockAt(col, row) + (isAfter && (col * 5 + row * 3) % 8 === 0 ? seeds.length : 0),
      acquired: isAfter ? '2026-08-12' : '2025-08-15',
    });
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const weights = [
    [-20, 0, 0, -20],
    [0, 0, 0, 9],
    [10, 10, 10, -5],
  ];
  return {
    before: write('big_20250815.tif', false),
    after: write('big_20260812.tif', true),
    card: writeCard(folder, plainCard({ input: { ...plainCard().input, tilePx: 768 } }), convolutionNetwork(weights)),
  };
}

export interface BigRun {
  readonly exit: number | null;
  readonly stderr: string;
  readonly out: string;
  readonly data: string;
  readonly seconds: number;
  readonly peakBytes: number;
}

export async function runBigPair(folder: string, sidePx: number, isNice = false): Promise<BigRun> {
  const { before, after, card } = writeBigPair(join(folder, 'scenes'), sidePx);
  const [out, data] = [join(folder, 'out'), join(folder, 'data')];
  const args = ['run', '--before', before, '--after', after, '--model', card, '--out', out];
  const { exit, stderr, peakBytes, ms } = await tianwatch(args, { data, sampleMs: 250, isNice });
  return { exit, stderr, out, data, seconds: ms / 1000, peakBytes };
}
