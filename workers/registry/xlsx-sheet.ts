import { promisify } from 'node:util';
import yauzl, { type ZipFile } from 'yauzl';
import { AppError } from '../../pipeline/errors.ts';
import type { MergedCells } from '../../pipeline/ledger/report-table.ts';

/** More text than this in one part of a workbook is no monthly report (bytes). */
const mostPartBytes = 64 * 2 ** 20;

/** @see ECMA-376 Part 1, 18 (SpreadsheetML) */
export interface Sheet {
  readonly name: string;
  /** texts by row and column; days of dates as yyyy-mm-dd */
  readonly rows: readonly (readonly string[])[];
  /** cells that are shown as one; only the first of each has a text */
  readonly merges: readonly MergedCells[];
  /** visible sheets that were not read */
  readonly others: readonly string[];
}

const unreadable = (path: string, what: string): AppError =>
  new AppError('INPUT_INVALID', `${path}: ${what}.`, 'Save it again as .xlsx (not .xls), or as CSV.', { path });

/**
 * Cells of one sheet of a workbook: the first that is visible, or the one that is named.
 *
 * @throws AppError INPUT_INVALID for a file that is no workbook, NOT_FOUND for a sheet that it does not have
 */
export async function readSheet(path: string, wanted?: string): Promise<Sheet> {
  const parts = await readParts(path);
  const workbook = parts.get('xl/workbook.xml');
  if (workbook === undefined) throw unreadable(path, 'it holds no workbook');
  const targets = new Map(
    tagsOf(parts.get('xl/_rels/workbook.xml.rels') ?? '', 'Relationship').map(({ attributes }) => [
      attributes['Id'] ?? '',
      (attributes['Target'] ?? '').replace(/^\/?(xl\/)?/, 'xl/'),
    ]),
  );
  const sheets = tagsOf(workbook, 'sheet').map(({ attributes }) => ({
    name: attributes['name'] ?? '',
    part: targets.get(attributes['r:id'] ?? '') ?? '',
    isVisible: attributes['state'] === undefined || attributes['state'] === 'visible',
  }));
  const sheet =
    wanted === undefined ? sheets.find(({ isVisible }) => isVisible) : sheets.find(({ name }) => name === wanted);
  const names = sheets.map(({ name }) => name).join(', ');
  if (!sheet)
    throw new AppError(
      'NOT_FOUND',
      `${path} has no sheet ${wanted ?? 'that is visible'}; it has ${names}.`,
      'Give --sheet.',
    );
  const others = sheets.flatMap((one) => (one !== sheet && one.isVisible ? [one.name] : []));
  const text = parts.get(sheet.part);
  if (text === undefined) throw unreadable(path, `the sheet ${sheet.name} is missing in it`);
  const shared = tagsOf(parts.get('xl/sharedStrings.xml') ?? '', 'si').map(({ inner }) => textOf(inner));
  const isDate = dateStyles(parts.get('xl/styles.xml') ?? '');
  const is1904 = /<workbookPr[^>]*date1904="(1|true)"/.test(workbook);
  return { name: sheet.name, rows: rowsOf(text, { shared, isDate, is1904 }), merges: mergesOf(text), others };
}

async function readParts(path: string): Promise<ReadonlyMap<string, string>> {
  const open = promisify<string, yauzl.Options, ZipFile>(yauzl.open);
  const zip = await open(path, { lazyEntries: true }).catch((error: Error) => {
    throw unreadable(path, `it is no .xlsx workbook: ${error.message}`);
  });
  const parts = new Map<string, string>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (!/^xl\/(workbook|sharedStrings|styles|worksheets\/[^/]+|_rels\/workbook)\.xml(\.rels)?$/.test(entry.fileName))
        continue;
      if (entry.uncompressedSize > mostPartBytes) throw unreadable(path, `${entry.fileName} is larger than 64 MB`);
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      parts.set(entry.fileName, Buffer.concat(chunks).toString('utf8'));
    }
  } finally {
    zip.close();
  }
  return parts;
}

interface Tag {
  readonly attributes: Readonly<Record<string, string>>;
  readonly inner: string;
}

/** Elements of a name, in order; elements of that name inside one another do not occur in these parts. */
function tagsOf(xml: string, name: string): readonly Tag[] {
  const pattern = new RegExp(`<(?:\\w+:)?${name}(\\s[^>]*?)?(?:/>|>([\\s\\S]*?)</(?:\\w+:)?${name}>)`, 'g');
  return [...xml.matchAll(pattern)].map(([, attributes = '', inner = '']) => ({
    attributes: Object.fromEntries(
      [...attributes.matchAll(/([\w:]+)\s*=\s*"([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)]),
    ),
    inner,
  }));
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replaceAll(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return entities[entity] ?? whole;
    const code = entity[1]?.toLowerCase() === 'x' ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

/** Runs of a rich text; how it is read aloud (`rPh`) is no part of it. */
const textOf = (inner: string): string =>
  tagsOf(inner.replaceAll(/<rPh[\s\S]*?<\/rPh>/g, ''), 't')
    .map(({ inner: run }) => unescaped(run))
    .join('');

/** Which cell styles show a number as a date. */
function dateStyles(xml: string): (style: number) => boolean {
  const custom = new Set(
    tagsOf(xml, 'numFmt')
      .filter(({ attributes }) =>
        /[ymd]/i.test((attributes['formatCode'] ?? '').replaceAll(/"[^"]*"|\[[^\]]*\]|\\./g, '')),
      )
      .map(({ attributes }) => Number(attributes['numFmtId'])),
  );
  const cellFormats = tagsOf(tagsOf(xml, 'cellXfs')[0]?.inner ?? '', 'xf').map(({ attributes }) =>
    Number(attributes['numFmtId']),
  );
  return (style) => {
    const format = cellFormats[style] ?? 0;
    return (
      (format >= 14 && format <= 17) ||
      format === 22 ||
      (format >= 27 && format <= 36) ||
      (format >= 50 && format <= 58) ||
      custom.has(format)
    );
  };
}

const dayMs = 86_400_000;

/** Day of a serial number: 1900 counts a 29 February that was none. */
const dayOf = (serial: number, is1904: boolean): string =>
  new Date((is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30)) + Math.floor(serial) * dayMs)
    .toISOString()
    .slice(0, 10);

function rowsOf(
  xml: string,
  book: { readonly shared: readonly string[]; readonly isDate: (style: number) => boolean; readonly is1904: boolean },
): string[][] {
  const rows: string[][] = [];
  for (const { attributes, inner } of tagsOf(tagsOf(xml, 'sheetData')[0]?.inner ?? '', 'row')) {
    const at = attributes['r'] === undefined ? rows.length : Number(attributes['r']) - 1;
    while (rows.length < at) rows.push([]);
    const cells: string[] = [];
    for (const cell of tagsOf(inner, 'c')) {
      const col = cell.attributes['r'] === undefined ? cells.length : columnIndex(cell.attributes['r']);
      while (cells.length < col) cells.push('');
      cells.push(cellText(cell, book));
    }
    rows.push(cells);
  }
  return rows;
}

const rowIndex = (reference: string): number => Number(reference.replaceAll(/[^\d]/g, '')) - 1;

function mergesOf(xml: string): readonly MergedCells[] {
  return tagsOf(tagsOf(xml, 'mergeCells')[0]?.inner ?? '', 'mergeCell').flatMap(({ attributes }) => {
    const [from = '', to = from] = (attributes['ref'] ?? '').split(':');
    const [row, col] = [rowIndex(from), columnIndex(from)];
    const size = { rows: rowIndex(to) - row + 1, cols: columnIndex(to) - col + 1 };
    return row >= 0 && col >= 0 && size.rows >= 1 && size.cols >= 1 ? [{ row, col, ...size }] : [];
  });
}

const columnIndex = (reference: string): number =>
  [...reference.replaceAll(/[^A-Z]/g, '')].reduce((sum, letter) => 26 * sum + letter.charCodeAt(0) - 64, 0) - 1;

function cellText({ attributes, inner }: Tag, book: Parameters<typeof rowsOf>[1]): string {
  const value = unescaped(tagsOf(inner, 'v')[0]?.inner ?? '');
  const type = attributes['t'] ?? 'n';
  const formula = tagsOf(inner, 'f')[0]?.inner ?? '';
  // programs that write no values: the formula is told, not an empty cell
  if (value === '' && formula !== '') return `=${unescaped(formula)}`;
  if (type === 's') return book.shared[Number(value)] ?? '';
  if (type === 'inlineStr') return textOf(tagsOf(inner, 'is')[0]?.inner ?? '');
  if (type !== 'n' || value === '') return value;
  return book.isDate(Number(attributes['s'] ?? 0)) ? dayOf(Number(value), book.is1904) : value;
}
