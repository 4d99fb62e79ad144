import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLandCodes, landCodeOf } from '../../pipeline/rule/land-code.ts';
import { parseTable, tableText } from '../../pipeline/rule/csv-table.ts';
import { parseRegion, parseTowns } from '../../pipeline/rule/region.ts';
import { buildRuleSet } from '../../pipeline/rule/rule-set.ts';
import { loadLandCodes, loadRegion, loadRules, loadTowns } from '../../workers/rule/load-rules.ts';

const documentOf = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../config/${path}`, import.meta.url), 'utf8')) as Record<string, unknown>;
const landCodes = loadLandCodes();
const region = loadRegion();
const documents = {
  landCodes,
  region,
  category: documentOf('rules/category.json'),
  severity: documentOf('rules/severity.json'),
  policy: documentOf('rules/policy.json'),
};

describe('the dictionary of land codes', () => {
  it('holds 82 codes, four of them contested, each in one ground of the rules', () => {
    expect(landCodes.size).toBe(82);
    const contested = [...landCodes.values()].filter(({ isContested }) => isContested === 'yes');
    expect(contested.map(({ code }) => code)).toEqual(['0404', '1006', '1202', '1208']);
    const { groundOfCode } = loadRules();
    expect([...groundOfCode.keys()].toSorted()).toEqual([...landCodes.keys()].toSorted());
  });

  it('calls cropland what the dictionary calls cropland, and nothing else', () => {
    const { groundOfCode } = loadRules();
    for (const { code, whenCroplandBecomesThis } of landCodes.values())
      expect([code, groundOfCode.get(code)!.isCropland]).toEqual([code, whenCroplandBecomesThis === 'cropland']);
  });

  it('blocks an unknown code and says where it stands', () => {
    expect(() => landCodeOf(landCodes, '0104', 'DLTB.shp, row 12')).toThrow(/DLTB\.shp, row 12.*"0104"/);
  });

  it('refuses a code that stands twice, a wrong column and a row that was cut', () => {
    const text = readFileSync(new URL('../../config/land-codes.csv', import.meta.url), 'utf8');
    expect(() => parseLandCodes(`${text}0101,水田,01 耕地,农用地,cropland,no,no,\n`)).toThrow(/0101 stands twice/);
    expect(() => parseLandCodes(text.replace('level1', 'level'))).toThrow(/columns/);
    expect(() => parseLandCodes(`${text}0105,水田`)).toThrow(/row 83 has 2 cells/);
    expect(() => parseLandCodes(`${text}0105,水田,01 耕地,农用地,grain,no,no,\n`)).toThrow(/whenCroplandBecomesThis/);
  });
});

describe('the region', () => {
  it('holds seven counties and 72 towns, each town in one of them', () => {
    const towns = loadTowns(region);
    const counties = new Set(region.counties.map(({ code }) => code));
    expect(counties.size).toBe(7);
    expect(towns.size).toBe(72);
    for (const { county } of towns.values()) expect(counties.has(county)).toBe(true);
    expect(towns.get('330421103')?.name).toBe('西塘镇');
  });

  it('refuses a year with a hole and a county that names no period', () => {
    const whole = documentOf('regions/jiaxing.json');
    expect(() => parseRegion({ ...whole, seasons: region.seasons.slice(1) }, 'r')).toThrow(/01-01 is in 0 seasons/);
    const county = { ...region.counties[0]!, periods: [{ ...region.periods[0]!, id: 'monsoon' }] };
    const { id, from, to, source, verified } = county.periods[0]!;
    const counties = [{ ...county, periods: [{ id, from, to, source, verified }] }];
    expect(() => parseRegion({ ...whole, counties }, 'r')).toThrow(/330402 names the period monsoon/);
  });

  it('refuses a town of another county', () => {
    expect(() => parseTowns('code,name,county\n330402007,建设街道,330411\n', 't')).toThrow(/330402007/);
  });
});

describe('the rules', () => {
  it('refuse a land code in no ground or in two, and a row that names what is unknown', () => {
    const rules = loadRules().category;
    const grounds = rules.grounds.map((ground) =>
      ground.id === 'cropland' ? { ...ground, codes: ['0101', '0102'] } : ground,
    );
    expect(() => buildRuleSet({ ...documents, category: { ...rules, grounds } })).toThrow(/0103 is in no ground/);
    const twice = rules.grounds.map((ground) => (ground.id === 'pond' ? { ...ground, codes: ['0101'] } : ground));
    expect(() => buildRuleSet({ ...documents, category: { ...rules, grounds: twice } })).toThrow(/0101 is in the/);
    const rows = [{ ...rules.rows[0]!, ground: ['sea'] }, ...rules.rows.slice(1)];
    expect(() => buildRuleSet({ ...documents, category: { ...rules, rows } })).toThrow(/names the ground sea/);
    const { severity } = loadRules();
    const grave = { ...severity, rows: [{ ...severity.rows[0]!, seen: ['lava'] }] };
    expect(() => buildRuleSet({ ...documents, severity: grave })).toThrow(/severity\.json: row .* the class lava/);
  });

  it('give a source for every row', () => {
    const { category, severity } = loadRules();
    for (const { id, source } of [...category.rows, ...severity.rows])
      expect([id, source.length > 3]).toEqual([id, true]);
  });

  it('never call a finding unlawful', () => {
    for (const path of ['rules/category.json', 'rules/severity.json', 'rules/policy.json'])
      expect(JSON.stringify(documentOf(path))).not.toMatch(/违法|illegal|unlawful/);
  });
});

describe('a document', () => {
  it('with a wrong key is refused by its name, with at most five of what is wrong', () => {
    expect(() => buildRuleSet({ ...documents, severity: {} })).toThrow(/severity\.json: format: .*; and 1 more\.$/);
    expect(() => loadRegion('atlantis')).toThrow(/config\/regions\/atlantis\.json/);
  });
});

describe('tables', () => {
  it('come back from what they were written as', () => {
    const rows = [
      { a: 'x, "y"', b: '甲\n乙' },
      { a: '', b: '0' },
    ];
    const text = tableText([['a', 'b'], ...rows.map(({ a, b }) => [a, b])]);
    expect(text.startsWith('\uFEFFa,b\r\n')).toBe(true);
    expect(parseTable(text, ['a', 'b'], 't')).toEqual(rows);
  });
});
