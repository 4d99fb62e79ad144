// Part of stage `quantise`: what values every tensor of the float graphs takes over the calibration tiles. Of each tile the 0.01 % at
// either end is left out; the widest of the tiles counts. In: work/<name>/float-*-ranges.onnx, tiles.f32. Out: ranges.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ort from 'onnxruntime-node';

const [folder, bands, side] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const open = (name) => ort.InferenceSession.create(join(folder, `float-${name}-ranges.onnx`), { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'disabled' });
const [encoder, head] = [await open('encoder'), await open('head')];
const bytes = readFileSync(join(folder, 'tiles.f32'));
const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const size = bands * side * side;
const tiles = values.length / size / 2;
const image = (date, tile) => new ort.Tensor('float32', values.slice((date * tiles + tile) * size, (date * tiles + tile + 1) * size), [1, bands, side, side]);

const ranges = { encoder: {}, head: {} };
function note(part, tensors) {
  for (const [name, { data, type }] of Object.entries(tensors)) {
    if (type !== 'float32' || data.length < 2) continue;
    const sorted = Float32Array.from(data).sort();
    const off = Math.floor(1e-4 * sorted.length);
    const [low, high] = (ranges[part][name] ??= [Infinity, -Infinity]);
    ranges[part][name] = [Math.min(low, sorted[off]), Math.max(high, sorted[sorted.length - 1 - off])];
  }
}
for (let tile = 0; tile < tiles; tile++) {
  const [before, after] = [image(0, tile), image(1, tile)];
  const [a, b] = [await encoder.run({ image: before }), await encoder.run({ image: after })];
  note('encoder', a);
  note('encoder', b);
  const features = { half_before: a.half, quarter_before: a.quarter, half_after: b.half, quarter_after: b.quarter };
  note('head', await head.run({ before, after, ...features }));
}
writeFileSync(join(folder, 'ranges.json'), `${JSON.stringify(ranges, null, 1)}\n`);
process.stdout.write(`ranges over ${tiles} tiles, both dates\n`);
