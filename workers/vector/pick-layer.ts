import { unreadable } from '../../pipeline/vector/feature.ts';

/**
 * The layer that is wanted, or the only one.
 *
 * @throws AppError INPUT_INVALID where there are several or none, naming them
 */
export function pickLayer<T>(
  file: string,
  layers: readonly T[],
  nameOf: (layer: T) => string,
  wanted: string | undefined,
): T {
  const names = layers.map(nameOf);
  const found = wanted === undefined ? layers[0] : layers[names.indexOf(wanted)];
  if (found !== undefined && (wanted !== undefined || layers.length === 1)) return found;
  if (layers.length === 0)
    throw unreadable(
      file,
      '没有图层 it holds no layer of polygons.',
      'Give a GeoJSON, shapefile, GeoPackage or FlatGeobuf.',
    );
  const what = wanted === undefined ? `it holds ${layers.length} layers` : `it holds no layer "${wanted}"`;
  throw unreadable(file, `${what}: ${names.slice(0, 12).join(', ')}.`, 'Give one of them with --layer.', {
    layers: names,
  });
}
