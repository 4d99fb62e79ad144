import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import {
  openVector,
  type VectorFeature,
  type VectorFile,
  type VectorOptions,
} from '../../workers/vector/open-vector.ts';
import { openShapefileWriter } from '../../workers/vector/shapefile-writer.ts';
import type { VectorColumn, WrittenFeature } from '../../workers/vector/vector-writer.ts';

/** A folder of this test file's own, removed at its end. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vector-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface ReadVector extends Pick<VectorFile, 'fields' | 'encoding' | 'crsHow' | 'featureCount'> {
  readonly epsg: number | null;
  readonly features: readonly VectorFeature[];
  readonly notes: readonly string[];
}

/** A whole file. */
export async function readVector(path: string, options: VectorOptions = {}): Promise<ReadVector> {
  const file = await openVector(path, options);
  try {
    const features: VectorFeature[] = [];
    for await (const feature of file.features()) features.push(feature);
    const { fields, encoding, crsHow, featureCount, crs, notes } = file;
    return { fields, encoding, crsHow, featureCount, epsg: crs.epsg, features, notes: notes.map(({ code }) => code) };
  } finally {
    await file.close();
  }
}

export const square = (x: number, y: number, side: number): [number, number][] => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
  [x, y],
];

/** Two parcels of a survey near Xincheng, the second with a hole. */
export const parcels: readonly WrittenFeature[] = [
  {
    polygons: [[square(560_000, 3_390_000, 100)]],
    properties: { BSM: '330411000000000001', DLBM: '0101', DLMC: '水田', ZLDWMC: '新塍镇', TBMJ: 10_000.25 },
  },
  {
    polygons: [[square(560_200, 3_390_000, 100), square(560_220, 3_390_020, 10).toReversed()]],
    properties: { BSM: '330411000000000002', DLBM: '1104A', DLMC: '养殖坑塘', ZLDWMC: '濮院镇', TBMJ: 9900 },
  },
];

export const parcelColumns: readonly VectorColumn[] = [
  { name: 'BSM', type: 'text', width: 18 },
  { name: 'DLBM', type: 'text', width: 5 },
  { name: 'DLMC', type: 'text', width: 60 },
  { name: 'ZLDWMC', type: 'text', width: 60 },
  { name: 'TBMJ', type: 'real', width: 15, decimals: 2 },
];

export async function writeShapefile(
  path: string,
  features: readonly WrittenFeature[],
  options: {
    readonly epsg?: number;
    readonly encoding?: 'gbk' | 'utf-8';
    readonly hasCpg?: boolean;
    readonly columns?: readonly VectorColumn[];
  } = {},
): Promise<string> {
  const { epsg = 4549, columns = parcelColumns, ...rest } = options;
  const writer = await openShapefileWriter(path.replace(/\.shp$/, ''), { crs: crsFromEpsg(epsg), columns, ...rest });
  for (const feature of features) await writer.add(feature);
  await writer.finish();
  return path;
}
