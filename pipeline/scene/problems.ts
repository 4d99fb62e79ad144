import type { GeotiffFile } from '../raster/geotiff.ts';
import { numberOfText } from './band-name.ts';
import type { FileFacts } from './describe.ts';
import { problem, type Problem } from './problem.ts';
import type { FileSample } from './sample.ts';
import { addOffsetDn } from './scaling.ts';

/** Longer side (px) from which tiles and overviews matter; the bound of GDAL's validator of cloud-optimised files. */
const largePx = 512;

/** The part of a header that problems are read from. */
export type Header = Pick<
  GeotiffFile,
  'width' | 'height' | 'crs' | 'crsProblem' | 'affine' | 'tiled' | 'overviews' | 'hasMask' | 'metadata' | 'bands'
>;

/** What keeps a file from being placed on the ground; null when nothing does. */
export function missingPlace({
  crs,
  crsProblem,
  affine,
}: Pick<Header, 'crs' | 'crsProblem' | 'affine'>): string | null {
  if (crs === null) return crsProblem?.replace(/\.$/, '') ?? 'it names no coordinate reference system';
  return affine === null ? 'it does not say where its pixels are (no transform)' : null;
}

const writePlace = 'write both into the file, e.g. gdal_edit.py -a_srs EPSG:4490 -a_ullr <ulx> <uly> <lrx> <lry>.';

/** What to do about it; a system that is not read must not be overwritten by another. */
export function todoForPlace({ crs, crsProblem, affine }: Pick<Header, 'crs' | 'crsProblem' | 'affine'>): string {
  const warp = 'gdalwarp -t_srs EPSG:4490 in.tif out.tif';
  if (crs === null && crsProblem !== null)
    return `Reproject it: ${warp}; only where it has no system at all, ${writePlace}`;
  if (crs !== null && affine === null) return `If it has control points: ${warp}; else ${writePlace}`;
  return writePlace.replace(/^w/, 'W');
}

/** That no band has a name, with what the file calls them; null when one has. */
export function unknownBands({ bands }: FileFacts): string | null {
  if (bands.some(({ name }) => name !== null)) return null;
  const described = bands.map(({ description }) => description ?? '').filter((text) => text.trim() !== '');
  const called = described.length === 0 ? '' : ` (it calls them ${described.slice(0, 8).join(', ')})`;
  return bands.length === 1
    ? `its band is not known by name${called.replace('them', 'it')}`
    : `none of its ${bands.length} bands is known by name${called}`;
}

/** by band count */
const examples: Readonly<Record<number, string>> = {
  1: 'NIR',
  2: 'R,NIR',
  3: 'R,G,B or NIR,R,G',
  4: 'R,G,B,NIR or B,G,R,NIR',
};

/** What to do about bands without a name, with the flag to give. */
export function todoForBands(header: Pick<Header, 'bands'>, facts: FileFacts): string {
  const numbered = facts.bands.some(({ description }) => description !== null && numberOfText(description) !== null);
  if (numbered && facts.sensorEntry === null) {
    return 'Numbered bands differ between sensors: give --sensor sentinel-2, landsat-5, landsat-7, landsat-8 …, or --bands.';
  }
  const example = examples[facts.bands.length] ?? 'B,G,R,NIR,…';
  const isShownRgb = ['red', 'green', 'blue'].every((colour, index) => header.bands[index]?.colour === colour);
  const hint = isShownRgb
    ? ' That the file is shown as red, green, blue is no proof: programs set it for false colour too.'
    : '';
  return `Give --bands in file order, e.g. --bands ${example} (- leaves a band out), or "bands" in <file>.scene.json.${hint}`;
}

function bandProblems(header: Header, facts: FileFacts): Problem[] {
  const unnamed = facts.bands.flatMap((band, index) =>
    band.name === null && index !== facts.alphaIndex
      ? [`${index + 1}${band.description ? ` (${band.description})` : ''}`]
      : [],
  );
  const unknown = unknownBands(facts);
  if (unknown !== null) return [problem('BANDS_UNKNOWN', `${unknown}.`, todoForBands(header, facts))];
  if (unnamed.length === 0) return [];
  return [
    problem(
      'BAND_IGNORED',
      `band ${unnamed.join(', ')} is not known by name and is left out.`,
      'Name it with --bands if it is needed.',
    ),
  ];
}

function valueProblems(header: Header, facts: FileFacts): Problem[] {
  const list: Problem[] = [];
  const unscaled = facts.bands.filter(({ name, scaling }) => name !== null && scaling === null);
  if (unscaled.length > 0) {
    const dtypes = [...new Set(unscaled.map(({ dtype }) => dtype))].join(', ');
    list.push(
      problem(
        'SCALE_UNKNOWN',
        `the ${dtypes} values are not known to be reflectance; only relative methods apply.`,
        'If they are, give --scale, e.g. --scale 0.0001 for reflectance × 10000.',
      ),
    );
  }
  const since = facts.sensorEntry?.offsetSince;
  const isBySensor = facts.bands.some(({ scaling }) => scaling?.from === 'sensor');
  if (
    since !== undefined &&
    isBySensor &&
    facts.acquired !== null &&
    facts.acquired >= since &&
    addOffsetDn(header.metadata) === null
  ) {
    list.push(
      problem(
        'OFFSET_UNKNOWN',
        `products of ${facts.sensor} since ${since} may carry an offset of -1000 DN; the file does not say, 0 is taken.`,
        'Give --scale 0.0001,-0.1 if it does.',
      ),
    );
  }
  const isDeclared =
    facts.alphaIndex !== null ||
    header.hasMask ||
    facts.bands.every(({ nodata, dtype }) => nodata !== null || dtype.startsWith('float'));
  if (!isDeclared) {
    const reserved = facts.sensorEntry?.nodata ?? null;
    const message =
      reserved === null
        ? 'no nodata value, alpha or mask is declared; every pixel counts as seen.'
        : `no nodata value is declared; a run takes ${reserved}, which ${facts.sensor} reserves for it.`;
    list.push(problem('NODATA_UNDECLARED', message, 'Give "nodata" in <file>.scene.json if a value means no data.'));
  }
  return list;
}

function sampleProblems(sample: FileSample): Problem[] {
  const list: Problem[] = [];
  const [pixels, valid, nan] = [0, 0, 0].map((_, which) =>
    sample.bands.reduce((sum, band) => sum + [band.pixels, band.valid, band.nan][which]!, 0),
  );
  const of = sample.isWhole ? 'the file' : 'a sample of 25 windows';
  if (valid === 0)
    list.push(
      problem(
        'ALL_NODATA',
        `${of} holds no valid value in ${pixels}.`,
        'Give another file, or the right "nodata" in <file>.scene.json.',
      ),
    );
  if ((nan ?? 0) > 0)
    list.push(
      problem(
        'NAN_PRESENT',
        `${nan} of ${pixels} values of ${of} are NaN; they count as no data.`,
        'Nothing, if they mark what was not seen.',
      ),
    );
  return list;
}

/** What GDAL and QGIS keep beside a file that they may not write, and whether the file lacks it. */
const asideWords: readonly (readonly [tag: string, word: string, isLacking: (header: Header) => boolean])[] = [
  ['Description', 'band names', ({ bands }) => bands.every(({ description }) => description === null)],
  ['NoDataValue', 'nodata', ({ bands }) => bands.every(({ nodata }) => nodata === null)],
  ['Scale', 'a scale', ({ bands }) => bands.every(({ scale }) => scale === null)],
  ['SRS', 'a coordinate system', ({ crs }) => crs === null],
  ['GeoTransform', 'a transform', ({ affine }) => affine === null],
  ['GCPList', 'control points', ({ affine }) => affine === null],
];

/**
 * What lies beside a file and is not read, where the file does not say it itself.
 *
 * @param mask whether there is a `.msk`
 * @param aux text of the `.aux.xml`, null = none
 */
export function besideProblems(header: Header, mask: boolean, aux: string | null): Problem[] {
  const list: Problem[] = [];
  if (mask)
    list.push(
      problem(
        'MASK_BESIDE',
        'a mask lies beside it (.msk), which is not read: what it hides would count as seen; a run refuses it.',
        'Put the mask into the file: gdal_translate --config GDAL_TIFF_INTERNAL_MASK YES in.tif out.tif; or delete the .msk if it hides nothing.',
      ),
    );
  const said = asideWords.flatMap(([tag, word, isLacking]) =>
    aux?.includes(`<${tag}`) && isLacking(header) ? [word] : [],
  );
  if (said.length > 0)
    list.push(
      problem(
        'ASIDE_UNREAD',
        `the .aux.xml beside it holds ${said.join(', ')}; it is not read.`,
        'Put that into the file: gdal_translate in.tif out.tif.',
      ),
    );
  return list;
}

/** What a user should know of one file before a run: what is unknown, what is missing, what will be slow. */
export function findProblems(header: Header, facts: FileFacts, sample: FileSample | null): Problem[] {
  const list = bandProblems(header, facts);
  const missing = missingPlace(header);
  if (missing !== null) list.push(problem('CRS_UNKNOWN', `${missing}; a run refuses it.`, todoForPlace(header)));
  if (facts.acquired === null) {
    const rivals =
      facts.rivalDates.length > 1
        ? `the file name holds ${facts.rivalDates.join(' and ')}`
        : 'no flag, sidecar, metadata or file name says when it was taken';
    list.push(problem('DATE_UNKNOWN', `${rivals}; season rules are off.`, 'Give --acquired yyyy-mm-dd.'));
  }
  if (facts.sensor !== null && facts.sensorEntry === null) {
    list.push(
      problem(
        'SENSOR_UNKNOWN',
        `${facts.sensor} is not in the sensor table, so it names no bands and no scale.`,
        'config/sensors.json lists those that are known.',
      ),
    );
  }
  list.push(...valueProblems(header, facts));
  if (sample) list.push(...sampleProblems(sample));
  const isLarge = Math.max(header.width, header.height) > largePx;
  if (isLarge && !header.tiled)
    list.push(
      problem(
        'NOT_TILED',
        'it is written in strips; reading a window reads whole rows.',
        'For large files: gdal_translate -of COG.',
      ),
    );
  if (isLarge && header.overviews.length === 0)
    list.push(
      problem(
        'NO_OVERVIEWS',
        'it has no overviews; only previews suffer.',
        'For large files: gdaladdo, or gdal_translate -of COG.',
      ),
    );
  return list;
}
