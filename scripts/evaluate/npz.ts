import { inflateRawSync } from 'node:zlib';
import yauzl from 'yauzl';
import { AppError } from '../../pipeline/errors.ts';

/** One array of an .npz file, in C order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Uint16Array | Float64Array | readonly string[];
}

/**
 * The arrays of a NumPy archive that are asked for: uint16, float64 and fixed-length text.
 *
 * @throws AppError INPUT_INVALID for a missing array or another type
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export async function readNpz(path: string, names: readonly string[]): Promise<Readonly<Record<string, NpyArray>>> {
  const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
  const found: Record<string, NpyArray> = {};
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.replace(/\.npy$/, '');
      if (!names.includes(name)) continue;
      const stream = await zip.openReadStreamPromise(entry, { decodeFileData: false });
      const parts: Buffer[] = [];
      for await (const part of stream) parts.push(Buffer.from(part));
      const packed = Buffer.concat(parts);
      found[name] = parseNpy(entry.compressionMethod === 0 ? packed : inflateRawSync(packed), `${path}: ${name}`);
    }
  } finally {
    zip.close();
  }
  const missing = names.filter((name) => found[name] === undefined);
  if (missing.length > 0) throw wrong(`${path} holds no array ${missing.join(', ')}.`);
  return found;
}

function parseNpy(bytes: Buffer, what: string): NpyArray {
  const isVersion1 = bytes[6] === 1;
  const headerBytes = isVersion1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  const start = isVersion1 ? 10 : 12;
  const header = bytes.toString('latin1', start, start + headerBytes);
  const type = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((side) => side.trim() !== '')
    .map(Number);
  if (header.includes("'fortran_order': True")) throw wrong(`${what} is in Fortran order.`);
  // a copy, so that the values are aligned
  const body = Uint8Array.from(bytes.subarray(start + headerBytes)).buffer;
  if (type === '<u2') return { shape, data: new Uint16Array(body) };
  if (type === '<f8') return { shape, data: new Float64Array(body) };
  const length = Number(/^<U(\d+)$/.exec(type)?.[1] ?? 0);
  if (length === 0) throw wrong(`${what} is of type ${type}.`);
  const codes = new Uint32Array(body);
  const data = Array.from({ length: codes.length / length }, (_, k) =>
    String.fromCodePoint(...codes.subarray(k * length, (k + 1) * length)).replace(/\0+$/, ''),
  );
  return { shape, data };
}

const wrong = (message: string): AppError =>
  new AppError('INPUT_INVALID', message, 'Restore the file of ../shared/data.');
