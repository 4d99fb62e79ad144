import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import type { Crs } from '../../pipeline/types.ts';
import { openFileSink, writeFileAtomic, type FileSink } from '../../workers/images/file-sink.ts';
import { encodeGbk } from './gbk.ts';
import type { FeatureWriter, GeoFeature } from './geojson-file.ts';

export interface DbfField {
  /** ≤ 10 bytes */
  readonly name: string;
  /** C text, N number */
  readonly type: 'C' | 'N';
  /** bytes */
  readonly width: number;
  readonly decimals?: number;
}

/** CGCS2000, 3° zone of 120° E without zone number in the easting, as land surveys of Jiaxing come. */
const surveyEpsg = 4549;
const surveyWkt =
  'PROJCS["CGCS2000_3_Degree_GK_CM_120E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]';

const headerBytes = 100;

/** Bytes gathered before a write. */
const flushBytes = 1 << 20;

/**
 * A shapefile of polygons in EPSG:4549 with a GBK table and, as is common, without a .cpg.
 *
 * @param path without extension
 * @param from system of the features' coordinates
 * @see ESRI Shapefile Technical Description, 1998
 */
export async function openShapefile(
  path: string,
  { fields, from }: { readonly fields: readonly DbfField[]; readonly from: Crs },
): Promise<FeatureWriter> {
  const project = projector(from, crsFromEpsg(surveyEpsg));
  const sinks = await Promise.all(['shp', 'shx', 'dbf'].map((extension) => openFileSink(`${path}.${extension}`)));
  const [shp, shx, dbf] = sinks as [FileSink, FileSink, FileSink];
  const waiting: [Uint8Array[], Uint8Array[], Uint8Array[]] = [
    [new Uint8Array(headerBytes)],
    [new Uint8Array(headerBytes)],
    [dbfHeader(fields, 0)],
  ];
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  let [count, at, length] = [0, headerBytes, 0];
  const flush = async (): Promise<void> => {
    length = 0;
    for (const [i, sink] of sinks.entries()) await sink.write(Buffer.concat(waiting[i]!.splice(0)));
  };
  return {
    add({ polygons, properties }) {
      const rings = polygons.map((ring) => closedClockwise(ring.map(([x, y]) => project(x, y))));
      const record = polygonRecord(++count, rings, box);
      const index = Buffer.alloc(8);
      index.writeInt32BE(at / 2, 0);
      index.writeInt32BE((record.length - 8) / 2, 4);
      waiting[0].push(record);
      waiting[1].push(index);
      waiting[2].push(dbfRow(fields, properties));
      at += record.length;
      length += record.length;
      return length < flushBytes ? null : flush();
    },
    async finish() {
      waiting[2].push(Uint8Array.of(0x1a));
      await flush();
      await shp.patch(0, mainHeader(at, box));
      await shx.patch(0, mainHeader(headerBytes + 8 * count, box));
      await dbf.patch(0, dbfHeader(fields, count));
      for (const sink of sinks) await sink.publish();
      await writeFileAtomic(`${path}.prj`, Buffer.from(surveyWkt));
    },
    async discard() {
      for (const sink of sinks) await sink.discard();
    },
  };
}

type Ring = readonly (readonly [number, number])[];

/** Exterior rings run clockwise in shapefiles. */
function closedClockwise(ring: Ring): Ring {
  const turned = ring.toReversed();
  return [...turned, turned[0]!];
}

function polygonRecord(number: number, rings: readonly Ring[], box: number[]): Buffer {
  const points = rings.reduce((sum, ring) => sum + ring.length, 0);
  const length = 44 + 4 * rings.length + 16 * points;
  const out = Buffer.alloc(8 + length);
  out.writeInt32BE(number, 0);
  out.writeInt32BE(length / 2, 4);
  out.writeInt32LE(5, 8);
  out.writeInt32LE(rings.length, 44);
  out.writeInt32LE(points, 48);
  const own = [Infinity, Infinity, -Infinity, -Infinity];
  let at = 52 + 4 * rings.length;
  let first = 0;
  rings.forEach((ring, part) => {
    out.writeInt32LE(first, 52 + 4 * part);
    first += ring.length;
    for (const [x, y] of ring) {
      at = out.writeDoubleLE(y, out.writeDoubleLE(x, at));
      widen(own, x, y);
    }
  });
  own.forEach((value, i) => out.writeDoubleLE(value, 12 + 8 * i));
  widen(box, own[0]!, own[1]!);
  widen(box, own[2]!, own[3]!);
  return out;
}

function widen(box: number[], x: number, y: number): void {
  box[0] = Math.min(box[0]!, x);
  box[1] = Math.min(box[1]!, y);
  box[2] = Math.max(box[2]!, x);
  box[3] = Math.max(box[3]!, y);
}

function mainHeader(bytes: number, box: readonly number[]): Buffer {
  const out = Buffer.alloc(headerBytes);
  out.writeInt32BE(9994, 0);
  out.writeInt32BE(bytes / 2, 24);
  out.writeInt32LE(1000, 28);
  out.writeInt32LE(5, 32);
  box.forEach((value, i) => out.writeDoubleLE(Number.isFinite(value) ? value : 0, 36 + 8 * i));
  return out;
}

/** Date of the table: fixed, since the same seed gives the same bytes. */
const tableDate = [126, 1, 1] as const;

function dbfHeader(fields: readonly DbfField[], count: number): Buffer {
  const out = Buffer.alloc(33 + 32 * fields.length);
  out[0] = 3;
  out.set(tableDate, 1);
  out.writeUInt32LE(count, 4);
  out.writeUInt16LE(out.length, 8);
  out.writeUInt16LE(1 + fields.reduce((sum, { width }) => sum + width, 0), 10);
  fields.forEach(({ name, type, width, decimals = 0 }, i) => {
    const at = 32 + 32 * i;
    out.write(name, at, 10, 'latin1');
    out.write(type, at + 11, 'latin1');
    out[at + 16] = width;
    out[at + 17] = decimals;
  });
  out[out.length - 1] = 0x0d;
  return out;
}

function dbfRow(fields: readonly DbfField[], properties: GeoFeature['properties']): Buffer {
  const out = Buffer.alloc(1 + fields.reduce((sum, { width }) => sum + width, 0), 0x20);
  let at = 1;
  for (const { name, type, width, decimals = 0 } of fields) {
    const value = properties[name] ?? '';
    if (type === 'N') out.write(Number(value).toFixed(decimals).padStart(width).slice(0, width), at, 'latin1');
    else out.set(encodeGbk(String(value)).subarray(0, width), at);
    at += width;
  }
  return out;
}
