import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectPatches, type ChangePatch } from '../../pipeline/change/patches.ts';
import { planChunks } from '../../pipeline/tile/plan.ts';
import { stitchRows } from '../../pipeline/tile/stitch.ts';
import type { Window } from '../../pipeline/types.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';
import {
  classMap,
  inStrips,
  keepEverything,
  patchOptions,
  shippedMinimumArea,
  type PatchScene,
} from '../support/patch-rows.ts';

/** Random rasters: noise of every density, so holes, pinches and nested components abound. */
const scenes = fc
  .record({
    width: fc.integer({ min: 1, max: 24 }),
    rowCount: fc.integer({ min: 1, max: 24 }),
    density: fc.integer({ min: 10, max: 95 }),
    classCount: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(1e9),
  })
  .map(({ width, rowCount, density, classCount, seed }): PatchScene => {
    let state = seed + 1;
    const draw = (limit: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const fill = (value: () => number) => new Uint8Array(width * rowCount).map(value);
    return {
      width,
      rowCount,
      change: fill(() => (draw(100) < density ? 125 + draw(126) : draw(8) === 0 ? 255 : draw(125))),
      classBefore: fill(() => draw(classCount)),
      changeInto: fill(() => draw(classCount)),
    };
  });

const settings = { seed: 20_261_123, numRuns: 300 };
const area = (col: number, row: number) => 100 + row * 0.25 + col * 0.5;
const detect = (scene: PatchScene, ends: readonly number[] = [], minimumArea = keepEverything) =>
  detectPatches(patchOptions(scene.width, { pixelAreaM2: area, minimumArea }), inStrips(scene, ends));

const isChanged = (value: number) => value >= 125 && value <= 250;
const groupAt = ({ changeInto }: PatchScene, at: number) => classMap.classes[changeInto[at]!]!.group;

/** Which pixels a patch covers, by counting edges crossed to the left of each pixel (even-odd). */
function rasterise(patch: ChangePatch, width: number, height: number): Uint8Array {
  const toggles = new Uint8Array((width + 1) * height);
  for (const ring of patch.rings) {
    for (let at = 0; at < ring.length; at += 2) {
      const next = (at + 2) % ring.length;
      if (ring[at] !== ring[next]) continue;
      const [from, to] = [Math.min(ring[at + 1]!, ring[next + 1]!), Math.max(ring[at + 1]!, ring[next + 1]!)];
      for (let row = from; row < to; row++) toggles[row * (width + 1) + ring[at]!]! ^= 1;
    }
  }
  const out = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    for (let col = 0, isIn = 0; col < width; col++) out[row * width + col] = isIn ^= toggles[row * (width + 1) + col]!;
  return out;
}

/** Components by flood fill: the definition, slowly. Position → number, -1 where unchanged. */
function floodFill(scene: PatchScene): Int32Array {
  const { width, rowCount, change } = scene;
  const label = new Int32Array(change.length).fill(-1);
  let count = 0;
  for (let start = 0; start < change.length; start++) {
    if (label[start] !== -1 || !isChanged(change[start]!)) continue;
    const stack = [start];
    label[start] = count;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const col = at % width;
      const neighbours = [col > 0 ? at - 1 : -1, col < width - 1 ? at + 1 : -1, at - width, at + width];
      for (const to of neighbours) {
        if (to < 0 || to >= width * rowCount || label[to] !== -1 || !isChanged(change[to]!)) continue;
        if (groupAt(scene, to) !== groupAt(scene, at)) continue;
        label[to] = count;
        stack.push(to);
      }
    }
    count++;
  }
  return label;
}

/** All of a patch that turns with the raster, its corners put at their place. */
const keyOf = (patch: ChangePatch, place: (col: number, row: number) => readonly [number, number]) =>
  JSON.stringify([
    patch.pixels,
    patch.probability,
    patch.state,
    patch.classBefore.code,
    patch.classAfter.code,
    patch.rings.map((ring) => canonical(ring, place)).sort(),
  ]);

describe('patches of any raster', () => {
  test('rasterised again are the components, pixel by pixel, and their areas are the pixels’ areas', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        const { patches, counts } = await detect(scene);
        const expected = floodFill(scene);
        const drawn = new Int32Array(expected.length).fill(-1);
        patches.forEach((patch, index) => {
          let sum = 0;
          rasterise(patch, scene.width, scene.rowCount).forEach((isIn, at) => {
            if (isIn === 0) return;
            expect(drawn[at]).toBe(-1);
            drawn[at] = index;
            sum += area(at % scene.width, Math.floor(at / scene.width));
          });
          expect(patch.areaM2).toBeCloseTo(sum, 6);
        });
        // patches are ordered by their first pixel, as the flood fill numbers them
        expect(drawn).toEqual(expected);
        expect(counts.changedPixels).toBe(patches.reduce((sum, { pixels }) => sum + pixels, 0));
        expect(counts.suspected + counts.watch).toBe(patches.length);
      }),
      settings,
    );
  });

  test('have rings that pass every corner once', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        for (const { rings } of (await detect(scene)).patches)
          for (const ring of rings) {
            const corners = Array.from({ length: ring.length / 2 }, (_, at) => `${ring[2 * at]} ${ring[2 * at + 1]}`);
            expect(new Set(corners).size).toBe(corners.length);
          }
      }),
      settings,
    );
  });

  test('are the same however the rows are cut, slivers and all', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, fc.array(fc.integer({ min: 1, max: 23 })), async (scene, ends) => {
        expect(await detect(scene, ends, shippedMinimumArea)).toEqual(await detect(scene, [], shippedMinimumArea));
      }),
      settings,
    );
  });

  test('and dropped slivers together hold every changed pixel', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        const { patches, counts } = await detect(scene, [], shippedMinimumArea);
        const inPatches = patches.reduce((sum, { pixels }) => sum + pixels, 0);
        expect(inPatches + counts.dropped.slivers.pixels).toBe(counts.changedPixels);
        expect(counts.changedPixels).toBe(scene.change.filter(isChanged).length);
      }),
      settings,
    );
  });

  test('turn with the raster', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        const { width, rowCount: height } = scene;
        // clockwise: (col, row) → (height - 1 - row, col)
        const turn = (data: Uint8Array) =>
          data.map((_, at) => data[(height - 1 - (at % height)) * width + Math.floor(at / height)]!);
        const turned: PatchScene = {
          width: height,
          rowCount: width,
          change: turn(scene.change),
          classBefore: turn(scene.classBefore),
          changeInto: turn(scene.changeInto),
        };
        const plain = { pixelAreaM2: () => 1, minimumArea: shippedMinimumArea };
        const upright = await detectPatches(patchOptions(width, plain), inStrips(scene, []));
        const sideways = await detectPatches(patchOptions(height, plain), inStrips(turned, []));
        expect(sideways.patches.map((patch) => keyOf(patch, (col, row) => [col, row])).sort()).toEqual(
          upright.patches.map((patch) => keyOf(patch, (col, row) => [height - row, col])).sort(),
        );
        expect(sideways.counts).toEqual(upright.counts);
      }),
      settings,
    );
  });

  test('laid over four chunks are what they are in one', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, fc.integer({ min: 0, max: 11 }), async (scene, originPx) => {
        const { width, rowCount: height } = scene;
        const size = { width, height };
        const bands = [scene.change, scene.classBefore, scene.changeInto];
        const get = async ({ keep }: { keep: Window }) => ({
          data: Buffer.concat(bands.map((band) => windowOf(band, width, keep))),
          width: keep.width,
          height: keep.height,
          bands: 3,
        });
        const chunks = planChunks(size, { tilePx: 12, haloPx: 0, chunkPx: 12, originPx });
        const strips = async function* () {
          for await (const { rowCount, raster } of stitchRows({ size, bands: 3, chunks, get })) {
            const band = (at: number) => raster.data.subarray(at * rowCount * width, (at + 1) * rowCount * width);
            yield { rowCount, change: band(0), classBefore: band(1), changeInto: band(2) };
          }
        };
        const chunked = await detectPatches(patchOptions(width, { pixelAreaM2: area }), strips());
        expect(chunked).toEqual(await detect(scene));
      }),
      settings,
    );
  });
});

function windowOf(data: Uint8Array, width: number, { col, row, ...size }: Window): Uint8Array {
  const out = new Uint8Array(size.width * size.height);
  for (let r = 0; r < size.height; r++)
    out.set(data.subarray((row + r) * width + col, (row + r) * width + col + size.width), r * size.width);
  return out;
}

/** A ring's corners from its least one on, as text. */
function canonical(ring: readonly number[], place: (col: number, row: number) => readonly [number, number]): string {
  const corners = Array.from({ length: ring.length / 2 }, (_, at) => place(ring[2 * at]!, ring[2 * at + 1]!).join(' '));
  const least = corners.reduce((best, corner, at) => (corner < corners[best]! ? at : best), 0);
  return [...corners.slice(least), ...corners.slice(0, least)].join(',');
}

describe.skipIf(!hasGdalPython)('GEOS', () => {
  test('finds every polygon valid and of the right area, in dense noise of every kind', async () => {
    const polygons: { rings: [number, number][][]; pixels: number }[] = [];
    for (const scene of fc.sample(scenes, { seed: 5, numRuns: 700 })) {
      for (const { rings, pixels } of (await detect(scene)).patches)
        polygons.push({ rings: rings.map(closed), pixels });
    }
    const bad = runGdalPython(
      `
bad = 0
for p in given:
    g = ogr.CreateGeometryFromJson(json.dumps(dict(type='Polygon', coordinates=p['rings'])))
    bad += not g.IsValid() or g.GetArea() != p['pixels']
print(bad)
`,
      polygons,
    );
    expect(polygons.length).toBeGreaterThan(10_000);
    expect(bad).toBe(0);
  });
});

function closed(ring: readonly number[]): [number, number][] {
  const points = Array.from({ length: ring.length / 2 }, (_, at): [number, number] => [
    ring[2 * at]!,
    ring[2 * at + 1]!,
  ]);
  return [...points, points[0]!];
}
