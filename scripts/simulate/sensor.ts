/** What a camera makes of the ground. */
export interface SimulatedSensor {
  readonly id: 'sentinel-2' | 'gf-1' | 'uav';
  /** as the file's tags say it */
  readonly label: string;
  readonly gsdM: number;
  /** first so many of `simulatedBands` */
  readonly bands: number;
  /** standard deviation of the point spread beside the pixel's own square (px), one a band */
  readonly blurPx: readonly number[];
  /** noise that does not depend on the signal (reflectance) */
  readonly noise: number;
  /** noise in proportion to the signal (fraction) */
  readonly noiseFraction: number;
  /** sub-pixels along a side */
  readonly subPx: number;
  readonly epsg: number;
}

/**
 * Blur: 0.45 px and the pixel's square give a modulation of 0.24 at the Nyquist frequency, within the 0.15-0.30 that
 * Sentinel-2 is specified for; its 20 m bands are as wide again. Noise: signal-to-noise 160-170 at reference radiance.
 * @see Drusch et al. 2012, doi:10.1016/j.rse.2011.11.026
 */
export const simulatedSensors: Readonly<Record<'10' | '2', SimulatedSensor>> = {
  '10': {
    id: 'sentinel-2',
    label: 'Sentinel-2',
    gsdM: 10,
    bands: 6,
    blurPx: [0.45, 0.45, 0.45, 0.45, 0.95, 0.95],
    noise: 0.0006,
    noiseFraction: 0.004,
    subPx: 2,
    epsg: 32651,
  },
  '2': {
    id: 'gf-1',
    label: 'GF-1 PMS',
    gsdM: 2,
    bands: 4,
    blurPx: [0.6, 0.6, 0.6, 0.65],
    noise: 0.0012,
    noiseFraction: 0.012,
    subPx: 2,
    epsg: 4549,
  },
};

/** A mosaic of a drone: colours alone, of 8 bits, calibrated with a panel; on the system of the 10 m scenes. */
export const mosaicSensor: SimulatedSensor = {
  id: 'uav',
  label: 'UAV',
  gsdM: 0.5,
  bands: 3,
  blurPx: [0.5, 0.5, 0.5],
  noise: 0.003,
  noiseFraction: 0.01,
  subPx: 1,
  epsg: 32651,
};

/** Pixels that the widest blur reaches. */
export const blurReachPx = 3;

/** Weights at -3..3 px, their sum 1. */
export function blurKernel(sigmaPx: number): Float64Array {
  const kernel = new Float64Array(2 * blurReachPx + 1);
  let sum = 0;
  for (let i = -blurReachPx; i <= blurReachPx; i++) {
    const weight = Math.exp(-(i * i) / (2 * sigmaPx * sigmaPx));
    kernel[i + blurReachPx] = weight < 1e-4 ? 0 : weight;
    sum += kernel[i + blurReachPx]!;
  }
  return kernel.map((weight) => weight / sum);
}
