import { parseDate } from '../../pipeline/scene/acquired.ts';
import { type FieldMap, fieldTable } from './field-table.ts';
import type { LayerKind, ZoneName } from '../../pipeline/parcel/layer-ref.ts';
import type { ImportProblemCode, ProblemList } from './problem.ts';
import { workKinds } from './record.ts';

/** What attributes are held against. */
export interface Dictionary {
  readonly landCodes: ReadonlyMap<string, { readonly name: string }>;
  /** by 9 digits */
  readonly towns: ReadonlyMap<string, { readonly name: string }>;
  /** 6 digits */
  readonly counties: ReadonlySet<string>;
}

/** A row of a file, as a vector reader gives it. */
export interface Row {
  readonly row: number;
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
}

export type Attributes = Readonly<Record<string, string>>;

interface Reading {
  readonly row: number;
  /** text of a canonical column, '' where the row has none */
  readonly text: (column: string) => string;
  readonly problem: (code: ImportProblemCode, what: string, todo: string) => void;
}

/**
 * Reads the attributes of each row as canonical columns, telling `problems` what is wrong with them.
 *
 * @returns every stored column of the kind, '' where the row has no value; `year` is for the as-of date alone
 */
export function attributeReader(
  kind: LayerKind,
  how: {
    readonly map: FieldMap;
    readonly zone: ZoneName | null;
    readonly dictionary: Dictionary;
    readonly problems: ProblemList;
  },
): (row: Row) => Attributes {
  const { map, zone, dictionary, problems } = how;
  return ({ row, properties }) => {
    const text = (column: string): string => {
      for (const field of map.columns[column] ?? []) {
        const value = properties[field];
        const found = value === null || value === undefined ? '' : String(value).trim();
        if (found !== '') return found;
      }
      return '';
    };
    const problem: Reading['problem'] = (code, what, todo) => problems.add(code, { what, todo, row });
    const reading = { row, text, problem };
    for (const { name, isRequired } of fieldTable[kind])
      if (isRequired && map.columns[name] && text(name) === '' && name !== 'code')
        problem(name === 'id' ? 'ID_MISSING' : 'VALUE_INVALID', `${name} is empty`, `Fill in ${name}.`);
    return { ...columnsOf(kind, reading, { zone, dictionary }), row: String(row) };
  };
}

function columnsOf(
  kind: LayerKind,
  reading: Reading,
  { zone, dictionary }: { readonly zone: ZoneName | null; readonly dictionary: Dictionary },
): Record<string, string> {
  const { row, text } = reading;
  const plain = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, text(name)]));
  const id = text('id');
  switch (kind) {
    case 'land-survey':
      return {
        id: id || String(row),
        code: landCode(reading, 'code', dictionary),
        ...plain('name', 'villageName', 'planting', 'year'),
        ...territory(text('village')),
      };
    case 'permanent-farmland':
      return { id: id || String(row), ...plain('year') };
    case 'permit':
      return {
        id,
        ...plain('number', 'use'),
        validFrom: date(reading, 'validFrom'),
        validTo: date(reading, 'validTo'),
      };
    case 'zone':
      return { id: id || String(row), zone: zone ?? '', ...plain('name', 'year') };
    case 'project':
      return {
        id,
        ...plain('name', 'stage'),
        ...place(reading, dictionary),
        startDate: date(reading, 'startDate'),
        endDate: date(reading, 'endDate'),
      };
    case 'sub-project':
      return {
        id,
        ...plain('project'),
        work: oneOf(reading, 'work', workKinds),
        plannedCode: landCode(reading, 'plannedCode', dictionary),
        town: town(reading, text('town'), dictionary),
        plannedM2: area(reading, 'plannedM2'),
      };
  }
}

/** 12, 9 and 6 digits of a code of a seat (ZLDWDM, 19 digits); '' where it is shorter or none. */
function territory(seat: string): Record<'village' | 'town' | 'county', string> {
  const digits = /^\d+$/.test(seat) ? seat : '';
  const start = (length: number): string => (digits.length >= length ? digits.slice(0, length) : '');
  return { village: start(12), town: start(9), county: start(6) };
}

function landCode({ text, problem }: Reading, column: string, { landCodes }: Dictionary): string {
  const code = text(column);
  if (landCodes.has(code)) return code;
  const isCut = landCodes.has(`0${code}`);
  problem(
    'CODE_UNKNOWN',
    code === '' ? `${column} is empty` : `the land code ${JSON.stringify(code)} is not in config/land-codes.csv`,
    isCut ? `Codes are texts: a leading zero was lost (0${code}).` : 'Correct the code; nothing is skipped.',
  );
  return code;
}

function date({ text, problem }: Reading, column: string): string {
  const given = text(column);
  if (given === '') return '';
  const parsed = parseDate(given.replaceAll('/', '-'))?.slice(0, 10);
  if (parsed === undefined)
    problem('DATE_INVALID', `${column} ${JSON.stringify(given)} is no date`, 'Write yyyy-mm-dd.');
  return parsed ?? '';
}

function oneOf({ text, problem }: Reading, column: string, values: readonly string[]): string {
  const given = text(column);
  if (given !== '' && !values.includes(given))
    problem(
      'VALUE_INVALID',
      `${column} ${JSON.stringify(given)} is none of ${values.join(', ')}`,
      'Correct the value.',
    );
  return given;
}

function area({ text, problem }: Reading, column: string): string {
  const given = text(column);
  if (given !== '' && !(Number(given) >= 0))
    problem('VALUE_INVALID', `${column} ${JSON.stringify(given)} is no area in m²`, 'Write a number.');
  return given;
}

function town({ problem }: Reading, code: string, { towns }: Dictionary): string {
  if (code !== '' && !towns.has(code))
    problem('TOWN_UNKNOWN', `the region has no town ${JSON.stringify(code)}`, 'Give the 9 digits of the town.');
  return code;
}

function place(reading: Reading, dictionary: Dictionary): Record<'county' | 'towns', string> {
  const { text, problem } = reading;
  const county = text('county');
  if (county !== '' && !dictionary.counties.has(county))
    problem('TOWN_UNKNOWN', `the region has no county ${JSON.stringify(county)}`, 'Give the 6 digits of the county.');
  const towns = text('towns')
    .split(/[,，、;；\s]+/)
    .filter((code) => code !== '');
  for (const code of towns) {
    town(reading, code, dictionary);
    if (dictionary.towns.has(code) && !code.startsWith(county))
      problem(
        'TOWN_OUTSIDE_COUNTY',
        `the town ${code} is not in the county ${county}`,
        'Correct the county or the towns.',
      );
  }
  return { county, towns: towns.join(',') };
}
