import { z } from 'zod';
import type { GeotiffFile } from '../raster/geotiff.ts';
import { bandNames } from '../types.ts';
import type { FileFacts } from './describe.ts';
import { problemTable, type Problem, type ProblemCode } from './problem.ts';

const codes = Object.keys(problemTable) as [ProblemCode, ...ProblemCode[]];
const sizePx = z.number().int().positive();

export const inspectFileSchema = z.strictObject({
  file: z.string().describe('path as given; for a STAC Item the path of the asset'),
  width: sizePx.nullable().describe('px; null, like all that follows, where the file could not be read'),
  height: sizePx.nullable().describe('px'),
  bands: z
    .array(
      z.strictObject({
        name: z.enum(bandNames).nullable().describe('STAC common name; null where nothing says what the band is'),
        dtype: z.string().describe('uint8, int8, uint16, int16, uint32, int32, float32 or float64'),
        nodata: z
          .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
          .nullable()
          .describe('declared by sidecar, STAC or file; null where none is'),
        scale: z
          .number()
          .nullable()
          .describe('reflectance = DN · scale + offset; null where the values are not known to be reflectance'),
        offset: z.number().nullable(),
      }),
    )
    .nullable()
    .describe('in file order'),
  crs: z.string().nullable().describe('name of the coordinate reference system'),
  epsg: z.number().int().nullable().describe('EPSG code, null where there is none'),
  transform: z
    .array(z.number())
    .length(6)
    .nullable()
    .describe('[a,b,c,d,e,f]: X = a·col + b·row + c, Y = d·col + e·row + f, (col,row) pixel corners'),
  gsdM: z
    .array(z.number())
    .length(2)
    .nullable()
    .describe('[along a row, along a column], metres on the ground at the centre'),
  acquired: z.string().nullable().describe('ISO-8601 date, or date-time in UTC'),
  sensor: z.string().nullable().describe('id of config/sensors.json, or the text found where it is not in there'),
  compression: z.string().nullable(),
  tiled: z.boolean().nullable().describe('false: strips'),
  overviews: z
    .array(z.strictObject({ width: sizePx, height: sizePx }))
    .nullable()
    .describe('px'),
  interleave: z.enum(['pixel', 'band']).nullable(),
  problems: z
    .array(z.strictObject({ code: z.enum(codes), message: z.string(), todo: z.string() }))
    .describe('INPUT_INVALID: the file cannot be used; every other code leaves it usable or says which flag is needed'),
});

/** What `tianwatch scene inspect --json` prints. */
export const inspectSchema = z.array(inspectFileSchema).describe('one entry a file, in the order given');
export type InspectedFile = z.infer<typeof inspectFileSchema>;

/** A file that could not be read: nulls and the reason. */
export function unreadFile(file: string, problems: readonly Problem[]): InspectedFile {
  const nothing = {
    width: null,
    height: null,
    bands: null,
    crs: null,
    epsg: null,
    transform: null,
    gsdM: null,
    acquired: null,
    sensor: null,
  };
  return {
    file,
    ...nothing,
    compression: null,
    tiled: null,
    overviews: null,
    interleave: null,
    problems: [...problems],
  };
}

/** JSON has no word for these three. */
function jsonNumber(value: number | null): number | 'NaN' | 'Infinity' | '-Infinity' | null {
  if (value === null || Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** Header and facts in the form of the contract. */
export function inspectedFile(
  file: string,
  header: GeotiffFile,
  facts: FileFacts,
  problems: readonly Problem[],
): InspectedFile {
  const { gsdM } = facts;
  const hasGsd = gsdM !== null && Number.isFinite(gsdM.x) && Number.isFinite(gsdM.y);
  return {
    file,
    width: header.width,
    height: header.height,
    bands: facts.bands.map(({ name, dtype, nodata, scaling }) => ({
      name,
      dtype,
      nodata: jsonNumber(nodata),
      scale: scaling?.scale ?? null,
      offset: scaling?.offset ?? null,
    })),
    crs: header.crs?.name ?? null,
    epsg: header.crs?.epsg ?? null,
    transform: header.affine ? [...header.affine] : null,
    gsdM: hasGsd ? [gsdM.x, gsdM.y] : null,
    acquired: facts.acquired,
    sensor: facts.sensor,
    compression: header.compression,
    tiled: header.tiled,
    overviews: header.overviews.map(({ width, height }) => ({ width, height })),
    interleave: header.interleave,
    problems: [...problems],
  };
}
