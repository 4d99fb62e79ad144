import { parseDate } from '../../pipeline/scene/acquired.ts';
import { workOf } from '../../pipeline/vector/value-alias.ts';
import { type ColumnMap, isRequired } from './field-table.ts';
import type { LayerKind, ZoneName } from '../../pipeline/parcel/layer-ref.ts';
import type { ImportProblemCode, ProblemList } from './problem.ts';
import { workKinds } from './record.ts';

/** Codes are told as unknown when they are empty. */
const isCode = (column: string): boolean => column === 'code' || column === 'plannedCode';

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

/** A row as it is read; the same object for every row, so that a county's parcels make no garbage. */
interface Reading {
  /** 1-based */
  readonly row: () => number;
  /** text of a canonical column, '' where the row has none */
  readonly text: (column: string) => string;
  readonly problem: (code: ImportProblemCode, what: string, todo: string) => void;
}

/** What is stored of a row, and what is only looked at. */
export interface ReadAttributes {
  /** every stored column of the kind, '' where the row has no value */
  readonly attributes: Attributes;
  /** as the row gives it */
  readonly year: string;
  /** as the row gives it; NaN where it does not */
  readonly areaM2: number;
}

/** Reads the attributes of each row as canonical columns, telling `problems` what is wrong with them. */
export function attributeReader(
  kind: LayerKind,
  how: {
    readonly map: ColumnMap;
    readonly zone: ZoneName | null;
    readonly dictionary: Dictionary;
    readonly problems: ProblemList;
  },
): (row: Row) => ReadAttributes {
  const { map, zone, dictionary, problems } = how;
  let current: Row = { row: 0, properties: {} };
  const text = (column: string): string => {
    const field = map.columns[column];
    const value = field === undefined ? null : current.properties[field];
    return value === null || value === undefined ? '' : String(value).trim();
  };
  const problem: Reading['problem'] = (code, what, todo) => problems.add(code, { what, todo, row: current.row });
  const columnsOf = columnReader(kind, { row: () => current.row, text, problem }, { zone, dictionary });
  const required = Object.keys(map.columns).filter((column) => isRequired(kind, column) && !isCode(column));
  return (row) => {
    current = row;
    for (const column of required)
      if (text(column) === '')
        problem(column === 'id' ? 'ID_MISSING' : 'VALUE_INVALID', `${column} is empty`, `Fill in ${column}.`);
    return { attributes: columnsOf(), year: text('year'), areaM2: Number(text('areaM2') || Number.NaN) };
  };
}

function columnReader(
  kind: LayerKind,
  reading: Reading,
  { zone, dictionary }: { readonly zone: ZoneName | null; readonly dictionary: Dictionary },
): () => Attributes {
  const { text } = reading;
  const row = (): string => String(reading.row());
  const id = (): string => text('id') || row();
  const seats = new Map<string, Territory>();
  const seatOf = (seat: string): Territory => {
    const known = seats.get(seat) ?? territory(seat);
    seats.set(seat, known);
    return known;
  };
  switch (kind) {
    case 'land-survey':
      return () => {
        const seat = text('village') || text('town') || text('county');
        const { village, town: townCode, county } = seatOf(seat);
        if (seat !== '') checkSeat(reading, { seat, town: townCode }, dictionary);
        const [name, villageName, planting] = [text('name'), text('villageName'), text('planting')];
        const code = landCode(reading, 'code', dictionary);
        return { id: id(), code, name, village, town: townCode, county, villageName, planting, row: row() };
      };
    case 'permanent-farmland':
      return () => ({ id: id(), row: row() });
    case 'permit':
      return () => ({
        id: id(),
        number: text('number'),
        use: text('use'),
        ...span(reading, 'validFrom', 'validTo'),
        row: row(),
      });
    case 'zone':
      return () => ({ id: id(), zone: zone ?? '', name: text('name'), row: row() });
    case 'project':
      return () => ({
        id: text('id'),
        name: text('name'),
        ...place(reading, dictionary),
        stage: text('stage'),
        ...span(reading, 'startDate', 'endDate'),
        row: row(),
      });
    case 'sub-project':
      return () => ({
        id: text('id'),
        project: text('project'),
        work: work(reading),
        plannedCode: landCode(reading, 'plannedCode', dictionary),
        town: town(reading, text('town'), dictionary),
        plannedM2: area(reading, 'plannedM2'),
        row: row(),
      });
  }
}

type Territory = Readonly<Record<'village' | 'town' | 'county', string>>;

/** 12, 9 and 6 digits of a code of a seat (ZLDWDM, 19 digits); '' where it is shorter or none. */
function territory(seat: string): Territory {
  const digits = /^\d+$/.test(seat) ? seat : '';
  const start = (length: number): string => (digits.length >= length ? digits.slice(0, length) : '');
  return { village: start(12), town: start(9), county: start(6) };
}

/** A parcel without a town of the region counts all the same, but in no division. */
function checkSeat(
  { problem }: Reading,
  { seat, town: code }: { readonly seat: string; readonly town: string },
  { towns }: Dictionary,
): void {
  if (towns.has(code)) return;
  const todo = 'Such parcels are used, but their changes are summed up under no town of the region.';
  if (code === '') problem('SEAT_UNKNOWN', `the seat ${JSON.stringify(seat)} does not begin with 9 digits`, todo);
  else problem('SEAT_UNKNOWN', `the region has no town ${JSON.stringify(code)}`, todo);
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
  // spreadsheets write 2025/1/5
  const padded = given.replace(
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/,
    (_, year: string, month: string, day: string) => `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`,
  );
  const parsed = parseDate(padded)?.slice(0, 10);
  if (parsed === undefined)
    problem('DATE_INVALID', `${column} ${JSON.stringify(given)} is no date`, 'Write yyyy-mm-dd.');
  return parsed ?? '';
}

/** Two dates; a span that ends before it begins would never hold, which nobody means. */
function span<From extends string, To extends string>(reading: Reading, from: From, to: To): Record<From | To, string> {
  const [begins, ends] = [date(reading, from), date(reading, to)];
  if (begins !== '' && ends !== '' && ends < begins)
    reading.problem('DATE_INVALID', `${to} ${ends} is before ${from} ${begins}`, 'Correct the dates.');
  return { [from]: begins, [to]: ends } as Record<From | To, string>;
}

function work({ text, problem }: Reading): string {
  const given = text('work');
  const known = workOf(given);
  if (given !== '' && known === null)
    problem('VALUE_INVALID', `work ${JSON.stringify(given)} is none of ${workKinds.join(', ')}`, 'Correct the value.');
  return known ?? given;
}

function area({ text, problem }: Reading, column: string): string {
  const given = text(column);
  if (given !== '' && !/^\d+(\.\d*)?(e[+-]?\d{1,2})?$/i.test(given))
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
