import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { countsLength, type Counts } from './score.ts';

const countsSchema = z.strictObject({
  name: z.string(),
  threshold: z.number().int().min(1).max(250),
  hasCrops: z.boolean(),
  cover: z.array(z.number()).nullable(),
  /** gap to the next index that holds something, and what it holds, in turn */
  sparse: z.array(z.number().int().min(0)),
});

const stableSchema = z.strictObject({
  pairs: z.number(),
  median: z.number(),
  worst: z.number(),
  mean: z.number(),
  artificialMean: z.number(),
  networkShare: z.number(),
  pooledShare: z.number(),
});

const foldSchema = z.strictObject({
  format: z.literal('tianwatch-fold/1'),
  model: z.string(),
  fold: z.number().int().min(0),
  weightsSha256: z.string(),
  /** in steps of 1/250, of the network alone */
  networkThreshold: z.number().int(),
  places: z.array(countsSchema),
  fourBands: z.array(countsSchema),
  /** series that this fold left out */
  stable: z.record(z.string(), stableSchema),
});

/** What one training that left places out says of them, counted: every figure follows from it. */
export interface Fold extends Omit<z.infer<typeof foldSchema>, 'places' | 'fourBands'> {
  readonly places: readonly Counts[];
  readonly fourBands: readonly Counts[];
}

function pack({ counts, cover, ...rest }: Counts): z.infer<typeof countsSchema> {
  const sparse: number[] = [];
  let last = -1;
  counts.forEach((count, at) => {
    if (count === 0) return;
    sparse.push(at - last, count);
    last = at;
  });
  return { ...rest, cover: cover && [...cover], sparse };
}

function unpack({ sparse, cover, ...rest }: z.infer<typeof countsSchema>): Counts {
  const counts = new Float64Array(countsLength);
  for (let k = 0, at = -1; k < sparse.length; k += 2) counts[(at += sparse[k]!)] = sparse[k + 1]!;
  return { ...rest, cover: cover && Float64Array.from(cover), counts };
}

export function writeFold(path: string, fold: Fold): void {
  const { places, fourBands, ...rest } = fold;
  const packed = { ...rest, places: places.map(pack), fourBands: fourBands.map(pack) };
  // a line a place: a change of one is seen as one
  const lines = (list: readonly object[]): string => list.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  const head = JSON.stringify({ ...rest }, null, 2).replace(/\n\}$/, '');
  writeFileSync(
    path,
    `${head},\n  "places": [\n${lines(packed.places)}\n  ],\n  "fourBands": [\n${lines(packed.fourBands)}\n  ]\n}\n`,
  );
}

/** The committed folds of a model, by number; none where nobody trained them. */
export function readFolds(folder: string, model: string): readonly Fold[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${model}-fold`) && file.endsWith('-counts.json'))
    .toSorted()
    .map((file) => {
      const fold = foldSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      return { ...fold, places: fold.places.map(unpack), fourBands: fold.fourBands.map(unpack) };
    });
}
