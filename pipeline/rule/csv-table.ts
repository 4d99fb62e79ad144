import { AppError } from '../errors.ts';

/** What parts the cells of a text: a tab or semicolon where its first lines have more of them than of commas. */
export function delimiterOf(text: string): ',' | '\t' | ';' {
  const start = text.split('\n', 12).join('\n');
  const count = (sign: string): number => start.split(sign).length;
  const other = count('\t') >= count(';') ? '\t' : ';';
  return count(other) > count(',') ? other : ',';
}

/** Rows of cells of an RFC 4180 text; a BOM is passed over, and so are empty lines unless they are to count. */
export function csvRows(
  text: string,
  {
    keepsEmpty = false,
    delimiter = ',',
  }: { readonly keepsEmpty?: boolean; readonly delimiter?: ',' | '\t' | ';' } = {},
): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endRow = (): void => {
    row.push(cell);
    if (keepsEmpty || row.length > 1 || cell !== '') rows.push(row);
    [row, cell] = [[], ''];
  };
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at < text.length; at++) {
    const char = text[at]!;
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[at++]!;
      else isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if (char === delimiter) {
      row.push(cell);
      cell = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r') cell += char;
  }
  endRow();
  return rows;
}

/**
 * Rows of a table with exactly these columns, in this order.
 *
 * @param name what errors call the table
 * @throws AppError CONFIG_INVALID where the header or the number of cells of a row differs
 */
export function parseTable<C extends string>(
  text: string,
  columns: readonly C[],
  name: string,
): readonly Readonly<Record<C, string>>[] {
  const [header = [], ...rows] = csvRows(text);
  if (header.join(',') !== columns.join(','))
    throw new AppError('CONFIG_INVALID', `${name} has the columns ${header.join(',')}.`, `Give ${columns.join(',')}.`);
  return rows.map((cells, index) => {
    if (cells.length !== columns.length)
      throw new AppError(
        'CONFIG_INVALID',
        `${name}, row ${index + 1} has ${cells.length} cells: ${cells.join(',')}.`,
        `Give ${columns.length} cells; a text with a comma stands in quotes.`,
      );
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]!])) as Record<C, string>;
  });
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** A table as spreadsheets read it: UTF-8 with BOM, CRLF, quotes where needed. */
export function tableText(rows: readonly (readonly string[])[]): string {
  return `\uFEFF${rows.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('')}`;
}
