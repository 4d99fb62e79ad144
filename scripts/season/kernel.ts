import { AppError } from '../../pipeline/errors.ts';

/**
 * A kernel machine as a table: f(x) = Σ weight · exp(−gamma · ‖z − mark‖² / q), z the standardised features, q their number.
 *
 * Trained by least squares to +1 for a sample's class and −1 for the others with a ridge: least-squares support vectors,
 * each class against the rest.
 *
 * @see Suykens & Vandewalle 1999, doi:10.1023/A:1018628609742
 */
export interface KernelMachine {
  readonly classes: readonly string[];
  readonly gamma: number;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** `[mark][class]` */
  readonly weights: Float64Array;
  /** standardised samples `[mark][feature]` */
  readonly marks: Float32Array;
}

/** Values of the classes, about −1..1; the highest is the answer. */
export function kernelValues(machine: KernelMachine, features: ArrayLike<number>): Float64Array {
  const { mean, deviation, marks, weights, gamma, classes } = machine;
  const count = mean.length;
  const own = Float32Array.from(mean, (middle, k) => (features[k]! - middle) / deviation[k]!);
  const values = new Float64Array(classes.length);
  for (let mark = 0; mark * count < marks.length; mark++) {
    let distance = 0;
    for (let k = 0; k < count; k++) distance += (own[k]! - marks[mark * count + k]!) ** 2;
    const near = Math.exp((-gamma * distance) / count);
    for (let c = 0; c < values.length; c++) values[c]! += near * weights[mark * values.length + c]!;
  }
  return values;
}

/** Class of the highest value. */
export function kernelClass(machine: KernelMachine, features: ArrayLike<number>): string {
  const values = kernelValues(machine, features);
  return machine.classes[values.indexOf(Math.max(...values))]!;
}

const decode = new TextDecoder();

/**
 * A table from its bytes, `tianwatch-kernel/1` (models/training/season/README.md).
 *
 * @throws AppError MODEL_MISMATCH for other bytes
 */
export function decodeKernel(bytes: Uint8Array): KernelMachine {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (why: string): AppError =>
    new AppError('MODEL_MISMATCH', `The table of a kernel machine is damaged: ${why}.`, 'Make it again with fit.py.');
  if (bytes.length < 32 || decode.decode(bytes.subarray(0, 8)) !== 'TWKERNEL')
    throw damaged('it does not begin as one');
  const [headBytes, columns, count] = [8, 12, 16].map((at) => view.getUint32(at, true)) as [number, number, number];
  const gamma = view.getFloat64(24, true);
  const classes: readonly string[] = decode
    .decode(bytes.subarray(32, 32 + headBytes))
    .trimEnd()
    .split(' ');
  const wanted = 32 + headBytes + 16 * columns + 8 * count * classes.length + 4 * count * columns;
  if (bytes.length !== wanted) throw damaged(`${bytes.length} bytes instead of ${wanted}`);
  let at = 32 + headBytes;
  const next = (length: number): ArrayBuffer => Uint8Array.from(bytes.subarray((at += length) - length, at)).buffer;
  return {
    classes,
    gamma,
    mean: new Float64Array(next(8 * columns)),
    deviation: new Float64Array(next(8 * columns)),
    weights: new Float64Array(next(8 * count * classes.length)),
    marks: new Float32Array(next(4 * count * columns)),
  };
}
