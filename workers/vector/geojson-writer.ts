import { orientPolygon } from '../../pipeline/geo/polygon.ts';
import { openFileSink } from '../images/file-sink.ts';
import type { VectorWriter, WriteOptions } from './vector-writer.ts';

const flushBytes = 1 << 20;

/** Of the old `crs` member; RFC 7946 files have none. */
const crsMember = (epsg: number): string =>
  JSON.stringify({ type: 'name', properties: { name: `urn:ogc:def:crs:EPSG::${epsg}` } });

/**
 * A writer of GeoJSON: RFC 7946 where the system is EPSG:4326, else the older form with a `crs` member. Coordinates keep
 * all their digits.
 */
export async function openGeojsonWriter(path: string, { crs, columns, layer }: WriteOptions): Promise<VectorWriter> {
  const names = columns.map(({ name }) => name);
  const sink = await openFileSink(path);
  const name = layer === undefined ? '' : `"name":${JSON.stringify(layer)},`;
  const system = crs.epsg === 4326 || crs.epsg === null ? '' : `"crs":${crsMember(crs.epsg)},`;
  let pieces = [`{"type":"FeatureCollection",${name}${system}"features":[`];
  let [length, isFirst] = [0, true];
  const flush = async (): Promise<void> => {
    const text = pieces.join('');
    [pieces, length] = [[], 0];
    await sink.write(Buffer.from(text));
  };
  return {
    add({ polygons, properties }) {
      const coordinates = polygons?.map(orientPolygon) ?? [];
      const geometry =
        polygons === null
          ? null
          : coordinates.length === 1
            ? { type: 'Polygon', coordinates: coordinates[0] }
            : { type: 'MultiPolygon', coordinates };
      const own = Object.fromEntries(names.map((key) => [key, properties[key] ?? null]));
      const text = JSON.stringify({ type: 'Feature', properties: own, geometry });
      pieces.push(isFirst ? '\n' : ',\n', text);
      isFirst = false;
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
