// Part of stage `finetune`: pairs with labels of people as the network sees them. In: --places <tianwatch-places/1>, or --before, --after
// and --labels (`tianwatch labels export`, or polygons of one's own: docs/formats.md). Out, in work/finetune/data: <k>-before.f32 and
// <k>-after.f32 [6][row][col], scaled as the card says, 0 where not observed; <k>-labels.u8 (0 nobody said, 1 did not change, 2 changed
// into nobody says what, 3 + c changed into class c) and list.json.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { planPair } from '../runner.ts';
import { loadCard } from '../shelf.ts';
import { imageTensor, type ChannelPlan } from '../../pipeline/segment/tensor.ts';
import type { Raster, Window } from '../../pipeline/types.ts';
import { openLabels } from '../../scripts/evaluate/labelled-place.ts';
import { parseLabelValues } from '../../scripts/evaluate/label-value.ts';
import { readPlaces, type PlaceEntry } from '../../scripts/evaluate/places-file.ts';
import { openBench } from '../../workers/compute/bench.ts';
import { planRun } from '../../workers/compute/open.ts';
import { splitPaths } from '../../workers/images/source.ts';
import { recipe, work } from './run-name.mjs';

const options = { places: { type: 'string' }, before: { type: 'string' }, after: { type: 'string' }, labels: { type: 'string' } } as const;
const { values } = parseArgs({ options, strict: false });
const { card, path: model } = loadCard(recipe.name);
const folder = join(work, 'finetune/data');

function given(): readonly PlaceEntry[] {
  if (typeof values.places === 'string') return readPlaces(values.places);
  const { before, after, labels } = values;
  if (typeof before !== 'string' || typeof after !== 'string' || typeof labels !== 'string')
    throw new Error('Give --places <file>, or --before <scene> --after <scene> --labels <file>.');
  const sceneOf = (text: string) => ({ files: splitPaths(text).map((file) => resolve(file)) });
  return [{ name: 'here', before: sceneOf(before), after: sceneOf(after), labels: resolve(labels) }];
}

/** One window of the whole scene's channels, written into `out` [band][row][col] of the whole. */
function put(out: Float32Array, size: { readonly width: number; readonly height: number }, keep: Window, tensor: { data: Float32Array; width: number; height: number }): void {
  for (let band = 0; band < card.input.bands.length; band++)
    for (let row = 0; row < keep.height; row++) {
      const from = (band * tensor.height + row) * tensor.width;
      out.set(tensor.data.subarray(from, from + keep.width), (band * size.height + keep.row + row) * size.width + keep.col);
    }
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const list: { name: string; width: number; height: number; labelled: number; changed: number }[] = [];
for (const [k, { name, before, after, labels, ...own }] of given().entries()) {
  const request = { before, after, model, grid: 'before', out: '/nowhere', force: false };
  const plan = await planRun(request, {}, () => undefined);
  const { width, height } = plan.grid;
  const { statistics } = plan;
  if (statistics === null) throw new Error(`${name}: too little is observed on both dates.`);
  const values = parseLabelValues({ changed: own.changed ?? '2', unchanged: own.unchanged ?? '1', ignore: own.ignore ?? '0' });
  const opened = await openLabels({ name, request, labels, values, outside: own.outside ?? null, align: own.align ?? null }, plan);
  const scaled = planPair(
    card,
    { statistics: statistics.before, radiometry: plan.before.scene.radiometry },
    { statistics: statistics.after, radiometry: plan.after.scene.radiometry },
  );
  const bench = await openBench(plan);
  const planes = { before: new Float32Array(card.input.bands.length * width * height), after: new Float32Array(card.input.bands.length * width * height) };
  const codes = new Uint8Array(width * height);
  const optical = (raster: Raster, count: number): Raster => ({ ...raster, bands: count, data: raster.data.subarray(0, count * raster.width * raster.height) });
  for (const { keep } of plan.chunks) {
    for (const side of ['before', 'after'] as const) {
      const { raster } = await bench.tools.look(side, keep);
      const channels: readonly ChannelPlan[] = scaled[side];
      const own = optical(raster, statistics[side].bands.length);
      const align = (px: number): number => Math.ceil(px / card.input.alignPx) * card.input.alignPx;
      put(planes[side], { width, height }, keep, { data: imageTensor(card.input, channels, own), width: align(keep.width), height: align(keep.height) });
    }
    const read = await opened.read(keep);
    for (let row = 0; row < keep.height; row++) codes.set(read.subarray(row * keep.width, (row + 1) * keep.width), (keep.row + row) * width + keep.col);
  }
  await bench.close();
  await opened.close();
  writeFileSync(join(folder, `${k}-before.f32`), planes.before);
  writeFileSync(join(folder, `${k}-after.f32`), planes.after);
  writeFileSync(join(folder, `${k}-labels.u8`), codes);
  list.push({ name, width, height, labelled: codes.filter((code) => code > 0).length, changed: codes.filter((code) => code > 1).length });
  process.stdout.write(`${JSON.stringify(list.at(-1))}\n`);
}
writeFileSync(join(folder, 'list.json'), `${JSON.stringify(list, null, 1)}\n`);
