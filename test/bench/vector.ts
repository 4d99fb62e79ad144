import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as shapefile from 'shapefile';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import type { WrittenFeature } from '../../workers/vector/vector-writer.ts';
import { openShapefileWriter } from '../../workers/vector/shapefile-writer.ts';
import { openVector } from '../../workers/vector/open-vector.ts';
import { surveyFields } from '../../scripts/simulate/survey-fields.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';

const rows = 50_000;
const corners = 20;
const aside = 224;
const rounds = 3;

/** Processor seconds of all threads; the best of some rounds. */
export interface VectorFigures {
  readonly rows: number;
  readonly vertices: number;
  readonly ourSeconds: number;
  readonly packageSeconds: number;
  /** ogr2ogr into memory and ogrinfo -al; null: GDAL is absent */
  readonly ogr: { readonly copySeconds: number; readonly infoSeconds: number } | null;
  readonly ofOgr: number | null;
  readonly ofPackage: number;
}

/** Parcels of a survey with its 30 columns, a third of them filled. */
function parcel(i: number): WrittenFeature {
  const [x, y] = [520_000 + (i % aside) * 100, 3_390_000 + Math.floor(i / aside) * 100];
  const ring = Array.from({ length: corners }, (_, k): [number, number] => {
    const angle = (2 * Math.PI * k) / corners;
    return [x + 40 * Math.cos(angle) + i * 1e-4, y - 40 * Math.sin(angle)];
  });
  const village = 1 + (i % 300);
  const code = `330411104${String(village).padStart(3, '0')}0000000`;
  return {
    polygons: [[[...ring, ring[0]!]]],
    properties: {
      BSM: String(330_411_000_000_000_000n + BigInt(i)),
      YSDM: '2001010100',
      TBBH: String(i),
      DLBM: '0101',
      DLMC: '水田',
      QSDWDM: code,
      QSDWMC: `新塍镇第${village}村`,
      ZLDWDM: code,
      ZLDWMC: `新塍镇第${village}村`,
      TBMJ: 4944.27,
      ZZSXDM: 'LS',
      ZZSXMC: '种植粮食作物',
    },
  };
}

async function writeSurvey(path: string): Promise<void> {
  const columns = surveyFields.map(({ name, type, width, decimals = 0 }) => ({
    name,
    width,
    decimals,
    type: type === 'C' ? ('text' as const) : ('real' as const),
  }));
  const writer = await openShapefileWriter(path, { crs: crsFromEpsg(4549), columns, encoding: 'gbk', hasCpg: false });
  for (let i = 0; i < rows; i++) await writer.add(parcel(i));
  await writer.finish();
}

interface Count {
  rows: number;
  vertices: number;
}

async function readOurs(path: string, count: Count): Promise<void> {
  const file = await openVector(path);
  for await (const { polygons } of file.features()) {
    count.rows++;
    for (const rings of polygons ?? []) for (const ring of rings) count.vertices += ring.length;
  }
  await file.close();
}

async function readPackage(path: string, count: Count): Promise<void> {
  const source = await shapefile.open(path, undefined, { encoding: 'gbk' });
  for (let next = await source.read(); !next.done; next = await source.read()) {
    const { geometry } = next.value;
    count.rows++;
    if (geometry.type === 'Polygon') for (const ring of geometry.coordinates) count.vertices += ring.length;
  }
}

async function timed(read: (count: Count) => Promise<void>): Promise<Count & { seconds: number }> {
  const best = { rows: 0, vertices: 0, seconds: Infinity };
  for (let round = 0; round < rounds; round++) {
    const count = { rows: 0, vertices: 0 };
    const before = process.cpuUsage();
    await read(count);
    const { user, system } = process.cpuUsage(before);
    Object.assign(best, count, { seconds: Math.min(best.seconds, (user + system) / 1e6) });
  }
  return best;
}

const ogrProgram = `
import resource, subprocess
def cpu(command):
    best = None
    for _ in range(given['rounds']):
        a = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        b = resource.getrusage(resource.RUSAGE_CHILDREN)
        s = b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime
        best = s if best is None else min(best, s)
    return best
gbk = ['--config', 'SHAPE_ENCODING', 'CP936']
print(json.dumps({
    'copySeconds': cpu(['ogr2ogr', *gbk, '-f', 'Memory', 'memory', given['path']]),
    'infoSeconds': cpu(['ogrinfo', *gbk, '-al', '-q', given['path']]),
}))
`;

/** Read a GBK survey of 50,000 parcels and a million vertices: all attributes, all rings. */
export async function benchVector(): Promise<VectorFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-vector-'));
  try {
    const path = join(folder, 'DLTB.shp');
    await writeSurvey(join(folder, 'DLTB'));
    const ours = await timed((count) => readOurs(path, count));
    const other = await timed((count) => readPackage(path, count));
    if (ours.rows !== other.rows || ours.vertices !== other.vertices)
      throw new Error(`${ours.rows} rows of ${ours.vertices} vertices against ${other.rows} of ${other.vertices}`);
    const ogr = hasGdalPython ? (runGdalPython(ogrProgram, { path, rounds }) as VectorFigures['ogr']) : null;
    return {
      rows: ours.rows,
      vertices: ours.vertices,
      ourSeconds: ours.seconds,
      packageSeconds: other.seconds,
      ogr,
      ofOgr: ogr === null ? null : ogr.copySeconds / ours.seconds,
      ofPackage: other.seconds / ours.seconds,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
