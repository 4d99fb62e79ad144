import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { AppError } from '../../pipeline/errors.ts';

/** An array of NumPy: values in row-major order, texts where it holds texts. */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly numbers: Float64Array | null;
  readonly texts: readonly string[] | null;
}

const damaged = (path: string, why: string): AppError =>
  new AppError('INPUT_INVALID', `${path}: ${why}.`, 'Give an archive that numpy.savez wrote.');

/** Arrays of an .npz file by name: integers, floats, flags and texts. @throws AppError INPUT_INVALID */
export function readNpz(path: string): ReadonlyMap<string, NumpyArray> {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  if (end < 0) throw damaged(path, 'it is no zip archive');
  const arrays = new Map<string, NumpyArray>();
  let at = bytes.readUInt32LE(end + 16);
  for (let entry = 0; entry < bytes.readUInt16LE(end + 10); entry++) {
    const [method, packed] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [nameBytes, extra, comment] = [28, 30, 32].map((k) => bytes.readUInt16LE(at + k)) as [number, number, number];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameBytes);
    const local = bytes.readUInt32LE(at + 42);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const raw = bytes.subarray(from, from + packed);
    arrays.set(name.replace(/\.npy$/, ''), parseNpy(method === 0 ? raw : inflateRawSync(raw), `${path}/${name}`));
    at += 46 + nameBytes + extra + comment;
  }
  return arrays;
}

const readers: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
  i2: (view, at) => view.getInt16(at, true),
  u2: (view, at) => view.getUint16(at, true),
  i4: (view, at) => view.getInt32(at, true),
  f4: (view, at) => view.getFloat32(at, true),
  f8: (view, at) => view.getFloat64(at, true),
  i8: (view, at) => Number(view.getBigInt64(at, true)),
};

function parseNpy(bytes: Buffer, path: string): NumpyArray {
  const isLong = bytes[6]! > 1;
  const start = isLong ? 12 : 10;
  const headBytes = isLong ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const head = bytes.toString('latin1', start, start + headBytes);
  const [, order, kind, size] = /'descr': '([<|>])([a-zA-Z])(\d+)'/.exec(head) ?? [];
  const shape = (/'shape': \(([^)]*)\)/.exec(head)?.[1] ?? '').split(',').filter(Boolean).map(Number);
  if (order === undefined || order === '>' || /fortran_order': True/.test(head))
    throw damaged(path, `its head is ${head}`);
  const count = shape.reduce((product, side) => product * side, 1);
  const body = bytes.subarray(start + headBytes);
  if (kind === 'U') {
    const width = 4 * Number(size);
    const texts = Array.from({ length: count }, (_, i) => {
      const points = Array.from({ length: Number(size) }, (__, k) => body.readUInt32LE(i * width + 4 * k));
      return String.fromCodePoint(...points.filter((point) => point !== 0));
    });
    return { shape, numbers: null, texts };
  }
  const read = readers[`${kind}${size}`];
  if (read === undefined) throw damaged(path, `values of type ${kind}${size} are not read`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const numbers = Float64Array.from({ length: count }, (_, i) => read(view, i * Number(size)));
  return { shape, numbers, texts: null };
}
