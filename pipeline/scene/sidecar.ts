import { z } from 'zod';
import { AppError } from '../errors.ts';
import { parseDate } from './acquired.ts';
import type { SceneHint } from './hint.ts';

const scale = z.number().positive();
const offset = z.number();

/** `<file>.scene.json`: what the file beside it does not say itself. */
export const sidecarSchema = z
  .strictObject({
    bands: z
      .array(z.string().min(1).nullable())
      .min(1)
      .optional()
      .describe('one name a band in file order, e.g. ["R","G","B","NIR"]; null leaves a band out'),
    sensor: z.string().min(1).optional().describe('e.g. sentinel-2, landsat-8, gf-2'),
    acquired: z
      .string()
      .refine((text) => parseDate(text) !== null, 'is not a date of 1970 to 2100')
      .optional()
      .describe('ISO-8601 date or date-time with zone'),
    scale: z
      .union([scale, z.array(scale)])
      .optional()
      .describe('reflectance = DN · scale + offset; one for all bands or one a band'),
    offset: z
      .union([offset, z.array(offset)])
      .optional()
      .describe('0 where absent; needs scale'),
    nodata: z
      .union([z.number(), z.literal('NaN')])
      .optional()
      .describe('value that means no data, for all bands'),
  })
  .refine((sidecar) => sidecar.offset === undefined || sidecar.scale !== undefined, {
    message: 'needs scale beside it',
    path: ['offset'],
  });

/** `bands[2]: Invalid input …` of the first thing that is wrong. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const path = (issue?.path ?? []).reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  );
  return `${path || 'the document'}: ${issue?.message ?? 'not valid'}`;
}

/** @throws AppError INPUT_INVALID for text that is not JSON, naming the path */
export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('INPUT_INVALID', `${path} is not JSON: ${reason}.`, 'Correct the file.', { path }, error);
  }
}

/** @throws AppError INPUT_INVALID naming the field that is wrong */
export function readSidecar(path: string, text: string): SceneHint {
  const parsed = sidecarSchema.safeParse(parseJson(path, text));
  if (!parsed.success) {
    throw new AppError(
      'INPUT_INVALID',
      `${path}: ${firstIssue(parsed.error)}.`,
      'Correct the sidecar; docs/formats.md lists its fields.',
      { path },
    );
  }
  const { bands, sensor, acquired, scale: scales, offset: offsets, nodata } = parsed.data;
  const offsetAt = (index: number) => (Array.isArray(offsets) ? (offsets[index] ?? 0) : (offsets ?? 0));
  if (Array.isArray(offsets) && Array.isArray(scales) && offsets.length !== scales.length) {
    throw new AppError(
      'INPUT_INVALID',
      `${path}: offset: has ${offsets.length} values, scale has ${scales.length}.`,
      'Give one a band in both.',
      { path },
    );
  }
  const perBand = Array.isArray(scales) ? scales : Array.isArray(offsets) ? offsets.map(() => scales ?? 1) : null;
  return {
    from: 'sidecar',
    label: path,
    bands: bands?.map((name) => name ?? '-') ?? null,
    sensor: sensor ?? null,
    acquired: acquired === undefined ? null : parseDate(acquired),
    scaling: perBand
      ? perBand.map((value, index) => ({ scale: value, offset: offsetAt(index) }))
      : typeof scales === 'number'
        ? { scale: scales, offset: offsetAt(0) }
        : null,
    nodata: nodata === 'NaN' ? Number.NaN : (nodata ?? null),
  };
}
