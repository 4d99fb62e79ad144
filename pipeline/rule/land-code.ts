import { z } from 'zod';
import { AppError } from '../errors.ts';
import { parseTable } from './csv-table.ts';
import { parseConfig } from './config-document.ts';

const yesNo = z.enum(['yes', 'no']);

/** A row of `config/land-codes.csv`. */
export const landCodeSchema = z.strictObject({
  code: z
    .string()
    .regex(/^\d{2,4}(H\d)?[AK]?$/)
    .describe('DLBM, or an attribute code of settlements'),
  name: z.string().min(1).describe('DLMC'),
  level1: z.string().min(1).describe('first level: number and name'),
  threeClass: z
    .enum(['农用地', '建设用地', '未利用地', 'contested', ''])
    .describe('class of the land administration law; contested: sources disagree; empty: none'),
  whenCroplandBecomesThis: z
    .enum([
      'cropland',
      'non-grain',
      'non-farm',
      'agricultural-facility',
      'manual-review',
      'unused',
      'cropland-deduction',
      'transitional',
      'settlement-mask',
      'not-applicable',
    ])
    .describe('how a later survey that gives former cropland this code is read'),
  isRecoverable: yesNo.describe('可调整: tillage layer intact'),
  isContested: yesNo.describe('sources disagree: changes there go to review'),
  note: z.string().describe('what a reader must know'),
});
export type LandCode = z.infer<typeof landCodeSchema>;

/** `config/land-codes.json`: version and source of the table beside it. */
export const landCodesSchema = z.strictObject({
  format: z.literal('tianwatch-land-codes/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change of the table'),
  table: z.string().describe('name of the table'),
  codes: z.number().int().positive().describe('rows of the table'),
  source: z.string().describe('what the table was taken from'),
  verified: z.boolean().describe('whether somebody has held it against the text of the source'),
});

/** The dictionary of land codes (DLBM) by code. */
export type LandCodes = ReadonlyMap<string, LandCode>;

const columns = Object.keys(landCodeSchema.shape) as (keyof LandCode)[];

/**
 * @param name what errors call the table
 * @throws AppError CONFIG_INVALID for a row that is not one, a code that stands twice
 */
export function parseLandCodes(text: string, name = 'land-codes.csv'): LandCodes {
  const codes = new Map<string, LandCode>();
  for (const [index, cells] of parseTable(text, columns, name).entries()) {
    const row = parseConfig(landCodeSchema, cells, `${name}, row ${index + 1} (${cells.code})`);
    if (codes.has(row.code))
      throw new AppError('CONFIG_INVALID', `${name}: ${row.code} stands twice.`, 'Keep one row a code.');
    codes.set(row.code, row);
  }
  return codes;
}

/**
 * @param where what errors call the place of the code, e.g. `DLTB.shp, row 12`
 * @throws AppError INPUT_INVALID for a code that the dictionary does not know: it blocks, it is never skipped
 */
export function landCodeOf(codes: LandCodes, code: string, where: string): LandCode {
  const row = codes.get(code);
  if (row) return row;
  throw new AppError(
    'INPUT_INVALID',
    `${where}: land code ${JSON.stringify(code)} is not in config/land-codes.csv.`,
    'Correct the code, or add it to config/land-codes.csv and to a ground of config/rules/category.json.',
    { code },
  );
}
