import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { chooseEncoding, decodeCut, type EncodingEvidence } from '../../pipeline/vector/encoding.ts';
import { undoMojibake } from '../../pipeline/vector/text-score.ts';
import { ownFolder, parcels, readVector, writeShapefile } from '../support/vector-file.ts';

const words = ['嘉兴市秀洲区新塍镇', '濮院镇', '桐乡市洲泉镇', '水田', '养殖坑塘', '农村宅基地', '埭头圩', '王江泾镇'];
const evidence = (encoding: string, rest: Partial<EncodingEvidence> = {}): EncodingEvidence => ({
  file: 'DLTB.dbf',
  option: null,
  cpg: null,
  languageDriver: 0,
  samples: words.map((word, i) => ({ row: i + 1, bytes: iconv.encode(word, encoding), isFull: false })),
  ...rest,
});
const chosen = (encoding: string, rest: Partial<EncodingEvidence> = {}) => {
  const { encoding: found, notes } = chooseEncoding(evidence(encoding, rest));
  return [found, ...notes.map(({ code }) => code)];
};

describe('the encoding of a table', () => {
  it('is told by its bytes where nothing is declared', () => {
    expect(chosen('gbk')).toEqual(['gb18030']);
    expect(chosen('utf-8')).toEqual(['utf-8']);
    // the bytes of these two characters are valid UTF-8
    const samples = [{ row: 1, bytes: iconv.encode('联通', 'gbk'), isFull: false }];
    expect(chosen('gbk', { samples })).toEqual(['gb18030']);
    const rare = [{ row: 1, bytes: iconv.encode('\u{20BB7}野家', 'gb18030'), isFull: false }];
    expect(chosen('gbk', { samples: rare })).toEqual(['gb18030']);
  });

  it('is the option, else the .cpg, else the language driver, 0x57 saying nothing', () => {
    expect(chosen('big5', { option: 'big5', cpg: 'UTF-8', languageDriver: 0x4d, samples: [] })).toEqual(['big5']);
    expect(chosen('gbk', { cpg: 'GBK', languageDriver: 0x4f })).toEqual(['gb18030']);
    expect(chosen('gbk', { languageDriver: 0x4d })).toEqual(['gb18030']);
    expect(chosen('utf-8', { languageDriver: 0x57 })).toEqual(['utf-8']);
    expect(chosen('gbk', { cpg: 'ANSI 936' })).toEqual(['gb18030']);
  });

  it('is not believed where the bytes contradict it, and the mojibake it would make is named', () => {
    expect(chosen('gbk', { cpg: 'UTF-8' })).toEqual(['gb18030', 'mojibake']);
    expect(chosen('utf-8', { cpg: 'GBK' })).toEqual(['utf-8', 'mojibake']);
    expect(chosen('gbk', { cpg: 'ISO-8859-1' })).toEqual(['gb18030', 'mojibake']);
    expect(chosen('utf-8', { languageDriver: 0x4d })).toEqual(['utf-8', 'mojibake']);
  });

  it('is refused as an option where a row cannot be read with it, naming row and the right one', () => {
    expect(() => chosen('gbk', { option: 'utf-8' })).toThrow('row 1 is not utf-8, but gb18030');
    expect(() => chosen('gbk', { option: 'klingon' })).toThrow('"klingon" is no encoding');
    const samples = [{ row: 7, bytes: Uint8Array.of(0xff, 0x80, 0xff), isFull: false }];
    expect(() => chosen('gbk', { samples })).toThrow(/row 7 .* neither UTF-8 nor GB 18030/);
  });

  it('survives names that a writer cut within a character and then numbered', () => {
    const name = Buffer.concat([Buffer.from('坐落'), Buffer.from('单').subarray(0, 2), Buffer.from('_1')]);
    const samples = [{ row: 0, bytes: name, isFull: true }, ...evidence('utf-8').samples];
    expect(chosen('utf-8', { samples, cpg: 'UTF-8' })).toEqual(['utf-8']);
    expect(decodeCut((bytes) => new TextDecoder().decode(bytes), name, true)).toBe('坐落_1');
  });

  it('survives a character that the column has cut in two', async () => {
    const folder = ownFolderPath;
    const columns = [{ name: '坐落单位', type: 'text' as const, width: 9 }];
    const path = await writeShapefile(
      join(folder, 'cut.shp'),
      [{ polygons: parcels[0]!.polygons, properties: { 坐落单位: '新塍镇王江'.slice(0, 4) } }],
      {
        encoding: 'gbk',
        hasCpg: false,
        columns,
      },
    );
    const { readFileSync } = await import('node:fs');
    const dbf = readFileSync(path.replace('.shp', '.dbf'));
    iconv.encode('新塍镇王江', 'gbk').copy(dbf, dbf.readUInt16LE(8) + 1, 0, 9);
    writeFileSync(path.replace('.shp', '.dbf'), dbf);
    const { features, fields } = await readVector(path);
    expect([fields, features[0]!.properties]).toEqual([['坐落单位'], { 坐落单位: '新塍镇王' }]);
  });
});

const ownFolderPath = ownFolder();

describe('text that was damaged before it was stored', () => {
  const misread = (text: string, written: string, read: string) => iconv.decode(iconv.encode(text, written), read);

  it('is recognised, with what it should have been', () => {
    expect(undoMojibake(misread('秀洲区新塍镇', 'gbk', 'windows-1252'))).toBe('秀洲区新塍镇');
    expect(undoMojibake(misread('嘉兴市', 'utf-8', 'windows-1252'))).toContain('嘉');
    expect(undoMojibake(misread('嘉兴市秀洲区新塍镇', 'utf-8', 'gbk'))).toContain('秀洲区');
    expect(undoMojibake('锟斤拷锟斤拷')).toBe('');
  });

  it('is not seen in sound text, rare characters and foreign names included', () => {
    for (const text of [
      ...words,
      '模拟数据',
      '（二期）',
      '120°18′',
      'Zürich',
      'São Tomé e Príncipe',
      '埭塍濮泾圩浜漾荡',
      'Đồng Tháp',
    ])
      expect([text, undoMojibake(text)]).toEqual([text, null]);
  });

  it('is noted with its rows when a file is read, and kept as it is', async () => {
    const text = misread('嘉兴市秀洲区新塍镇', 'utf-8', 'gbk');
    const path = join(ownFolderPath, 'damaged.geojson');
    const feature = (name: string) => ({
      type: 'Feature',
      properties: { name },
      geometry: {
        type: 'Polygon',
        coordinates: parcels[0]!.polygons![0]!.map((ring) => ring.map(([x, y]) => [x / 5000, y / 1e5])),
      },
    });
    writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features: [feature('新塍镇'), feature(text)] }));
    const { notes, features } = await readVector(path);
    expect(notes).toEqual(['mojibake']);
    expect(features[1]!.properties['name']).toBe(text);
  });
});
