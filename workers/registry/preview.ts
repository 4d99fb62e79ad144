import { z } from 'zod';
import { isoDate, layerKinds, zoneNames } from '../../pipeline/parcel/layer-ref.ts';
import { importProblemSchema } from './problem.ts';

const m2 = z.number().min(0);
const mu = z.number().min(0).describe('the same in 亩 (2000/3 m²)');
const rows = z.array(z.number().int());

/** What an import finds in a file before anything is stored. */
export const previewSchema = z.strictObject({
  format: z.literal('tianwatch-import/1').describe('name and version of this format'),
  file: z.string().describe('name of the file'),
  fileFormat: z.string().describe('geojson, shapefile, geopackage, flatgeobuf or filegdb'),
  fileLayer: z.string().describe('layer of the file'),
  kind: z.enum(layerKinds).describe('what it is'),
  zone: z.enum(zoneNames).nullable().describe('which zone; null unless the kind is zone'),
  asOf: isoDate.nullable().describe('date that it describes; null where nothing says it'),
  asOfHow: z.string().describe('where that date is from'),
  rows: z.number().int().describe('rows of the file'),
  withoutGround: z.number().int().describe('rows without a polygon or without an area'),
  areaM2: m2.describe('sum of the areas on the ellipsoid (m²)'),
  areaMu: mu,
  givenAreaM2: m2.nullable().describe('sum of the areas that the rows themselves give (m²); null where no column does'),
  boundsDeg: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .nullable()
    .describe('west, south, east, north of a box that holds it (degrees, WGS 84)'),
  crs: z
    .strictObject({
      epsg: z.number().int().nullable().describe('EPSG code'),
      name: z.string().describe('name'),
      how: z.string().describe('how it was found out'),
    })
    .describe('coordinate system of the file'),
  encoding: z.string().nullable().describe('encoding of the attributes; null where the format leaves no choice'),
  encodingHow: z.string().nullable().describe('how it was found out'),
  columns: z
    .strictObject({
      mapped: z
        .record(z.string(), z.string())
        .describe('column → field that gives it; areaM2 and year are looked at, not stored'),
      missing: z.array(z.string()).describe('columns without a field'),
      unknown: z.array(z.string()).describe('fields that are not stored'),
    })
    .describe('which field is which column'),
  codes: z
    .array(
      z.strictObject({
        code: z.string().describe('land code (DLBM)'),
        name: z.string().describe('name in config/land-codes.csv; empty where it is not there'),
        rows: z.number().int().describe('rows with it'),
        areaM2: m2.describe('their area (m²)'),
        areaMu: mu,
      }),
    )
    .describe('by land code, the largest area first; empty for kinds without codes'),
  repaired: z
    .array(
      z.strictObject({
        row: z.number().int().describe('1-based'),
        id: z.string().describe('id of the row'),
        areaBeforeM2: m2.describe('as given (m²)'),
        areaAfterM2: m2.describe('as repaired (m²)'),
      }),
    )
    .describe('invalid geometries whose area changed most, with their areas before and after repair'),
  repairedRows: z.number().int().describe('all of them'),
  overlaps: z
    .strictObject({
      pairs: z.number().int().describe('pairs of features that share ground'),
      areaM2: m2.describe('sum of the shared areas (m²)'),
      first: z
        .array(z.strictObject({ rows: rows.describe('both rows'), areaM2: m2.describe('shared (m²)') }))
        .describe('the largest'),
    })
    .nullable()
    .describe('null where the kind may overlap, or it was not looked for'),
  gaps: z
    .strictObject({
      count: z.number().int().describe('holes between parcels'),
      areaM2: m2.describe('of all (m²)'),
      areaMu: mu,
      first: z
        .array(
          z.strictObject({
            areaM2: m2.describe('of it (m²)'),
            areaMu: mu,
            lonDeg: z.number().describe('middle of its box (degrees, WGS 84)'),
            latDeg: z.number().describe('middle of its box (degrees, WGS 84)'),
            towns: z.array(z.string()).describe('of the parcels around, that of most of them first; 9 digits'),
            rows: rows.describe('parcels around, the first of them'),
          }),
        )
        .describe('the largest'),
      byTown: z
        .array(
          z.strictObject({
            town: z.string().describe('9 digits; empty: the parcels around name none'),
            name: z.string().describe('Chinese name'),
            gaps: z.number().int().describe('how many'),
            areaM2: m2.describe('of them (m²)'),
            areaMu: mu,
          }),
        )
        .describe('by the town of most parcels around, the largest area first'),
    })
    .nullable()
    .describe(
      'ground of no parcel that parcels of a survey enclose; null of other kinds, or where it was not looked for',
    ),
  problems: z.array(importProblemSchema).describe('what is wrong, or worth knowing'),
  notCovered: z.array(z.string()).describe('what this preview did not look at'),
});
export type Preview = z.infer<typeof previewSchema>;
