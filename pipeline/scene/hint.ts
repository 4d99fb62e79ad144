import { AppError } from '../errors.ts';
import type { SceneRequest } from '../request.ts';
import { parseDate } from './acquired.ts';
import type { Scaling } from './sensor.ts';

/** What a flag, a sidecar or a STAC Item says of one file. Null or absent: it says nothing. */
export interface SceneHint {
  readonly from: 'flag' | 'sidecar' | 'stac';
  /** how messages call it: `--bands`, the path of the sidecar, the path and asset of the STAC Item */
  readonly label: string;
  /** one word a band; `-` for a band without a name */
  readonly bands?: readonly string[] | null;
  readonly sensor?: string | null;
  /** ISO-8601 */
  readonly acquired?: string | null;
  /** one for all bands, or one a band (null: not said) */
  readonly scaling?: Scaling | readonly (Scaling | null)[] | null;
  /** one for all bands, or one a band (null: not said) */
  readonly nodata?: number | readonly (number | null)[] | null;
}

/** The value of a hint for one band. */
export function hintOfBand<T>(value: T | readonly (T | null)[] | null | undefined, index: number): T | null {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? ((value as readonly (T | null)[])[index] ?? null) : (value as T);
}

export type SceneFlags = Pick<SceneRequest, 'bands' | 'sensor' | 'acquired' | 'scale'>;

/**
 * `R,G,B,NIR` for every file, or one group a file separated by `/`: `B02,B03,B04,B08/B8A,B11,B12`. `-` leaves a band out.
 *
 * @throws AppError CONFIG_INVALID for an empty group or word
 */
export function parseBandGroups(text: string): string[][] {
  const groups = text.split('/').map((group) => group.split(/[,，]/).map((word) => word.trim()));
  if (groups.every((group) => group.every((word) => word !== ''))) return groups;
  throw new AppError(
    'CONFIG_INVALID',
    `--bands ${text}: a band name is empty.`,
    'Give one name a band, e.g. --bands R,G,B,NIR; - leaves a band out.',
  );
}

/**
 * `0.0001` or `0.0001,-0.1`: scale and offset of reflectance = DN · scale + offset.
 *
 * @throws AppError CONFIG_INVALID unless the scale is above 0 and both are finite
 */
export function parseScale(text: string): Scaling {
  const [scale, offset = 0, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (rest.length === 0 && scale !== undefined && Number.isFinite(scale) && scale > 0 && Number.isFinite(offset))
    return { scale, offset };
  throw new AppError(
    'CONFIG_INVALID',
    `--scale ${text} is not a scale above 0 or scale,offset.`,
    'Give e.g. --scale 0.0001 or --scale 0.0001,-0.1 (reflectance = DN · scale + offset).',
  );
}

/** @throws AppError CONFIG_INVALID for anything but a calendar date of 1970 to 2100 */
export function parseAcquired(text: string): string {
  const date = parseDate(text);
  if (date !== null) return date;
  throw new AppError(
    'CONFIG_INVALID',
    `--acquired ${text} is not a date of 1970 to 2100.`,
    'Give an ISO-8601 date, e.g. --acquired 2024-05-01.',
  );
}

/**
 * What the flags say of each of a scene's files.
 *
 * @returns one hint a file
 * @throws AppError CONFIG_INVALID for a flag that cannot be read or a number of `--bands` groups that is neither 1 nor the number of files
 */
export function hintsOfFlags(flags: SceneFlags, files: number): SceneHint[] {
  const groups = flags.bands === undefined ? null : parseBandGroups(flags.bands);
  if (groups && groups.length > 1 && groups.length !== files) {
    const message = `--bands ${flags.bands} has ${groups.length} groups for ${files} file${files === 1 ? '' : 's'}.`;
    throw new AppError('CONFIG_INVALID', message, 'Give one group for all files, or one a file, separated by /.');
  }
  if (flags.sensor !== undefined && flags.sensor.trim() === '')
    throw new AppError('CONFIG_INVALID', '--sensor is empty.', 'Give e.g. --sensor sentinel-2.');
  const acquired = flags.acquired === undefined ? null : parseAcquired(flags.acquired);
  const scaling = flags.scale === undefined ? null : parseScale(flags.scale);
  return Array.from({ length: files }, (_, index) => ({
    from: 'flag' as const,
    label: '--bands',
    bands: groups ? (groups[index] ?? groups[0] ?? null) : null,
    sensor: flags.sensor?.trim() ?? null,
    acquired,
    scaling,
  }));
}
