import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { crsFromEpsg } from '../pipeline/geo/crs.ts';
import { openCogWriter } from '../pipeline/raster/cog.ts';
import type { Affine } from '../pipeline/types.ts';
import { openFileSink } from '../workers/images/file-sink.ts';
import { madeBands, makePair } from './made-pair.ts';
import type { MadeChange } from './made-pair.ts';

/** Near Jiaxing, so that coordinates look familiar; the landscape itself is made. */
const affine: Affine = [10, 0, 330_000, 0, -10, 3_400_000];
const crs = crsFromEpsg(32651);
const sizePx = 1000;

async function writeScene(path: string, dn: Uint16Array, acquired: string): Promise<void> {
  const sink = await openFileSink(path);
  const writer = await openCogWriter({
    width: sizePx,
    height: sizePx,
    bands: madeBands.length,
    dtype: 'uint16',
    crs,
    affine,
    nodata: 0,
    overview: 'average',
    bandDescriptions: [...madeBands],
    metadata: { ACQUISITION_DATE: acquired, SENSOR: 'Sentinel-2', SIMULATED: 'made by scripts/demo.ts; not real' },
  });
  await writer.writeRows({ data: dn, width: sizePx, height: sizePx, bands: madeBands.length });
  await writer.finish(sink);
  await sink.publish();
}

interface Feature {
  readonly properties: { readonly state: string; readonly classAfter: string; readonly areaM2: number };
  readonly geometry: { readonly coordinates: readonly (readonly (readonly [number, number])[])[] };
}

const out = resolve(process.argv[2] ?? 'demo');
const scenes = join(out, 'scenes');
rmSync(out, { recursive: true, force: true });
mkdirSync(scenes, { recursive: true });
const pair = makePair(sizePx, 1);
const [before, after] = [join(scenes, 'made_20250815.tif'), join(scenes, 'made_20260812.tif')];
await writeScene(before, pair.before, '2025-08-15');
await writeScene(after, pair.after, '2026-08-12');

const result = join(out, 'result');
const command = ['scripts/tianwatch.mjs', 'run', '--before', before, '--after', after, '--out', result];
const { status } = spawnSync(process.execPath, command, {
  stdio: 'inherit',
  env: { ...process.env, TIANWATCH_DATA: join(out, 'data') },
});
if (status !== 0) process.exit(status ?? 1);

const { features } = JSON.parse(readFileSync(join(result, 'patches.geojson'), 'utf8')) as {
  features: readonly Feature[];
};
const { projector } = await import('../pipeline/geo/crs.ts');
const toGrid = projector(crsFromEpsg(4326), crs);
const boxes = features
  .filter(({ properties }) => properties.state === 'suspected')
  .map(({ geometry }) => {
    const points = (geometry.coordinates[0] ?? []).map(([lon, lat]) => toGrid(lon, lat));
    const [xs, ys] = [points.map(([x]) => (x - affine[2]) / 10), points.map(([, y]) => (affine[5] - y) / 10)];
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
  });
const touches = (
  { col, row, width, height }: MadeChange,
  [minCol, minRow, maxCol, maxRow]: readonly [number, number, number, number],
): boolean => minCol < col + width && maxCol > col && minRow < row + height && maxRow > row;
const isClouded = ({ col, row, width, height }: MadeChange): boolean => {
  for (let r = row; r < row + height; r++)
    for (let c = col; c < col + width; c++) if (pair.cloud[r * sizePx + c]) return true;
  return false;
};
const visible = pair.changes.filter((change) => !isClouded(change));
const found = visible.filter((change) => boxes.some((box) => touches(change, box)));
const wrong = boxes.filter((box) => pair.changes.every((change) => !touches(change, box)));
const line = (zh: string, en: string, value: string | number): void =>
  void process.stdout.write(`${zh} ${en}: ${value}\n`);
process.stdout.write('\n演示数据为人工生成，并非真实影像 / the landscape is made, not real\n');
line('真实变化（云外）', 'true changes outside cloud', visible.length);
line('找到', 'found', found.length);
line('漏掉', 'missed', visible.length - found.length);
line('误报图斑', 'patches on no true change', wrong.length);
line('报告', 'report', join(result, 'report.html'));
if (found.length < 0.8 * visible.length || wrong.length > 0.2 * boxes.length) {
  process.stderr.write('The demo found too little or too much: something is wrong with this build.\n');
  process.exitCode = 1;
}
