import { basename } from 'node:path';
import { labelPropertiesSchema } from '../../pipeline/report/label-format.ts';
import { AppError } from '../../pipeline/errors.ts';
import { bboxOf, lonLatProjector, type Polygon } from '../../pipeline/geo/polygon.ts';
import { maskOfPolygons, polygonsOnGrid } from '../../pipeline/tile/aoi.ts';
import type { Grid, LandClass, Window } from '../../pipeline/types.ts';
import { openVector } from '../../workers/vector/open-vector.ts';
import type { VectorFeature } from '../../workers/vector/open-vector.ts';
import { codeOfClass, labelCode, type Labels } from './label-value.ts';

export type Outside = 'unchanged' | 'ignore';

interface Area {
  /** rings in pixels of the grid */
  readonly polygon: Polygon;
  readonly code: number;
  readonly box: readonly [number, number, number, number];
}

export interface LabelPolygonOptions {
  readonly grid: Grid;
  readonly classes: readonly LandClass[];
  /** what ground in no polygon means; null: verdicts leave it open, plain polygons of change call it unchanged */
  readonly outside: Outside | null;
  /** of the scenes that are judged, ISO-8601; null = unknown */
  readonly dates: { readonly before: string | null; readonly after: string | null };
}

/**
 * Labels of polygons: each is a change, or a verdict `confirmed` or `refuted` on one; `classAfter` names what it became.
 * A pixel belongs to the polygon that holds its centre, to the later one where polygons overlap.
 *
 * @throws AppError INPUT_INVALID where the file cannot be used or lies elsewhere
 */
export async function openLabelPolygons(path: string, options: LabelPolygonOptions): Promise<Labels> {
  const { grid, classes } = options;
  const name = basename(path);
  const file = await openVector(path);
  const read: (Area & { readonly isVerdict: boolean })[] = [];
  const notes: string[] = [];
  let [verdicts, open, empty, away] = [0, 0, 0, 0];
  const otherDates = new Set<string>();
  try {
    const toLonLat = lonLatProjector(file.crs);
    for await (const feature of file.features()) {
      const { code, isVerdict, dates } = meaningOf(feature, classes, name);
      if (isOtherDate(dates.before, options.dates.before) || isOtherDate(dates.after, options.dates.after))
        otherDates.add(`${dates.before ?? '?'} → ${dates.after ?? '?'}`);
      if (isVerdict) verdicts++;
      else open++;
      if (feature.polygons === null || feature.polygons.length === 0) empty++;
      // edges of labels are short: straight in longitude and latitude is straight enough
      const lonLat = (feature.polygons ?? []).map((polygon) =>
        polygon.map((ring) => ring.map(([x, y]) => toLonLat(x, y))),
      );
      for (const polygon of polygonsOnGrid(grid, lonLat)) {
        const box = bboxOf(polygon);
        if (box[0] >= grid.width || box[1] >= grid.height || box[2] <= 0 || box[3] <= 0) away++;
        else read.push({ polygon, code, box, isVerdict });
      }
    }
    notes.push(...file.notes.map(({ code, message }) => `${code}: ${message}`));
  } finally {
    await file.close();
  }
  // among verdicts, what has none was not looked at: it is no label of change
  const areas = verdicts > 0 ? read.filter(({ isVerdict }) => isVerdict) : read;
  if (areas.length === 0)
    throw new AppError(
      'INPUT_INVALID',
      away > 0
        ? `${name}: none of its ${away} polygons lies on the before scene (read as ${file.crs.name}, ${file.crsHow}).`
        : `${name} holds no polygon.`,
      away > 0 ? 'Give the labels of this place, or correct their coordinate system.' : 'Give polygons of changes.',
    );
  if (verdicts > 0 && open > 0) notes.push(`${name}: ${open} features have no verdict yet and are not scored.`);
  if (otherDates.size > 0)
    notes.push(
      `${name}: labels of other dates than these scenes are among them: ${[...otherDates].slice(0, 3).join('; ')}.`,
    );
  if (empty > 0) notes.push(`${name}: ${empty} features have no polygon and say nothing.`);
  if (away > 0) notes.push(`${name}: ${away} polygons lie outside the scene.`);
  const outside = options.outside ?? (verdicts > 0 ? 'ignore' : 'unchanged');
  const ground = outside === 'ignore' ? labelCode.ignored : labelCode.unchanged;
  notes.push(
    outside === 'ignore'
      ? `${name}: ground in no polygon is not scored, so recall is that among the polygons alone.`
      : `${name}: ground in no polygon counts as unchanged.`,
  );
  return {
    kind: 'polygons',
    notes,
    read: (window) =>
      Promise.resolve(paint(window, areas, { ground, open: read.filter((area) => !areas.includes(area)) })),
    close: () => Promise.resolve(),
  };
}

interface Meaning {
  readonly code: number;
  readonly isVerdict: boolean;
  readonly dates: LabelPolygonOptions['dates'];
}

const isOtherDate = (said: string | null, judged: string | null): boolean =>
  said !== null && judged !== null && said.slice(0, 10) !== judged.slice(0, 10);

function meaningOf({ properties, row }: VectorFeature, classes: readonly LandClass[], file: string): Meaning {
  const parsed = labelPropertiesSchema.safeParse(properties);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = String(issue?.path[0] ?? '');
    throw new AppError(
      'INPUT_INVALID',
      `${file}: feature ${row}: ${key} ${JSON.stringify(properties[key])}: ${issue?.message ?? 'not valid'}.`,
      'docs/formats.md has the keys of labels.',
      { row },
    );
  }
  const { verdict, classAfter, dateBefore = null, dateAfter = null } = parsed.data;
  const dates = { before: dateBefore, after: dateAfter };
  const isVerdict = verdict !== undefined && verdict !== null;
  if (verdict === 'refuted') return { code: labelCode.unchanged, isVerdict, dates };
  return { code: codeOfClass(classAfter ?? null, classes, `${file}: feature ${row}`), isVerdict, dates };
}

/** @param open features without verdict: not scored, whatever the ground around them is */
function paint(
  window: Window,
  areas: readonly Area[],
  { ground, open }: { readonly ground: number; readonly open: readonly Area[] },
): Uint8Array {
  const out = new Uint8Array(window.width * window.height).fill(ground);
  const unscored = open.map((area) => ({ ...area, code: labelCode.ignored }));
  for (const { polygon, code, box } of [...unscored, ...areas]) {
    const [left, top] = [Math.max(window.col, Math.floor(box[0])), Math.max(window.row, Math.floor(box[1]))];
    const right = Math.min(window.col + window.width, Math.ceil(box[2]));
    const bottom = Math.min(window.row + window.height, Math.ceil(box[3]));
    if (right <= left || bottom <= top) continue;
    const part = { col: left, row: top, width: right - left, height: bottom - top };
    const mask = maskOfPolygons(part, [polygon]);
    for (let r = 0; r < part.height; r++)
      for (let c = 0; c < part.width; c++)
        if (mask[r * part.width + c] === 1) out[(top - window.row + r) * window.width + left - window.col + c] = code;
  }
  return out;
}
