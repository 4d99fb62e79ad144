import type { BandName, Raster } from '../types.ts';
import { quantileAt, type BandQuantiles } from './quantile.ts';
import type { PairStatistics } from './statistics-format.ts';

/** Codes of the class map `cover-6`. */
export const coverCode = { water: 0, trees: 1, grass: 2, crops: 3, built: 4, bare: 5, unknown: 6 } as const;

/**
 * Water is dark in the near infrared (NDWI > 0, McFeeters 1996, doi:10.1080/01431169608948714), green plants are not red
 * (NDVI, Tucker 1979); among plants, canopies are dark and fields bright; of the rest, soil is bright and reddens.
 * Thresholds at top of atmosphere, chosen where a land-cover network and the rule agree most on 20 cities.
 */
const waterNir = 0.1;
const plantNdvi = 0.3;
const canopyBrightness = 0.095;
const grassBrightness = 0.11;
const soilBrightness = 0.13;
const soilRedness = 1.25;

/** Quantiles 0.02 and 0.98 of an ordinary Sentinel-2 scene: what stretched values are brought to. */
const ordinary: Readonly<Partial<Record<BandName, readonly [number, number]>>> = {
  blue: [0.095, 0.197],
  green: [0.076, 0.197],
  red: [0.055, 0.231],
  nir: [0.094, 0.341],
};

/**
 * Land cover by spectral indices, for runs without a network: it tells artificial ground (built, bare) from plants and
 * water; the kinds within them are a guess.
 *
 * Where a date is not reflectance, date 2 is brought to date 1 and date 1 to an ordinary scene.
 * @param raster evidence bands in the order of `statistics.bands`, `[band][row][col]`
 * @returns codes of `coverCode`, `[row][col]`; unknown where a value is NaN, and everywhere without green, red and nir
 */
export function coverByRule(raster: Raster, statistics: PairStatistics, side: 'before' | 'after'): Uint8Array {
  const pixels = raster.width * raster.height;
  const out = new Uint8Array(pixels).fill(coverCode.unknown);
  const plane = (name: BandName): Float32Array | null => {
    const band = statistics.bands.indexOf(name);
    if (band < 0) return null;
    const { gain, offset } = toReflectance(statistics, name, side);
    return raster.data.slice(band * pixels, (band + 1) * pixels).map((value) => value * gain + offset);
  };
  const [blue, green, red, nir] = (['blue', 'green', 'red', 'nir'] as const).map(plane);
  if (!green || !red || !nir) return out;
  for (let i = 0; i < pixels; i++) out[i] = classOf(blue?.[i] ?? Number.NaN, green[i]!, red[i]!, nir[i]!);
  return out;
}

/** @param blue NaN where there is none: then green stands in */
function classOf(blue: number, green: number, red: number, nir: number): number {
  if (Number.isNaN(green + red + nir)) return coverCode.unknown;
  if (green > nir && nir < waterNir) return coverCode.water;
  const first = Number.isNaN(blue) ? green : blue;
  const brightness = (first + green + red) / 3;
  if (nir - red >= plantNdvi * (nir + red)) {
    if (brightness < canopyBrightness) return coverCode.trees;
    return brightness < grassBrightness ? coverCode.grass : coverCode.crops;
  }
  return red > soilRedness * first && brightness > soilBrightness ? coverCode.bare : coverCode.built;
}

interface Line {
  readonly gain: number;
  readonly offset: number;
}

function toReflectance(statistics: PairStatistics, name: BandName, side: 'before' | 'after'): Line {
  const same = { gain: 1, offset: 0 };
  if (statistics.radiometry[side] === 'reflectance') return same;
  const ofBefore = statistics.radiometry.before === 'reflectance' ? same : toOrdinary(statistics.before, name);
  if (side === 'before') return ofBefore;
  const band = statistics.bands.indexOf(name);
  const [gain, offset] = [statistics.normalisation.gain[band]!, statistics.normalisation.offset[band]!];
  return { gain: ofBefore.gain * gain, offset: ofBefore.gain * offset + ofBefore.offset };
}

function toOrdinary(quantiles: BandQuantiles, name: BandName): Line {
  const band = quantiles.bands.indexOf(name);
  const [low, high] = ordinary[name] ?? [0, 1];
  const [from, to] = [quantileAt(quantiles, band, 0.02), quantileAt(quantiles, band, 0.98)];
  const gain = to > from ? (high - low) / (to - from) : 0;
  return { gain, offset: low - gain * from };
}
