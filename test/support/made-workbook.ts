import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../pipeline/parcel/crc.ts';

/** A cell: a text goes to the shared texts, a number with `date` is shown as a day. */
export type MadeCell =
  | string
  | number
  | { readonly date: number }
  | { readonly inline: string }
  | { readonly formula: string }
  | null;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const columnName = (col: number): string =>
  col < 26 ? String.fromCharCode(65 + col) : columnName(Math.floor(col / 26) - 1) + columnName(col % 26);

/**
 * A workbook of one visible sheet behind a hidden one, as spreadsheet programs write it; formulas without values.
 *
 * @param merges such as A1:B3
 */
export function madeWorkbook(
  name: string,
  rows: readonly (readonly MadeCell[])[],
  merges: readonly string[] = [],
): Buffer {
  const shared: string[] = [];
  const sharedAt = (text: string): number => {
    const known = shared.indexOf(text);
    return known >= 0 ? known : shared.push(text) - 1;
  };
  const cellXml = (cell: MadeCell, reference: string): string => {
    if (cell === null) return '';
    if (typeof cell === 'string') return `<c r="${reference}" t="s"><v>${sharedAt(cell)}</v></c>`;
    if (typeof cell === 'number') return `<c r="${reference}"><v>${cell}</v></c>`;
    if ('formula' in cell) return `<c r="${reference}"><f>${escaped(cell.formula)}</f><v></v></c>`;
    if ('date' in cell) return `<c r="${reference}" s="1"><v>${cell.date}</v></c>`;
    return `<c r="${reference}" t="inlineStr"><is><r><t>${escaped(cell.inline)}</t></r></is></c>`;
  };
  const sheet = rows
    .map((cells, row) => {
      const inner = cells.map((cell, col) => cellXml(cell, `${columnName(col)}${row + 1}`)).join('');
      return cells.length === 0 ? '' : `<row r="${row + 1}">${inner}</row>`;
    })
    .join('');
  const xml = (body: string): Buffer => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
  const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
  return zipped({
    'xl/workbook.xml': xml(
      `<workbook ${main} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>` +
        `<sheet name="lists" sheetId="1" state="hidden" r:id="rId1"/><sheet name="${escaped(name)}" sheetId="2" r:id="rId2"/></sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': xml(
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>',
    ),
    'xl/styles.xml': xml(
      `<styleSheet ${main}><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
    ),
    'xl/worksheets/sheet1.xml': xml(`<worksheet ${main}><sheetData/></worksheet>`),
    'xl/worksheets/sheet2.xml': xml(
      `<worksheet ${main}><sheetData>${sheet}</sheetData>${merges.length > 0 ? `<mergeCells>${merges.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells>` : ''}</worksheet>`,
    ),
    'xl/sharedStrings.xml': xml(
      `<sst ${main}>${shared.map((text) => `<si><t xml:space="preserve">${escaped(text)}</t><rPh sb="0" eb="1"><t>念</t></rPh></si>`).join('')}</sst>`,
    ),
  });
}

/** @see APPNOTE.TXT 4.3 */
function zipped(members: Readonly<Record<string, Buffer>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(members)) {
    const packed = deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), common, tail, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, entries, end]);
}
