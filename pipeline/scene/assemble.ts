import { AppError } from '../errors.ts';
import { applyAffine } from '../geo/affine.ts';
import { projector } from '../geo/crs.ts';
import type { Bbox, Crs, Grid, Scene, SceneBand, SceneFile } from '../types.ts';
import type { FileFacts } from './describe.ts';
import { problem, type Problem } from './problem.ts';
import { missingPlace, todoForBands, todoForPlace, unknownBands, type Header } from './problems.ts';

/** One file of a scene with what is known of it. */
export interface ScenePart {
  readonly header: Pick<Header, 'bands' | 'crs' | 'crsProblem' | 'affine'>;
  readonly facts: FileFacts;
  readonly sha256: string;
  /** of a remote file */
  readonly etag: string | null;
  readonly bytes: number;
  /** the STAC Item that named it */
  readonly item?: NonNullable<SceneFile['item']>;
}

/** Points an edge at which a grid's outline is projected. */
const edgePoints = 8;

function boundsIn(grid: Grid, crs: Crs): Bbox | null {
  const project = projector(grid.crs, crs);
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i <= edgePoints; i++) {
    const [col, row] = [(grid.width * i) / edgePoints, (grid.height * i) / edgePoints];
    for (const at of [
      [col, 0],
      [col, grid.height],
      [0, row],
      [grid.width, row],
    ] as const) {
      const [x, y] = project(...applyAffine(grid.affine, at[0], at[1]));
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      [minX, minY, maxX, maxY] = [Math.min(minX, x), Math.min(minY, y), Math.max(maxX, x), Math.max(maxY, y)];
    }
  }
  return minX <= maxX ? [minX, minY, maxX, maxY] : null;
}

function boundsText(box: Bbox | null): string {
  return box ? `[${box.map((value) => Number(value.toPrecision(9))).join(', ')}]` : 'nowhere';
}

function requireOverlap(first: SceneFile, other: SceneFile): void {
  const [a, b] = [boundsIn(first.grid, first.grid.crs), boundsIn(other.grid, first.grid.crs)];
  if (a && b && a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]) return;
  const message = `${other.uri} lies at ${boundsText(b)} in ${first.grid.crs.name}, ${first.uri} at ${boundsText(a)}: files of one scene must overlap.`;
  throw new AppError('INPUT_INVALID', message, 'Give files of one place and date.');
}

/** The date of a scene: a time of day wins over a mere day. */
function commonDate(parts: readonly ScenePart[]): string | null {
  const dated = parts.filter(({ facts }) => facts.acquired !== null);
  const days = [...new Set(dated.map(({ facts }) => facts.acquired?.slice(0, 10)))];
  if (days.length > 1) {
    const list = dated.map(({ facts }) => `${facts.uri}: ${facts.acquired}`).join(', ');
    throw new AppError(
      'INPUT_INVALID',
      `Files of one scene differ in date: ${list}.`,
      'Give files of one date, or the date with --acquired.',
    );
  }
  const dates = dated.map(({ facts }) => facts.acquired ?? '').sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return dates[0] ?? null;
}

function commonSensor(parts: readonly ScenePart[]): string | null {
  const known = [...new Set(parts.flatMap(({ facts }) => facts.sensor ?? []))];
  if (known.length <= 1) return known[0] ?? null;
  throw new AppError(
    'INPUT_INVALID',
    `Files of one scene name different sensors: ${known.join(', ')}.`,
    'Give files of one scene, or the sensor with --sensor.',
  );
}

function sceneFile({ header, facts, sha256, etag, bytes, item }: ScenePart): {
  readonly file: SceneFile;
  readonly gsd: number;
} {
  const { uri, grid, alphaIndex } = facts;
  const gsd = facts.gsdM?.mean ?? Number.NaN;
  if (grid !== null && Number.isFinite(gsd) && gsd > 0)
    return {
      file: { uri, sha256, ...(etag !== null && { etag }), bytes, ...(item && { item }), grid, alphaIndex },
      gsd,
    };
  const what =
    missingPlace(header) ??
    'its pixels have no area on the ground: transform and coordinate reference system do not fit';
  throw new AppError('INPUT_INVALID', `${uri}: ${what} (CRS_UNKNOWN).`, todoForPlace(header), {
    problem: 'CRS_UNKNOWN',
  });
}

function bandsOf(part: ScenePart, file: number): SceneBand[] {
  const { facts } = part;
  const unknown = unknownBands(facts);
  if (unknown !== null) {
    const message = `${facts.uri}: ${unknown} (BANDS_UNKNOWN).`;
    throw new AppError('INPUT_INVALID', message, todoForBands(part.header, facts), { problem: 'BANDS_UNKNOWN' });
  }
  return facts.bands.flatMap(({ name, dtype, nodataUsed, scaling }, index) => {
    const { scale, offset } = scaling ?? { scale: 1, offset: 0 };
    return name === null ? [] : [{ name, file, index, dtype, nodata: nodataUsed, scale, offset }];
  });
}

/**
 * Makes one scene of its files: bands of all of them unite, of a band in two files the finer one is taken.
 *
 * @param hash sha256 of a text, hexadecimal
 * @throws AppError INPUT_INVALID when bands or CRS are unknown, dates or sensors differ, or files do not overlap
 */
export function assembleScene(
  parts: readonly ScenePart[],
  hash: (text: string) => string,
): { scene: Scene; problems: Problem[] } {
  const problems: Problem[] = [];
  const measured = parts.map(sceneFile);
  const files: SceneFile[] = measured.map(({ file }) => file);
  const gsdOfFile = (file: number) => measured[file]?.gsd ?? Infinity;
  const bands: SceneBand[] = [];
  for (const band of parts.flatMap(bandsOf)) {
    const at = bands.findIndex(({ name }) => name === band.name);
    const other = bands[at];
    if (other === undefined) {
      bands.push(band);
      continue;
    }
    const [kept, left] = gsdOfFile(band.file) < gsdOfFile(other.file) ? [band, other] : [other, band];
    bands[at] = kept;
    problems.push(
      problem(
        'BAND_TWICE',
        `${band.name} is in ${files[other.file]?.uri} and ${files[band.file]?.uri}; it is read from ${files[kept.file]?.uri}, ${gsdOfFile(kept.file).toFixed(2)} m against ${gsdOfFile(left.file).toFixed(2)} m.`,
        'Nothing, if that is meant.',
      ),
    );
  }
  const [first] = files;
  const finest = measured.reduce(
    (best, one) => (one.gsd < best.gsd ? one : best),
    measured[0] as (typeof measured)[number],
  );
  for (const file of files.slice(1)) if (first) requireOverlap(first, file);
  const scalingOf = ({ file, index }: SceneBand) => parts[file]?.facts.bands[index]?.scaling ?? null;
  const isReflectance = bands.every((band) => scalingOf(band) !== null);
  const [acquired, sensor] = [commonDate(parts), commonSensor(parts)];
  const content = files.map(({ sha256, alphaIndex }) => ({ sha256, alphaIndex }));
  const radiometry = isReflectance ? 'reflectance' : 'dn';
  const id = hash(
    JSON.stringify({
      content,
      bands: bands.map((band) => ({ ...band, nodata: String(band.nodata) })),
      acquired,
      sensor,
      radiometry,
    }),
  );
  return {
    scene: { id, files, bands, acquired, sensor, grid: finest.file.grid, gsdM: finest.gsd, radiometry },
    problems,
  };
}
