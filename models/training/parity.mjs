// Stage `parity`: the ONNX against the torch reference of export.py; exit 1 where they differ.
// Class planes may differ on 0.01 % of the pixels (ties in float32), change by 1e-4.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ort from 'onnxruntime-node';

const here = dirname(fileURLToPath(import.meta.url));
const { name } = JSON.parse(readFileSync(join(here, 'recipe.json'), 'utf8'));
const folder = join(process.env.TIANWATCH_TRAINING ?? join(here, 'work'), name);
const [height, width] = JSON.parse(readFileSync(join(folder, 'parity.json'), 'utf8')).size;
const raw = (part) => Uint8Array.from(readFileSync(join(folder, `parity-${part}.raw`)));
const floats = (part) => new Float32Array(raw(part).buffer);
const session = await ort.InferenceSession.create(join(here, `../weights/${name}.onnx`), { intraOpNumThreads: 1 });
const image = (part) => new ort.Tensor('float32', floats(part), [1, 6, height, width]);
const found = await session.run({ before: image('before'), after: image('after') });
const worst = floats('change').reduce((most, value, k) => Math.max(most, Math.abs(value - found.change.data[k])), 0);
let differing = 0;
for (const part of ['before_class', 'after_class', 'into_class'])
  raw(part).forEach((value, k) => (differing += value === found[part].data[k] ? 0 : 1));
process.stdout.write(`change differs by at most ${worst.toExponential(1)}, classes on ${differing} of ${3 * height * width} pixels\n`);
process.exitCode = worst < 1e-4 && differing <= 3e-4 * height * width ? 0 : 1;
