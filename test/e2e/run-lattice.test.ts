import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chunkBands, computeChunk } from '../../pipeline/change/chunk.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import { makePair } from '../../scripts/made-pair.ts';
import { openBench } from '../../workers/compute/bench.ts';
import { encodeChunk } from '../../workers/compute/chunk-file.ts';
import { detect, patchesFile } from '../../workers/compute/detect.ts';
import { loadMinimumArea } from '../../workers/compute/draft.ts';
import type { Lattice } from '../../workers/compute/draft.ts';
import { planRun } from '../../workers/compute/open.ts';
import type { RunPlan } from '../../workers/compute/run-plan.ts';
import { planeOf, stitchedRows } from '../../workers/compute/stitch.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { writeMadeScene } from '../support/scene-geotiff.ts';

const shared = process.env['TIANWATCH_SHARED'] ?? new URL('../../../shared', import.meta.url).pathname;
const city = join(shared, 'data/s2_pairs/aguasclaras');
const hasShared = existsSync(city);
if (!hasShared) process.stdout.write('skipped: ../shared is absent\n');

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-lattice-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Asked {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly model: string;
}

interface Computed {
  readonly plan: RunPlan;
  /** `change.tif` as it would be */
  readonly change: Uint8Array;
  readonly features: readonly {
    readonly properties: { readonly id: string; readonly areaM2: number; readonly pixels: number };
  }[];
}

const requestOf = ({ before, after, model }: Asked): RunRequest => ({
  before: { files: [...before] },
  after: { files: [...after] },
  model,
  grid: 'before',
  out: join(folder, 'unused'),
  force: false,
});

let runs = 0;

/** Plan, compute and detect as the jobs do, without queue and threads. */
async function compute(asked: Asked, lattice: Lattice): Promise<Computed> {
  const own = join(folder, `run-${(runs += 1)}`);
  mkdirSync(own);
  const plan = await planRun(requestOf(asked), { lattice }, () => undefined);
  const images = await openFolderStore(join(own, 'images'));
  const bench = await openBench(plan);
  for (const [position, chunk] of plan.chunks.entries()) {
    const result = await computeChunk(chunk, { ...bench.tools, throwIfCancelled: () => undefined });
    await images.put(plan.chunkKeys[position]!, encodeChunk(result));
  }
  await bench.close();
  const failed = new Set<number>();
  const change = new Uint8Array(plan.grid.width * plan.grid.height);
  for await (const { row, raster } of stitchedRows(plan, images, failed))
    change.set(planeOf(raster, chunkBands.indexOf('change')).data, row * plan.grid.width);
  const options = { staging: own, folder: own, images, failed, minimumArea: loadMinimumArea() };
  await detect(plan, { ...options, throwIfCancelled: () => undefined });
  const { features } = JSON.parse(readFileSync(join(own, patchesFile), 'utf8')) as Pick<Computed, 'features'>;
  return { plan, change, features };
}

function differingFraction(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) count++;
  return count / a.length;
}

const sidePx = 400;
const chunkPx = 200;

async function writePair(name: string, before: Uint16Array, after: Uint16Array): Promise<Asked> {
  const size = { width: sidePx, height: sidePx };
  return {
    before: [
      await writeMadeScene(join(folder, `${name}_before.tif`), { ...size, data: before, acquired: '2025-08-15' }),
    ],
    after: [await writeMadeScene(join(folder, `${name}_after.tif`), { ...size, data: after, acquired: '2026-08-12' })],
    model: 'none',
  };
}

/** Both dates alike but for one L of bare soil that lies over the corner of four chunks. */
async function writePatchOverCorner(corner: number): Promise<Asked> {
  const { before } = makePair(sidePx, 5, false);
  const after = Uint16Array.from(before);
  const bare = [1000, 1350, 1750, 2500, 3300, 2800];
  for (let row = corner - 22; row < corner + 19; row++)
    for (let col = corner - 17; col < corner + 25; col++) {
      if (row > corner + 6 && col > corner + 9) continue;
      bare.forEach((dn, band) => (after[(band * sidePx + row) * sidePx + col] = dn + ((row * 7 + col * 3) % 40)));
    }
  return writePair('corner', before, after);
}

describe('the lattice of tiles and chunks', () => {
  it('may start elsewhere: 37 px change at most 0.1 % of the pixels of change.tif', async () => {
    const pair = makePair(sidePx, 3);
    const asked = await writePair('made', pair.before, pair.after);
    const [plain, moved] = [await compute(asked, { chunkPx }), await compute(asked, { chunkPx, originPx: 37 })];
    expect(plain.plan.chunks.length).toBe(4);
    expect(moved.plan.chunks.map(({ keep }) => keep)).not.toEqual(plain.plan.chunks.map(({ keep }) => keep));
    const fraction = differingFraction(plain.change, moved.change);
    process.stdout.write(`tile origin + 37 px, made pair, evidence alone: ${(fraction * 100).toFixed(4)} % differ\n`);
    expect(fraction).toBeLessThanOrEqual(0.001);
    // the law is about something: there is change in the pair
    expect(plain.features.length).toBeGreaterThan(5);
  });

  it('leaves a patch over four chunks whole, with the same area and the same name', async () => {
    const asked = await writePatchOverCorner(chunkPx);
    const whole = await compute(asked, {});
    const cut = await compute(asked, { chunkPx });
    expect(whole.plan.chunks).toHaveLength(1);
    const starts = [0, chunkPx].flatMap((row) => [0, chunkPx].map((col) => [col, row]));
    expect(cut.plan.chunks.map(({ keep }) => [keep.col, keep.row])).toEqual(starts);
    const largest = ({ features }: Computed) =>
      features.map(({ properties }) => properties).sort((a, b) => b.pixels - a.pixels)[0];
    expect(largest(whole)?.pixels).toBeGreaterThan(1200);
    expect(largest(cut)).toEqual(largest(whole));
    expect(cut.features).toHaveLength(whole.features.length);
  });

  it.runIf(hasShared)('may start elsewhere for a real city and the shipped network too', async () => {
    const names = readdirSync(city)
      .filter((name) => /_[12]0m\.tif$/.test(name))
      .toSorted();
    const paths = names.map((name) => join(city, name));
    const asked = { before: paths.slice(0, 2), after: paths.slice(2), model: 'auto' };
    const [plain, moved] = [await compute(asked, {}), await compute(asked, { originPx: 37 })];
    expect(plain.plan.model?.id).toBeDefined();
    expect(moved.plan.chunks.length).toBeGreaterThanOrEqual(plain.plan.chunks.length);
    const fraction = differingFraction(plain.change, moved.change);
    process.stdout.write(
      `tile origin + 37 px, aguasclaras, shipped network: ${(fraction * 100).toFixed(4)} % differ\n`,
    );
    expect(fraction).toBeLessThanOrEqual(0.001);
  });
});
