import { openFileSink } from '../../workers/images/file-sink.ts';
import type { Ground, GroundRing } from './ground.ts';
import { simulatedNote } from './raster-files.ts';

export interface GeoFeature {
  /** one polygon, or several for a MultiPolygon; exterior rings in the scene's coordinates, not closed */
  readonly polygons: readonly GroundRing[];
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
}

/** 0.1 mm, so that shared corners stay shared. */
const decimals = 9;
const flushBytes = 1 << 20;

/** Takes features one by one. */
export interface FeatureWriter {
  /** nothing to wait for most of the time */
  add(feature: GeoFeature): Promise<void> | null;
  /** Put the file in its place. */
  finish(): Promise<void>;
  /** Give up; harmless after `finish`. */
  discard(): Promise<void>;
}

/** RFC 7946 GeoJSON (longitude, latitude). */
export async function openGeojson(
  path: string,
  ground: Ground,
  collection: Readonly<Record<string, string | number>>,
): Promise<FeatureWriter> {
  const sink = await openFileSink(path);
  const members = JSON.stringify({ simulated: simulatedNote, ...collection }).slice(1, -1);
  let pieces = [`{"type":"FeatureCollection",${members},"features":[`];
  let [length, isFirst] = [0, true];
  const flush = async (): Promise<void> => {
    const text = pieces.join('');
    pieces = [];
    length = 0;
    await sink.write(Buffer.from(text));
  };
  return {
    add({ polygons, properties }) {
      const rings = polygons.map((ring) => `[[${ringText(ring, ground)}]]`);
      const geometry =
        rings.length === 1
          ? `{"type":"Polygon","coordinates":${rings[0]}}`
          : `{"type":"MultiPolygon","coordinates":[${rings.join(',')}]}`;
      const text = `${isFirst ? '\n' : ',\n'}{"type":"Feature","properties":${JSON.stringify(properties)},"geometry":${geometry}}`;
      isFirst = false;
      pieces.push(text);
      length += text.length;
      return length < flushBytes ? null : flush();
    },
    async finish() {
      pieces.push('\n]}\n');
      await flush();
      await sink.publish();
    },
    discard: () => sink.discard(),
  };
}

/** Writes all features with all writers; returns how many there were. */
export async function writeFeatures(
  features: Iterable<GeoFeature>,
  writers: readonly FeatureWriter[],
): Promise<number> {
  let count = 0;
  try {
    for (const feature of features) {
      count++;
      for (const writer of writers) {
        const pending = writer.add(feature);
        if (pending) await pending;
      }
    }
    for (const writer of writers) await writer.finish();
  } finally {
    for (const writer of writers) await writer.discard();
  }
  return count;
}

function ringText(ring: GroundRing, { toLonLat }: Ground): string {
  let [text, first] = ['', ''];
  for (const [x, y] of ring) {
    const [lon, lat] = toLonLat(x, y);
    const point = `[${lon.toFixed(decimals)},${lat.toFixed(decimals)}]`;
    if (text === '') first = point;
    text += `${point},`;
  }
  return text + first;
}
