import { readFile } from 'node:fs/promises';
import iconv from 'iconv-lite';
import { AppError } from '../../pipeline/errors.ts';
import { csvRows, delimiterOf } from '../../pipeline/rule/csv-table.ts';
import { readSheet, type Sheet } from './xlsx-sheet.ts';

export interface Table extends Pick<Sheet, 'rows' | 'merges' | 'others'> {
  /** of a workbook */
  readonly sheet: string | null;
}

/** Text of a table: by its byte order mark, else UTF-8, else GB18030. */
function textOf(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe') return iconv.decode(bytes, 'utf-16le');
  if (mark === 'feff') return iconv.decode(bytes, 'utf-16be');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return iconv.decode(bytes, 'gb18030');
  }
}

/** Rows of a file: a workbook, or a text whose cells commas, tabs or semicolons part. @throws AppError INPUT_INVALID, NOT_FOUND */
export async function readTable(path: string, sheet?: string): Promise<Table> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new AppError(
      'NOT_FOUND',
      `${path} cannot be read: ${error.message}.`,
      'Give the path of a CSV or XLSX file.',
    );
  });
  if (bytes.subarray(0, 2).toString('latin1') === 'PK') {
    const { name, ...table } = await readSheet(path, sheet);
    return { ...table, sheet: name };
  }
  if (bytes.subarray(0, 4).toString('hex') === 'd0cf11e0')
    throw new AppError(
      'INPUT_INVALID',
      `${path} is a workbook of the old kind (.xls), or one with a password.`,
      'Save it as .xlsx without a password, or as CSV.',
    );
  const text = textOf(bytes);
  return {
    rows: csvRows(text, { keepsEmpty: true, delimiter: delimiterOf(text) }),
    merges: [],
    others: [],
    sheet: null,
  };
}
