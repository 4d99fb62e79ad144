import { fromFile } from 'geotiff';
import { openGeotiff } from '../../pipeline/raster/geotiff.ts';
import { openFileSource } from '../../workers/images/file-source.ts';
import { cpuSeconds } from './landscape.ts';

/**
 * `node --import tsx reader.ts ours|readRasters <file>`: reads the whole file twice and prints the processor time of the
 * second reading and the sum of its samples.
 */
const [which, path = ''] = process.argv.slice(2);

interface Reading {
  readonly seconds: number;
  readonly parts: readonly ArrayLike<number>[];
}

async function readOurs(): Promise<Reading> {
  const file = await openGeotiff(await openFileSource(path));
  const start = process.cpuUsage();
  const { width, height, bands } = file;
  const all = bands.map((_, band) => band);
  const { data } = await file.readWindow({ col: 0, row: 0, width, height }, all);
  const seconds = cpuSeconds(start);
  await file.close();
  return { seconds, parts: [data] };
}

async function readRasters(): Promise<Reading> {
  const tiff = await fromFile(path);
  const image = await tiff.getImage();
  const start = process.cpuUsage();
  const parts = await image.readRasters();
  const seconds = cpuSeconds(start);
  await tiff.close();
  return { seconds, parts: [...parts].filter((part) => typeof part !== 'number') };
}

const read = which === 'ours' ? readOurs : readRasters;
await read();
const { seconds, parts } = await read();
let sum = 0;
for (const part of parts) for (let i = 0; i < part.length; i++) sum += part[i]!;
process.stdout.write(JSON.stringify({ seconds, sum }));
