import { AppError } from '../errors.ts';
import { crsFromEpsg, crsFromWkt } from '../geo/crs.ts';
import type { Crs } from '../types.ts';
import { coordinateForm, formText, sameForm, type CoordinateForm } from './coordinate-form.ts';
import { listRows, type VectorNote } from './feature.ts';

/** A system and who says so. */
export interface CrsClaim {
  readonly crs: Crs;
  /** for people */
  readonly how: string;
  /** it is only what the format says of files that say nothing */
  readonly isDefault?: boolean;
}

/** First vertex of a row, as in the file. */
export interface CoordinateSample {
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

export interface CrsChoice {
  readonly crs: Crs;
  readonly how: string;
  /** the file has northing or latitude first */
  readonly isSwapped: boolean;
  /** form of all its coordinates; null where they have none that is known */
  readonly form: CoordinateForm | null;
  readonly notes: readonly VectorNote[];
}

/** A system that a person names: `4549`, `EPSG:4549`, or its well-known text. @throws AppError CONFIG_INVALID */
export function crsFromOption(text: string): Crs {
  const code = /^\s*(?:epsg:{1,2})?(\d{4,6})\s*$/i.exec(text)?.[1];
  try {
    return code === undefined ? crsFromWkt(text) : crsFromEpsg(Number(code));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'CONFIG_INVALID',
      `--crs "${text}": ${reason}`,
      'Give a code such as 4490, 4528 or 4549.',
      { crs: text },
      error,
    );
  }
}

/** CGCS2000 belts: 3° zones are 25-45, 6° zones 13-23; codes with and without the number in the easting. */
const belts = [
  { first: 25, last: 45, zoned: 4513, plain: 4534, meridianDeg: (zone: number) => zone * 3 },
  { first: 13, last: 23, zoned: 4491, plain: 4502, meridianDeg: (zone: number) => zone * 6 - 3 },
] as const;

interface Belt {
  readonly meridianDeg: number;
  readonly isZoned: boolean;
}

/** Belt of a code; null of a system that is none. */
function beltOf(epsg: number | null): Belt | null {
  for (const { first, last, zoned, plain, meridianDeg } of epsg === null ? [] : belts)
    for (const [code, isZoned] of [[zoned, true] as const, [plain, false] as const])
      if (epsg! >= code && epsg! <= code + last - first)
        return { meridianDeg: meridianDeg(first + epsg! - code), isZoned };
  return null;
}

/** Code of a zone number that stands in eastings; null where there is no such zone. */
function zonedCode(zone: number): number | null {
  const belt = belts.find(({ first, last }) => zone >= first && zone <= last);
  return belt === undefined ? null : belt.zoned + zone - belt.first;
}

/** The system of the same meridian with the zone number in its easting, or without; null where there is none. */
function otherSpelling(epsg: number | null, { kind, zone }: CoordinateForm): number | null {
  const belt = beltOf(epsg);
  if (belt === null) return null;
  if (kind === 'plain' && belt.isZoned) return 4534 + belt.meridianDeg / 3 - 25;
  const code = kind === 'zone' || kind === 'far' ? zonedCode(zone) : null;
  return code !== null && code !== epsg && beltOf(code)?.meridianDeg === belt.meridianDeg ? code : null;
}

const plainTodo =
  'Give --crs: 4549 (CGCS2000, 120°E), 4547 (114°E) or another central meridian, 32651 or 32650 (UTM). It is in the papers that came with the file.';

function oneForm(file: string, samples: readonly CoordinateSample[]): CoordinateForm | null {
  const groups: { readonly form: CoordinateForm; readonly rows: number[] }[] = [];
  for (const { row, x, y } of samples) {
    const form = coordinateForm(x, y);
    if (form.kind === 'other') continue;
    const group = groups.find((one) => sameForm(one.form, form));
    if (group) group.rows.push(row);
    else groups.push({ form, rows: [row] });
  }
  if (groups.length > 1) throw mixedForms(file, groups);
  return groups[0]?.form ?? null;
}

/** Coordinates of two systems in one file. */
export function mixedForms(
  file: string,
  groups: readonly { readonly form: CoordinateForm; readonly rows: readonly number[] }[],
): AppError {
  const parts = groups.map(({ form, rows }) => `${formText(form)} in row ${listRows(rows)}`);
  return new AppError(
    'INPUT_INVALID',
    `${file}: 坐标不一致 its coordinates are of more than one system: ${parts.join('; ')}.`,
    'Split the file by zone, or reproject it as a whole (ogr2ogr -t_srs EPSG:4490 …), and import again.',
    { file, rows: groups.map(({ rows }) => rows.slice(0, 8)) },
  );
}

/**
 * Choose the coordinate system: option → what the file declares → the coordinates themselves. A declared system that
 * the coordinates contradict is corrected where there is one reading only (axes swapped, zone number in the easting or
 * not), else refused. Six-digit eastings without a declaration are never guessed.
 *
 * @param samples first vertices of some rows
 * @throws AppError INPUT_INVALID
 */
export function chooseCrs(
  file: string,
  {
    option,
    declared,
    samples,
  }: { readonly option: Crs | null; readonly declared: CrsClaim | null; readonly samples: readonly CoordinateSample[] },
): CrsChoice {
  const form = oneForm(file, samples);
  const claim: CrsClaim | null = option === null ? declared : { crs: option, how: '按选项 option' };
  const isSwapped = form?.isSwapped ?? false;
  const notes: VectorNote[] = isSwapped ? [swappedNote(file, samples[0]!)] : [];
  const isGeographicForm = form?.kind === 'degrees';
  if (claim === null || (claim.isDefault && form !== null && !isGeographicForm)) {
    const found = recognise(file, form, samples[0]);
    return { ...found, isSwapped, form, notes };
  }
  const chosen = { crs: claim.crs, how: claim.how, isSwapped, form, notes };
  if (form === null) return chosen;
  const spelled = otherSpelling(claim.crs.epsg, form);
  if (spelled !== null) {
    const crs = crsFromEpsg(spelled);
    notes.push(zoneNote(file, claim, crs, form));
    return { ...chosen, crs, how: `${claim.how}，按带号更正 corrected by the zone in the easting` };
  }
  if (isGeographicForm !== claim.crs.isGeographic || !(isGeographicForm || fitsZone(claim.crs, form)))
    throw contradiction(file, claim, form, samples[0]!);
  return chosen;
}

/** Whether the eastings can be the system's; of systems that are neither belts nor UTM nothing is known. */
function fitsZone({ epsg }: Crs, { kind, zone }: CoordinateForm): boolean {
  const belt = beltOf(epsg);
  if (belt !== null) return belt.isZoned ? zonedCode(zone) === epsg : kind === 'plain';
  if (epsg === 3857) return kind === 'far' || kind === 'plain';
  return epsg === null || kind === 'plain';
}

function recognise(
  file: string,
  form: CoordinateForm | null,
  sample: CoordinateSample | undefined,
): { crs: Crs; how: string } {
  if (form?.kind === 'degrees') return { crs: crsFromEpsg(4490), how: '按坐标识别 recognised by its degrees' };
  const code = form?.kind === 'zone' ? zonedCode(form.zone) : null;
  if (code !== null)
    return { crs: crsFromEpsg(code), how: `按带号识别 recognised by zone ${form!.zone} in its eastings` };
  const example =
    sample === undefined ? 'it has no coordinates' : `row ${sample.row} begins at ${sample.x}, ${sample.y}`;
  if (form?.kind === 'plain')
    throw new AppError(
      'INPUT_INVALID',
      `${file}: 无坐标系 it names no coordinate system, and six-digit eastings fit several (${example}).`,
      plainTodo,
      { file },
    );
  throw new AppError(
    'INPUT_INVALID',
    `${file}: 无坐标系 it names no coordinate system, and its coordinates do not tell (${example}).`,
    form?.kind === 'far'
      ? 'Give --crs: 3857 (Web Mercator) or 4491-4493 (CGCS2000, 6° zones 13-15).'
      : 'Give --crs EPSG:<code>.',
    { file },
  );
}

function swappedNote(file: string, { row, x, y }: CoordinateSample): VectorNote {
  return {
    code: 'axes-swapped',
    message: `${file}: 坐标轴互换 northing or latitude comes first (row ${row}: ${x}, ${y}); x and y were exchanged.`,
    todo: 'Nothing, if the map looks right; write x (east) first next time.',
  };
}

function zoneNote(file: string, { crs }: CrsClaim, { epsg, name }: Crs, form: CoordinateForm): VectorNote {
  return {
    code: 'zone-corrected',
    message: `${file}: 带号与坐标系不符 it declares ${crs.name} (EPSG:${crs.epsg}) but has ${formText(form)}: read as EPSG:${epsg} (${name}), same meridian.`,
    todo: 'Nothing; the .prj should be corrected where the file is kept.',
  };
}

function contradiction(
  file: string,
  { crs, how }: CrsClaim,
  form: CoordinateForm,
  { row, x, y }: CoordinateSample,
): AppError {
  return new AppError(
    'INPUT_INVALID',
    `${file}: 坐标与坐标系不符 its system is ${crs.name} (${how}), but row ${row} begins at ${x}, ${y}: ${formText(form)}.`,
    'Give the right system with --crs EPSG:<code>.',
    { file, row, x, y, crs: crs.epsg },
  );
}
