import { AppError } from '../errors.ts';
import { clockChannels, type CurveNet, type NetLayer } from './curve-net.ts';

const magic = 'TWCURVES';
const decode = new TextDecoder();

const damaged = (why: string): AppError =>
  new AppError(
    'MODEL_MISMATCH',
    `The network of a season model is damaged: ${why}.`,
    'Restore the file of models/weights.',
  );

/**
 * A network from its bytes, `tianwatch-curve-net/1` (models/training/season/README.md).
 *
 * @throws AppError MODEL_MISMATCH for other bytes
 */
export function decodeCurveNet(bytes: Uint8Array): CurveNet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 32 || decode.decode(bytes.subarray(0, 8)) !== magic) throw damaged('it does not begin as one');
  const [headBytes, channels, steps, width, kernel, layers] = [8, 12, 16, 20, 24, 28].map((at) =>
    view.getUint32(at, true),
  ) as [number, number, number, number, number, number];
  const head = 32 + headBytes;
  if (bytes.length < head || layers === 0 || kernel % 2 === 0) throw damaged('its head is none');
  const names = decode.decode(bytes.subarray(32, head)).trimEnd().split(' ');
  const pairs = names.map((name) => {
    const [winter, summer] = name.split('|');
    if (winter === undefined || summer === undefined) throw damaged(`${name} is no pair of crops`);
    return { winter, summer };
  });
  const sizes = Array.from({ length: layers }, (_, k) => (k === 0 ? channels + clockChannels : width));
  const shapes: readonly (readonly [to: number, from: number])[] = [
    ...sizes.map((from) => [width, kernel * from] as const),
    [width, 2 * width],
    [pairs.length, width],
  ];
  const wanted = head + 4 * (2 * channels + shapes.reduce((sum, [to, from]) => sum + to * (from + 1), 0));
  if (bytes.length !== wanted) throw damaged(`${bytes.length} bytes instead of ${wanted}`);
  let at = head;
  const next = (count: number): Float32Array =>
    new Float32Array(Uint8Array.from(bytes.subarray((at += 4 * count) - 4 * count, at)).buffer);
  const [mean, deviation] = [next(channels), next(channels)];
  const all = shapes.map(([to, from]): NetLayer => ({ weights: next(to * from), bias: next(to) }));
  if (deviation.some((value) => !(value > 0))) throw damaged('a curve has no deviation');
  const dense = [all.at(-2)!, all.at(-1)!] as const;
  return { pairs, channels, steps, kernel, mean, deviation, convolutions: all.slice(0, -2), dense };
}
