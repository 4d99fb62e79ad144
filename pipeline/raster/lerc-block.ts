import * as lerc from 'lerc';
import type { Layout } from './layout.ts';
import { dtypeBytes, newSamples } from './samples.ts';
import type { Dtype } from '../types.ts';

const dtypeOf: Readonly<Record<string, Dtype>> = {
  S8: 'int8',
  U8: 'uint8',
  S16: 'int16',
  U16: 'uint16',
  S32: 'int32',
  U32: 'uint32',
  F32: 'float32',
  F64: 'float64',
};

/**
 * A LERC blob → pixel-interleaved samples. What its mask leaves out is NaN in floats and 0 in integers; where the blob
 * has one sample less than the file, the mask is the alpha band.
 *
 * @throws Error where the blob does not fit the file's layout
 * @see https://github.com/Esri/lerc/blob/master/doc/MORE.md
 */
export function unpackLerc(blob: Uint8Array, layout: Layout, rows: number): Uint8Array {
  const { blockWidth: width, blockSamples: samples, dtype } = layout;
  const info = lerc.getBlobInfo(blob);
  if (info.blobSize > blob.length)
    throw new RangeError(`the LERC blob ends after ${blob.length} of ${info.blobSize} bytes`);
  const held = info.bandCount * info.depthCount;
  const isAlphaMask = held === samples - 1;
  if (
    info.width !== width ||
    info.height < rows ||
    info.height > layout.blockHeight ||
    (held !== samples && !isAlphaMask)
  )
    throw new RangeError(`the LERC blob holds ${info.width} × ${info.height} px, ${held} bands`);
  const { pixels, mask, bandMasks, pixelType, height } = lerc.decode(blob, { returnInterleaved: true });
  if (dtypeOf[pixelType] !== dtype) throw new RangeError(`the LERC blob holds ${dtypeOf[pixelType]} samples`);
  const count = width * height;
  const out = newSamples(dtype, count * samples);
  const hole = dtype.startsWith('float') ? Number.NaN : 0;
  const depth = info.depthCount;
  for (const [band, values] of pixels.entries()) {
    const seen = bandMasks?.[band] ?? mask;
    for (let i = 0; i < count; i++) {
      const isSeen = seen === null || seen === undefined || seen[i] !== 0;
      for (let d = 0; d < depth; d++)
        out[i * samples + band * depth + d] = isSeen ? (values[i * depth + d] as number) : hole;
    }
  }
  if (isAlphaMask)
    for (let i = 0; i < count; i++) out[i * samples + samples - 1] = mask === null || mask[i] !== 0 ? 255 : 0;
  return new Uint8Array(out.buffer, 0, count * samples * dtypeBytes[dtype]);
}
