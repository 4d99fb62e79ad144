// Stage `parity`: the ONNX against the torch reference of export.py, as one pair graph and as encoder and head; exit 1 where they
// differ. Class planes may differ on 0.01 % of the pixels (ties in float32), change by 1e-4. Encoder and head hand over features as
// bytes: there change may differ by 0.02 anywhere, and classes on 0.5 %. In 8 bits change may differ by 0.01 in the mean, and classes on
// 3 %; what that costs on real pairs is for `npm run evaluate` to say. Then the speed of each graph on one core.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { folder, json, name, recipe, weightsFolder } from './run-name.mjs';

const options = { intraOpNumThreads: 1, interOpNumThreads: 1, enableMemPattern: false };
const open = (suffix) => ort.InferenceSession.create(join(weightsFolder, `${name}${suffix}.onnx`), options);
const graphsOf = async (form) => ({ pair: await open(form), encoder: await open(`${form}-encoder`), head: await open(`${form}-head`) });
const hasIntegers = existsSync(join(weightsFolder, `${name}-int8.onnx`));
const graphs = { float: await graphsOf(''), int8: hasIntegers ? await graphsOf('-int8') : null };

const [height, width] = json(join(folder, 'parity.json')).size;
const area = height * width;

/** Class of the most probable plane, ties to the first, of `own` moved towards the mean with `other` where nothing changed: net.settled. */
function best(own, other, change) {
  const settled = (c, k) => own[c * area + k] + ((1 - change[k]) * (other[c * area + k] - own[c * area + k])) / 2;
  return Uint8Array.from({ length: area }, (_, k) => {
    let most = 0;
    for (let c = 1; c < recipe.classes.length; c++) if (settled(c, k) > settled(most, k)) most = c;
    return most;
  });
}

async function runTwice({ encoder, head }, before, after) {
  const [a, b] = [await encoder.run({ image: before }), await encoder.run({ image: after })];
  const features = { half_before: a.half, quarter_before: a.quarter, half_after: b.half, quarter_after: b.quarter };
  const { change, into_class } = await head.run({ before, after, ...features });
  const classes = { before_class: best(a.cover.data, b.cover.data, change.data), after_class: best(b.cover.data, a.cover.data, change.data) };
  return { ...classes, change: change.data, into_class: into_class.data };
}

async function runOnce({ pair }, before, after) {
  const found = await pair.run({ before, after });
  return Object.fromEntries(Object.entries(found).map(([part, { data }]) => [part, data]));
}

const raw = (part) => Uint8Array.from(readFileSync(join(folder, `parity-${part}.raw`)));
const floats = (part) => new Float32Array(raw(part).buffer);
const image = (part) => new ort.Tensor('float32', floats(part), [1, recipe.bands.length, height, width]);
const [before, after] = [image('before'), image('after')];
for (const [way, found, most] of [
  ['pair graph', await runOnce(graphs.float, before, after), { worst: 1e-4, mean: 1e-5, classes: 1e-4 }],
  ['encoder and head', await runTwice(graphs.float, before, after), { worst: 0.02, mean: 1e-3, classes: 5e-3 }],
  ...(graphs.int8 === null
    ? []
    : [
        ['pair graph, 8 bits', await runOnce(graphs.int8, before, after), { worst: 1, mean: 0.01, classes: 0.03 }],
        ['encoder and head, 8 bits', await runTwice(graphs.int8, before, after), { worst: 1, mean: 0.01, classes: 0.03 }],
      ]),
]) {
  const off = floats('change').map((value, k) => Math.abs(value - found.change[k]));
  const [worst, mean] = [off.reduce((so, value) => Math.max(so, value), 0), off.reduce((sum, value) => sum + value, 0) / area];
  let differing = 0;
  const planes = Object.keys(found).filter((part) => part !== 'change');
  for (const part of planes)
    raw(part).forEach((value, k) => (differing += value === found[part][k] ? 0 : 1));
  process.stdout.write(`${way}: change differs by at most ${worst.toExponential(1)}, in the mean by ${mean.toExponential(1)}; classes on ${differing} of ${planes.length * area} px\n`);
  if (worst > most.worst || mean > most.mean || differing > planes.length * area * most.classes) process.exitCode = 1;
}

const side = 512;
const scene = new ort.Tensor('float32', Float32Array.from({ length: recipe.bands.length * side * side }, (_, k) => Math.sin(k * 0.01)), [1, recipe.bands.length, side, side]);
/** Best of five by processor time of this process, Mpx a second of one core. */
async function speed(run) {
  let best = Infinity;
  for (let k = 0; k < 5; k++) {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  return Math.round((side * side) / best / 1e4) / 100;
}
const speeds = {
  coverMpxPerSecond: await speed(() => graphs.float.encoder.run({ image: scene })),
  pairMpxPerSecond: await speed(() => graphs.float.pair.run({ before: scene, after: scene })),
  ...(graphs.int8 !== null && {
    int8CoverMpxPerSecond: await speed(() => graphs.int8.encoder.run({ image: scene })),
    int8PairMpxPerSecond: await speed(() => graphs.int8.pair.run({ before: scene, after: scene })),
  }),
};
writeFileSync(join(folder, 'speed.json'), `${JSON.stringify(speeds)}\n`);
process.stdout.write(`${JSON.stringify(speeds)}\n`);
