import { coordinateForm, sameForm, type CoordinateForm } from './coordinate-form.ts';
import { mixedForms, type CrsChoice } from './crs-choice.ts';
import { listRows, unreadable, type VectorFeature, type VectorNote, type VectorPolygon } from './feature.ts';
import { undoMojibake } from './text-score.ts';

/** Looks at every feature that passes. */
export interface Watch {
  /** the feature with x before y */
  pass(feature: VectorFeature): VectorFeature;
  /** Notes on all rows that passed. @throws AppError INPUT_INVALID where their coordinates are of two systems */
  end(): readonly VectorNote[];
}

const swap = (polygons: readonly VectorPolygon[]): readonly VectorPolygon[] =>
  polygons.map((rings) => rings.map((ring) => ring.map(([x, y]): readonly [number, number] => [y, x])));

/** Distinct words that are looked at again no more. */
const mostWords = 50_000;
const aboveAscii = /[\u0080-\uFFFF]/;

/** Rows of coordinates that are not of the chosen form, and rows of damaged text. */
export function watchFeatures(file: string, { form, isSwapped, crs }: CrsChoice): Watch {
  const degrees = isSwapped ? [90, 360] : [360, 90];
  const [mostX = 0, mostY = 0] = crs.isGeographic ? degrees : [1e9, 1e9];
  const strays: { readonly form: CoordinateForm; readonly rows: number[] }[] = [];
  const damaged: { row: number; field: string; text: string; undone: string }[] = [];
  const words = new Map<string, string | null>();
  let firstRow = 0;

  const checkRing = (row: number, ring: VectorPolygon[number]): void => {
    for (const [x, y] of ring) {
      // NaN is not within either
      if (!(Math.abs(x) <= mostX && Math.abs(y) <= mostY))
        throw unreadable(
          file,
          `row ${row} has the coordinate ${x}, ${y}, which is nowhere in ${crs.name}.`,
          'Correct or remove this feature.',
          { row },
        );
    }
    // a polygon lies in one zone: its first corner speaks for the ring
    const [x, y] = ring[0] ?? [0, 0];
    const own = coordinateForm(x, y);
    if (form === null || own.kind === 'other' || sameForm(own, form)) return;
    const stray = strays.find((one) => sameForm(one.form, own));
    if (stray === undefined) strays.push({ form: own, rows: [row] });
    else if (stray.rows.at(-1) !== row) stray.rows.push(row);
  };
  const checkText = (row: number, properties: VectorFeature['properties']): void => {
    for (const field in properties) {
      const text = properties[field];
      if (typeof text !== 'string' || !aboveAscii.test(text)) continue;
      let undone = words.get(text);
      if (undone === undefined) {
        if (words.size >= mostWords) words.clear();
        undone = undoMojibake(text);
        words.set(text, undone);
      }
      if (undone !== null) damaged.push({ row, field, text, undone });
    }
  };
  return {
    pass(feature) {
      const { row, polygons, properties } = feature;
      firstRow ||= row;
      checkText(row, properties);
      for (const rings of polygons ?? []) for (const ring of rings) checkRing(row, ring);
      return isSwapped && polygons !== null ? { ...feature, polygons: swap(polygons) } : feature;
    },
    end() {
      if (form !== null && strays.length > 0) throw mixedForms(file, [{ form, rows: [firstRow] }, ...strays]);
      return damaged.length === 0 ? [] : [damagedNote(file, damaged)];
    },
  };
}

function damagedNote(
  file: string,
  damaged: readonly { row: number; field: string; text: string; undone: string }[],
): VectorNote {
  const { field, text, undone } = damaged[0]!;
  const rows = [...new Set(damaged.map(({ row }) => row))];
  const meant = undone === '' ? '' : `, meant is probably ${undone}`;
  return {
    code: 'mojibake',
    message: `${file}: 乱码 text was damaged before it was stored: ${field} "${text}"${meant} (row ${listRows(rows)}).`,
    todo: 'Export it again from the source with the right encoding; the text is kept as it is.',
  };
}
