import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { PairSample } from './block.ts';
import { chiSquareQuantile, chiSquareSurvival } from './chi-square.ts';
import { momentsOf, sumOf, type Moments } from './moment.ts';
import { orderStatistic } from './quantile.ts';

/** Differences of canonical variates: `Σ before[i][band]·x − Σ after[i][band]·y − offset[i]`, one a band. */
export interface IrmadCoefficients {
  readonly before: number[][];
  readonly after: number[][];
  readonly offset: number[];
  /** canonical correlations of unchanged ground, ascending */
  readonly correlations: number[];
  readonly iterations: number;
  readonly isConverged: boolean;
}

export interface IrmadFit {
  /** scaled so that the sum of squares is χ² of unchanged ground, and its mean over the scene at most `bands` */
  readonly coefficients: IrmadCoefficients;
  /** chance of no change of each pixel of the sample, 0..1 */
  readonly noChange: Float64Array;
}

const mostIterations = 50;
const tolerance = 1e-3;

/**
 * Iteratively reweighted multivariate alteration detection.
 *
 * Two guards keep the weights from shrinking onto a few pixels, which real noise (not normal) makes them do: at least
 * half of the scene counts as unchanged (the median of the statistic is held at or below the median of χ²), and each
 * band has noise, so that a constant band or two identical dates give zero and no division by zero.
 *
 * @param noise standard deviation of each band that is no change, > 0, unit of the sample
 * @see Nielsen 2007, doi:10.1109/TIP.2006.888195
 */
export function fitIrmad(sample: PairSample, noise: readonly number[]): IrmadFit {
  const columns = [...sample.before, ...sample.after];
  const degrees = noise.length;
  const middle = chiSquareQuantile(0.5, degrees);
  let noChange = new Float64Array(sample.count).fill(1);
  let correlations = new Array<number>(degrees).fill(0);
  for (let iteration = 1; ; iteration++) {
    const variates = canonicalVariates(momentsOf(columns, noChange), noise, sample.count);
    const squares = squaresOf(columns, variates);
    const guard = Math.max(1, medianOf(squares) / middle);
    noChange = squares.map((value) => chiSquareSurvival(value / guard, degrees));
    const step = Math.max(...variates.correlations.map((value, i) => Math.abs(value - correlations[i]!)));
    correlations = variates.correlations;
    const isConverged = step < tolerance;
    if (!isConverged && iteration < mostIterations) continue;
    const scale = 1 / Math.sqrt(Math.max(1, sumOf(squares) / sample.count / degrees));
    return { coefficients: { ...scaled(variates, scale), correlations, iterations: iteration, isConverged }, noChange };
  }
}

type Variates = Pick<IrmadCoefficients, 'before' | 'after' | 'offset' | 'correlations'>;

const scaled = ({ before, after, offset }: Variates, by: number): Pick<Variates, 'before' | 'after' | 'offset'> => ({
  before: before.map((row) => row.map((value) => value * by)),
  after: after.map((row) => row.map((value) => value * by)),
  offset: offset.map((value) => value * by),
});

/** Canonical variates of both dates, their differences of unit variance. */
function canonicalVariates({ mean, covariance }: Moments, noise: readonly number[], count: number): Variates {
  const p = noise.length;
  // few pixels say little about how bands go together
  const trust = count / (count + 10 * p);
  const part = (row: number, col: number): Matrix =>
    new Matrix(
      noise.map((sd, i) =>
        noise.map((_, j) => {
          const value = covariance[row + i]![col + j]!;
          if (i !== j) return value * trust;
          return row === col ? value + sd * sd : value * trust;
        }),
      ),
    );
  const [xx, yy, xy] = [part(0, 0), part(p, p), part(0, p)];
  const lower = new CholeskyDecomposition(xx).lowerTriangularMatrix;
  const toAfter = new CholeskyDecomposition(yy).solve(xy.transpose());
  const root = invertLower(lower);
  const whitened = root.mmul(xy).mmul(toAfter).mmul(root.transpose());
  const symmetric = whitened.add(whitened.transpose()).mul(0.5);
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const correlations = realEigenvalues.map((value) => Math.sqrt(Math.min(1, Math.max(0, value))));
  const a = root.transpose().mmul(eigenvectorMatrix);
  const b = toAfter.mmul(a);
  const rows = noise.map((_, i) => {
    const before = a.getColumn(i);
    const after = b.getColumn(i).map((value) => value / Math.max(correlations[i]!, 1e-6));
    const variance = quadratic(before, xx, before) - 2 * quadratic(before, xy, after) + quadratic(after, yy, after);
    const sd = Math.sqrt(Math.max(variance, 1e-12));
    return { before: before.map((value) => value / sd), after: after.map((value) => value / sd) };
  });
  const offset = rows.map(({ before, after }) => {
    let sum = 0;
    for (let k = 0; k < p; k++) sum += before[k]! * mean[k]! - after[k]! * mean[p + k]!;
    return sum;
  });
  return { before: rows.map(({ before }) => before), after: rows.map(({ after }) => after), offset, correlations };
}

function invertLower(lower: Matrix): Matrix {
  const n = lower.rows;
  const out = Matrix.zeros(n, n);
  for (let col = 0; col < n; col++) {
    for (let row = col; row < n; row++) {
      let sum = row === col ? 1 : 0;
      for (let k = col; k < row; k++) sum -= lower.get(row, k) * out.get(k, col);
      out.set(row, col, sum / lower.get(row, row));
    }
  }
  return out;
}

function quadratic(a: readonly number[], matrix: Matrix, b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) sum += a[i]! * matrix.get(i, j) * b[j]!;
  return sum;
}

function squaresOf(columns: readonly Float64Array[], { before, after, offset }: Variates): Float64Array {
  const p = offset.length;
  const sums = new Float64Array(columns[0]!.length);
  const variate = new Float64Array(Math.min(stretchPx, sums.length));
  for (let start = 0; start < sums.length; start += stretchPx) {
    const own = sums.subarray(start, start + stretchPx);
    for (let i = 0; i < p; i++) {
      variate.fill(-offset[i]!);
      for (let band = 0; band < p; band++) {
        const [x, y] = [columns[band]!.subarray(start), columns[p + band]!.subarray(start)];
        addDifference(variate.subarray(0, own.length), x, y, [before[i]![band]!, after[i]![band]!]);
      }
      for (let k = 0; k < own.length; k++) own[k]! += variate[k]! * variate[k]!;
    }
  }
  return sums;
}

/** Pixels that are worked on at a time, so that their sums stay in the nearest cache. */
const stretchPx = 1024;

function addDifference(
  variate: Float64Array,
  x: Float64Array,
  y: Float64Array,
  [a, b]: readonly [number, number],
): void {
  for (let k = 0; k < variate.length; k++) variate[k]! += a * x[k]! - b * y[k]!;
}

function medianOf(values: Float64Array): number {
  return orderStatistic(values.slice(), values.length >> 1);
}
