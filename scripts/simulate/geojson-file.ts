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

/** Writes features one by one as RFC 7946 GeoJSON (longitude, latitude); returns how many there were. */
export async function writeGeojson(
  path: string,
  ground: Ground,
  features: Iterable<GeoFeature>,
  collection: Readonly<Record<string, string | number>>,
): Promise<number> {
  const sink = await openFileSink(path);
  let count = 0;
  try {
    let text = `{"type":"FeatureCollection",${JSON.stringify({ simulated: simulatedNote, ...collection }).slice(1, -1)},"features":[`;
    for (const { polygons, properties } of features) {
      const rings = polygons.map((ring) => `[[${ringText(ring, ground)}]]`);
      const geometry =
        rings.length === 1
          ? `{"type":"Polygon","coordinates":${rings[0]}}`
          : `{"type":"MultiPolygon","coordinates":[${rings.join(',')}]}`;
      text += `${count++ === 0 ? '\n' : ',\n'}{"type":"Feature","properties":${JSON.stringify(properties)},"geometry":${geometry}}`;
      if (text.length < flushBytes) continue;
      await sink.write(Buffer.from(text));
      text = '';
    }
    await sink.write(Buffer.from(`${text}\n]}\n`));
    await sink.publish();
  } finally {
    await sink.discard();
  }
  return count;
}

function ringText(ring: GroundRing, { toLonLat }: Ground): string {
  const points = ring.map(([x, y]) => {
    const [lon, lat] = toLonLat(x, y);
    return `[${lon.toFixed(decimals)},${lat.toFixed(decimals)}]`;
  });
  points.push(points[0]!);
  return points.join(',');
}
