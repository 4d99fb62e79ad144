import FFT from 'fft.js';

/** How one window lies against another. */
export interface Displacement {
  /** the second window shows at p + (col, row) what the first shows at p (px) */
  readonly col: number;
  readonly row: number;
  /** height of the peak in standard deviations of the correlation surface */
  readonly peak: number;
}

/** Frequencies above this (cycles/px) are mostly aliasing and noise. */
const cutoff = 0.2;

/**
 * Make a function that measures the displacement of square windows by phase correlation.
 *
 * The spectrum is weighted with a Gaussian, which turns an ideal peak into a Gaussian: its place between pixels follows
 * from three values a side.
 * @param sidePx power of two
 * @see Kuglin, Hines 1975; Foroosh, Zerubia, Berthod 2002, doi:10.1109/83.988953
 */
export function createPhaseCorrelator(sidePx: number): (first: Float64Array, second: Float64Array) => Displacement {
  const fft = new FFT(sidePx);
  const taper = Float64Array.from({ length: sidePx }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (sidePx - 1)));
  const frequency = (i: number): number => (i <= sidePx / 2 ? i : i - sidePx) / sidePx;
  const pass = Float64Array.from({ length: sidePx }, (_, i) => Math.exp(-(frequency(i) ** 2) / (2 * cutoff ** 2)));
  const spectrum = (window: Float64Array): Float64Array => {
    const mean = window.reduce((sum, value) => sum + value, 0) / window.length;
    const data = new Float64Array(2 * window.length);
    for (let row = 0; row < sidePx; row++) {
      for (let col = 0; col < sidePx; col++) {
        const at = row * sidePx + col;
        data[2 * at] = (window[at]! - mean) * taper[row]! * taper[col]!;
      }
    }
    return transform(fft, sidePx, data, false);
  };
  return (first, second) => {
    const [a, b] = [spectrum(first), spectrum(second)];
    for (let row = 0; row < sidePx; row++) {
      for (let col = 0; col < sidePx; col++) {
        const at = 2 * (row * sidePx + col);
        const re = b[at]! * a[at]! + b[at + 1]! * a[at + 1]!;
        const im = b[at + 1]! * a[at]! - b[at]! * a[at + 1]!;
        const weight = (pass[row]! * pass[col]!) / (Math.sqrt(re * re + im * im) + 1e-12);
        a[at] = re * weight;
        a[at + 1] = im * weight;
      }
    }
    const surface = transform(fft, sidePx, a, true).filter((_, i) => i % 2 === 0);
    return peakOf(surface, sidePx);
  };
}

/** Rows, then columns. */
function transform(fft: FFT, side: number, data: Float64Array, isInverse: boolean): Float64Array {
  const line = new Float64Array(2 * side);
  const out = new Float64Array(2 * side);
  const run = (start: number, step: number): void => {
    for (let i = 0; i < side; i++) {
      line[2 * i] = data[start + i * step]!;
      line[2 * i + 1] = data[start + i * step + 1]!;
    }
    if (isInverse) fft.inverseTransform(out, line);
    else fft.transform(out, line);
    for (let i = 0; i < side; i++) {
      data[start + i * step] = out[2 * i]!;
      data[start + i * step + 1] = out[2 * i + 1]!;
    }
  };
  for (let row = 0; row < side; row++) run(2 * row * side, 2);
  for (let col = 0; col < side; col++) run(2 * col, 2 * side);
  return data;
}

function peakOf(surface: Float64Array, side: number): Displacement {
  let best = 0;
  let squares = 0;
  for (let i = 0; i < surface.length; i++) {
    if (surface[i]! > surface[best]!) best = i;
    squares += surface[i]! ** 2;
  }
  const [row, col] = [Math.floor(best / side), best % side];
  const at = (r: number, c: number): number => surface[((r + side) % side) * side + ((c + side) % side)]!;
  const signed = (i: number): number => (i < side / 2 ? i : i - side);
  const spread = Math.sqrt(squares / surface.length);
  return {
    col: signed(col) + between(at(row, col - 1), at(row, col), at(row, col + 1)),
    row: signed(row) + between(at(row - 1, col), at(row, col), at(row + 1, col)),
    peak: spread > 0 ? at(row, col) / spread : 0,
  };
}

/** Place of a Gaussian's top from three values a pixel apart, −0.5..0.5 px from the middle one. */
function between(left: number, middle: number, right: number): number {
  const least = 1e-9 * middle;
  const [l, m, r] = [left, middle, right].map((value) => Math.log(Math.max(value, least))) as [number, number, number];
  const bend = l - 2 * m + r;
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (0.5 * (l - r)) / bend)) : 0;
}
