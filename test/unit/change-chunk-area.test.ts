import { expect, test } from 'vitest';
import { computeChunk, type ChunkTools, type TileLook } from '../../pipeline/change/chunk.ts';
import { computeLookChunk } from '../../pipeline/change/look-chunk.ts';
import { reasonCode, seen } from '../../pipeline/change/observe.ts';
import type { Chunk, Window } from '../../pipeline/types.ts';
import { unobserved } from '../../pipeline/types.ts';

const window = (col: number): Window => ({ col, row: 0, width: 4, height: 4 });
/** two tiles side by side; the area of interest is the last column of the right one */
const chunk: Chunk = {
  index: 0,
  keep: { col: 0, row: 0, width: 8, height: 4 },
  tiles: [0, 4].map((col) => ({ read: window(col), keep: window(col) })),
};
const area = ({ col, width, height }: Window): Uint8Array =>
  Uint8Array.from({ length: width * height }, (_, i) => (col + (i % width) === 7 ? 1 : 0));

function toolsThatTell(read: number[]) {
  const look = async (_side: string, { col }: Window): Promise<TileLook> => {
    read.push(col);
    const raster = { data: new Float32Array(16).fill(0.1), width: 4, height: 4, bands: 1 };
    return { raster, needed: [0], inside: new Uint8Array(16).fill(1), clouds: null };
  };
  const plane = (value: number) => new Uint8Array(16).fill(value);
  const tools: ChunkTools = {
    gsdM: 10,
    bands: ['red'],
    clearHaze: null,
    fusion: null,
    look,
    judge: async () => ({
      classesBefore: plane(1),
      classesAfter: plane(2),
      into: plane(2),
      field: null,
      network: null,
      irmad: new Float32Array(16),
      vectors: new Float32Array(16),
    }),
    areaOfInterest: area,
    pixelAreaM2: () => 100,
    throwIfCancelled: () => undefined,
  };
  return tools;
}

test('a tile outside the area of interest is excluded without being read', async () => {
  const read: number[] = [];
  const { raster, observedM2 } = await computeChunk(chunk, toolsThatTell(read));
  expect(read).toEqual([4, 4]);
  expect(observedM2).toBe(400);
  const { excluded } = reasonCode;
  expect([...raster.data.subarray(-8)]).toEqual([...Array.from({ length: 7 }, () => excluded), seen]);
  const row = [...raster.data.subarray(0, 8)];
  expect(row).toEqual([...Array.from({ length: 7 }, () => unobserved), 1]);
});

test('nor is it read for one look of a series', async () => {
  const read: number[] = [];
  const tools = { ...toolsThatTell(read), grounds: 1, likelihood: async () => new Uint8Array(16).fill(9) };
  const { raster } = await computeLookChunk(chunk, tools);
  expect(read).toEqual([4, 4]);
  const { excluded } = reasonCode;
  expect([...raster.data.subarray(0, 8)]).toEqual([...Array.from({ length: 7 }, () => excluded), seen]);
});
