import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { BandName } from '../types.ts';
import { parseDate } from './acquired.ts';
import { nameOfText, namesOfWavelengths, numberOfText } from './band-name.ts';
import type { SceneHint } from './hint.ts';
import { findSensor, type Scaling, type Sensor, type SensorTable } from './sensor.ts';
import { firstIssue, parseJson } from './sidecar.ts';

const nodata = z.union([z.number(), z.enum(['nan', 'inf', '-inf'])]).nullish();
const eoBand = z.object({
  name: z.string().nullish(),
  common_name: z.string().nullish(),
  center_wavelength: z.number().nullish(),
});
const rasterBand = z.object({ nodata, scale: z.number().nullish(), offset: z.number().nullish() });
/** STAC 1.1 `bands`; 1.0 splits the same into `eo:bands` and `raster:bands`. */
const band = z.object({
  name: z.string().nullish(),
  nodata,
  'eo:common_name': z.string().nullish(),
  'eo:center_wavelength': z.number().nullish(),
  'raster:scale': z.number().nullish(),
  'raster:offset': z.number().nullish(),
});
const asset = band.omit({ name: true }).extend({
  href: z.string().min(1),
  type: z.string().nullish(),
  roles: z.array(z.string()).nullish(),
  'eo:bands': z.array(eoBand).nullish(),
  'raster:bands': z.array(rasterBand).nullish(),
  bands: z.array(band).nullish(),
});
/** The part of a STAC Item that is read; @see https://github.com/radiantearth/stac-spec (1.0 and 1.1), extensions eo and raster */
export const stacItemSchema = z.object({
  type: z.literal('Feature'),
  stac_version: z.string(),
  id: z.string(),
  properties: z.object({
    datetime: z.string().nullish(),
    start_datetime: z.string().nullish(),
    platform: z.string().nullish(),
    constellation: z.string().nullish(),
    instruments: z.array(z.string()).nullish(),
    'earthsearch:boa_offset_applied': z.boolean().nullish(),
    'sentinel:boa_offset_applied': z.boolean().nullish(),
  }),
  assets: z.record(z.string(), asset),
});
type StacItem = z.infer<typeof stacItemSchema>;
type StacAsset = z.infer<typeof asset>;

/** A GeoTIFF of a STAC Item and what the Item says of it. */
export interface StacFile {
  /** as written: relative to the Item, absolute, or a URL */
  readonly href: string;
  readonly hint: SceneHint;
}

const previewRoles = ['thumbnail', 'overview', 'visual', 'metadata'];
const previewKeys = /visual|preview|thumbnail|overview|^tci/i;

function isImage(key: string, one: StacAsset): boolean {
  if (previewKeys.test(key) || one.roles?.some((role) => previewRoles.includes(role))) return false;
  return one.type ? /^image\/(tiff|vnd\.stac\.geotiff)/i.test(one.type) : /\.tiff?$/i.test(one.href);
}

interface BandSaid {
  readonly name: string | null;
  readonly commonName: string | null;
  readonly wavelengthNm: number | null;
}

/** STAC 1.0 gives `rededge` to three Sentinel-2 bands, so numbers and wavelengths are asked before common names there. */
function nameOf(said: BandSaid, sensor: Sensor | null, table: SensorTable): BandName | null {
  const number = said.name === null ? null : numberOfText(said.name);
  const byNumber = sensor && number ? (table.bandSets[sensor.bandSet]?.[number.number] ?? null) : null;
  const byWavelength = said.wavelengthNm === null ? null : (namesOfWavelengths([said.wavelengthNm])[0] ?? null);
  const common = said.commonName === null || said.commonName === 'rededge' ? null : nameOfText(said.commonName);
  const byWord = said.name === null ? null : nameOfText(said.name);
  return byNumber ?? common ?? byWavelength ?? byWord ?? (said.commonName === 'rededge' ? 'rededge071' : null);
}

const nm = (micrometres: number | null | undefined) => (typeof micrometres === 'number' ? micrometres * 1000 : null);

function bandsOf(one: StacAsset): BandSaid[] {
  const inherited = one['eo:common_name'] ?? null;
  if (one['eo:bands']?.length) {
    return one['eo:bands'].map((each) => ({
      name: each.name ?? null,
      commonName: each.common_name ?? null,
      wavelengthNm: nm(each.center_wavelength),
    }));
  }
  const listed = one.bands?.length ? one.bands : inherited === null ? [] : [one];
  return listed.map((each) => ({
    name: 'name' in each && typeof each.name === 'string' ? each.name : null,
    commonName: each['eo:common_name'] ?? inherited,
    wavelengthNm: nm(each['eo:center_wavelength'] ?? one['eo:center_wavelength']),
  }));
}

function scalingOf(one: StacAsset, isOffsetApplied: boolean): (Scaling | null)[] {
  const listed =
    one['raster:bands'] ??
    one.bands?.map((each) => ({ scale: each['raster:scale'], offset: each['raster:offset'] })) ??
    [];
  const all = listed.length > 0 ? listed : [{ scale: null, offset: null }];
  return all.map((each) => {
    const scale = each.scale ?? one['raster:scale'] ?? null;
    const offset = each.offset ?? one['raster:offset'] ?? 0;
    return scale === null ? null : { scale, offset: isOffsetApplied ? 0 : offset };
  });
}

function nodataOf(one: StacAsset): (number | null)[] {
  const listed = one['raster:bands'] ?? one.bands ?? [];
  const values = listed.length > 0 ? listed.map((each) => each.nodata ?? one.nodata) : [one.nodata];
  return values.map((value) => (typeof value === 'number' ? value : value === 'nan' ? Number.NaN : null));
}

/** One value speaks for all bands. */
const oneOrEach = <T>(values: readonly (T | null)[]): T | readonly (T | null)[] | null =>
  values.length === 1 ? (values[0] ?? null) : values;

function hintOf(path: string, item: StacItem, key: string, one: StacAsset, table: SensorTable): SceneHint {
  const { properties } = item;
  const said = [properties.platform, properties.constellation, ...(properties.instruments ?? [])].filter(
    (text) => typeof text === 'string',
  );
  const sensor = said.map((text) => findSensor(table, text)).find((found) => found !== null) ?? null;
  const listed = bandsOf(one);
  const names = (listed.length > 0 ? listed : [{ name: key, commonName: null, wavelengthNm: null }]).map((each) =>
    nameOf(each, sensor, table),
  );
  const date = properties.datetime ?? properties.start_datetime ?? null;
  const isOffsetApplied =
    (properties['earthsearch:boa_offset_applied'] ?? properties['sentinel:boa_offset_applied']) === true;
  return {
    from: 'stac',
    label: `${path} asset ${key}`,
    bands: names.some((name) => name !== null) ? names.map((name) => name ?? '-') : null,
    sensor: sensor?.id ?? said[0] ?? null,
    acquired: date === null ? null : parseDate(date),
    scaling: oneOrEach(scalingOf(one, isOffsetApplied)),
    nodata: oneOrEach(nodataOf(one)),
  };
}

/**
 * The GeoTIFFs of a STAC Item whose bands have names here (all of them where none has), in the order of the Item;
 * previews are left out. An asset that lists no bands may be named by its key (`scl`, `B04`).
 *
 * `boa_offset_applied` overrules an offset in `raster:bands`: catalogues kept −0.1 there after having applied it.
 *
 * @throws AppError INPUT_INVALID when it is no Item (naming the field) or holds no such asset
 */
export function readStacItem(path: string, text: string, table: SensorTable): StacFile[] {
  const parsed = stacItemSchema.safeParse(parseJson(path, text));
  if (!parsed.success) {
    throw new AppError(
      'INPUT_INVALID',
      `${path} is not a STAC Item: ${firstIssue(parsed.error)}.`,
      'Give GeoTIFFs or a STAC Item 1.0 or 1.1.',
      { path },
    );
  }
  const item = parsed.data;
  const images = Object.entries(item.assets).filter(([key, one]) => isImage(key, one));
  const files = images.map(([key, one]) => ({ href: one.href, hint: hintOf(path, item, key, one, table) }));
  const named = files.filter(({ hint }) => hint.bands !== null);
  if (files.length > 0) return named.length > 0 ? named : files;
  const message = `${path}: assets: ${Object.keys(item.assets).join(', ') || 'none'}: no GeoTIFF among them.`;
  throw new AppError('INPUT_INVALID', message, 'Give an Item whose assets are GeoTIFFs, or the files themselves.', {
    path,
  });
}
