import type { BandName } from '../types.ts';

/** Reflectances of one look at a field by band, 0..1. */
export type Reflectances = Readonly<Partial<Record<BandName, number>>>;

const ratio = (a: number, b: number): number => (a - b) / (a + b);
const logOf = (value: number): number => Math.log(Math.max(0, value) + 0.01);

type Formula = readonly [bands: readonly BandName[], of: (...values: readonly number[]) => number];
const pair = (a: BandName, b: BandName): Formula => [[a, b], (x = Number.NaN, y = Number.NaN) => ratio(x, y)];
const log = (band: BandName): Formula => [[band], (x = Number.NaN) => logOf(x)];

/**
 * What is read from a field's reflectance; normalised differences are (a − b) / (a + b), logs those of reflectance + 0.01.
 *
 * @see NDVI Tucker 1979, doi:10.1016/0034-4257(79)90013-0; NDWI McFeeters 1996, doi:10.1080/01431169608948714; MNDWI Xu
 *   2006, doi:10.1080/01431160600589179; LSWI Xiao et al. 2005, doi:10.1016/j.rse.2004.12.009; EVI2 Jiang et al. 2008,
 *   doi:10.1016/j.rse.2008.06.006; NDRE Barnes et al. 2000
 */
export const fieldIndices = {
  ndvi: pair('nir', 'red'),
  lswi: pair('nir', 'swir16'),
  mndwi: pair('green', 'swir16'),
  ndwi: pair('green', 'nir'),
  evi2: [['nir', 'red'], (n = Number.NaN, r = Number.NaN) => (2.5 * (n - r)) / (n + 2.4 * r + 1)],
  nbr2: pair('swir16', 'swir22'),
  greenRed: pair('green', 'red'),
  ndyi: pair('green', 'blue'),
  ndre: pair('nir08', 'rededge071'),
  redEdge: pair('rededge075', 'rededge071'),
  logGreen: log('green'),
  logNir: log('nir'),
  logSwir16: log('swir16'),
  logSwir22: log('swir22'),
} as const satisfies Readonly<Record<string, Formula>>;
export type FieldIndex = keyof typeof fieldIndices;

export const fieldIndexNames = Object.keys(fieldIndices) as readonly FieldIndex[];

/** Bands that an index needs. */
export const bandsOfIndex = (index: FieldIndex): readonly BandName[] => fieldIndices[index][0];

/** An index of one look; NaN where a band is missing or was not seen, or where it divides by nothing. */
export function indexOf(index: FieldIndex, look: Reflectances): number {
  const [bands, of]: Formula = fieldIndices[index];
  const value = of(...bands.map((band) => look[band] ?? Number.NaN));
  return Number.isFinite(value) ? value : Number.NaN;
}
