import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chunkBands } from '../../pipeline/change/chunk.ts';
import { reasonCode } from '../../pipeline/change/observe.ts';
import type { FoundPatch } from '../../pipeline/change/patches.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { equalAreaFrame } from '../../pipeline/geo/frame.ts';
import { decodeRuns } from '../../pipeline/ledger/cell-runs.ts';
import { isChangedCode, seenCode, unseenCode } from '../../pipeline/ledger/ground-code.ts';
import { layPlaces, partDensity } from '../../pipeline/ledger/places.ts';
import { buildLayer, polygonsOf } from '../../pipeline/parcel/layer.ts';
import type { LandClass } from '../../pipeline/types.ts';
import { unobserved } from '../../pipeline/types.ts';
import { encodeChunk } from '../../workers/compute/chunk-file.ts';
import { frameCentreOf } from '../../workers/series/detect-look.ts';
import { groundDigest, openLookGround } from '../../workers/series/look-ground.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tianwatch-look-ground-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const sidePx = 16;
const grid = {
  crs: crsFromEpsg(32651),
  affine: [10, 0, 285_000, 0, -10, 3_405_000],
  width: sidePx,
  height: sidePx,
} as const;
const frame = equalAreaFrame(frameCentreOf(grid));
const square = Float64Array.of(-60, -60, 60, -60, 60, 60, -60, 60);
const parts = buildLayer({
  centre: frame.centre,
  features: [{ polygons: [[square]], attributes: { id: 'z1', town: '330402001' } }],
});
const [crops, built] = [1, 2];
const landClass = (code: number, name: string): LandClass => ({ code, name, zh: name, colour: '', group: '' });

/** The left half changed from crops into built; the lowest six rows are under cloud. */
function chunkBytes(): Uint8Array {
  const count = sidePx * sidePx;
  const data = new Uint8Array(chunkBands.length * count);
  const plane = (name: (typeof chunkBands)[number]) =>
    data.subarray(chunkBands.indexOf(name) * count).subarray(0, count);
  for (let i = 0; i < count; i++) {
    const isLeft = i % sidePx < sidePx / 2;
    plane('classesBefore')[i] = crops;
    plane('classesAfter')[i] = isLeft ? built : crops;
    plane('changeInto')[i] = isLeft ? built : crops;
    plane('change')[i] = isLeft ? 240 : 5;
    if (i >= (sidePx - 6) * sidePx) {
      plane('change')[i] = unobserved;
      plane('reason')[i] = reasonCode.cloud;
    }
  }
  const raster = { data, width: sidePx, height: sidePx, bands: chunkBands.length };
  return encodeChunk({ raster, observedM2: 0, reasonsM2: { outside: 0, nodata: 0, cloud: 0, shadow: 0 } });
}

const patch: FoundPatch = {
  id: 'p',
  classBefore: landClass(crops, 'crops'),
  classAfter: landClass(built, 'built'),
  probability: 0.96,
  areaM2: 8000,
  pixels: 80,
  state: 'suspected',
  minAreaM2: 100,
  bboxPx: [0, 0, 8, 10],
  rings: [[0, 0, 8, 0, 8, 10, 0, 10]],
  runs: Int32Array.from(Array.from({ length: 10 }, (_, row) => [row, 0, 8]).flat()),
};

async function readGround(tellsChange: boolean, failed: ReadonlySet<number> = new Set()) {
  const bytes = chunkBytes();
  const keep = { col: 0, row: 0, width: sidePx, height: sidePx };
  const ground = openLookGround(
    { grid, chunks: [{ index: 0, keep, tiles: [] }], chunkKeys: ['k'] },
    {
      under: { frame, parts, survey: null, surveyId: '' },
      images: { get: () => Promise.resolve(bytes) },
      failed,
      tellsChange,
      scratch,
      throwIfCancelled: () => {},
    },
  );
  // no patch is found in a chunk that failed
  if (failed.size === 0) await ground.addPatch(patch, 'non-farm');
  const found = await ground.finish();
  const cellCount = layPlaces(polygonsOf(parts, 0), parts.areaM2[0]!, partDensity).positions.length;
  const [observation] = found.observations;
  return { found, observation: observation!, cells: decodeRuns(observation!.cells!, cellCount) };
}

describe('openLookGround', () => {
  it('tells of a sub-project what changed, what did not and what lay under cloud', async () => {
    const { found, observation, cells } = await readGround(true);
    const share = (code: number): number => cells.filter((cell) => cell === code).length / cells.length;
    // rows 2 to 13 of 16 lie in it; those from 10 on are under cloud
    expect(share(unseenCode.cloud)).toBeCloseTo(1 / 3, 1);
    expect(share(seenCode(built, true))).toBeCloseTo(1 / 3, 1);
    expect(share(seenCode(crops, false))).toBeCloseTo(1 / 3, 1);
    const { subject, subjectId, town, areaM2, seenM2, unseenM2 } = observation;
    expect([subject, subjectId, town]).toEqual(['sub-project', 'z1', '330402001']);
    expect(seenM2 + unseenM2.cloud).toBeCloseTo(areaM2, 6);
    expect(found.sightings).toMatchObject([{ id: 'p', category: 'non-farm', centre: frame.centre }]);
  });

  it('tells nothing of change where the look is from before what it is compared with', async () => {
    const { found, cells } = await readGround(false);
    expect(found.sightings).toEqual([]);
    expect(cells.some(isChangedCode)).toBe(false);
    expect(cells.includes(seenCode(built, false))).toBe(true);
  });

  it('counts a chunk that failed as not seen', async () => {
    const { observation } = await readGround(true, new Set([0]));
    expect(observation.seenM2).toBe(0);
    expect(observation.unseenM2.failed).toBeCloseTo(observation.areaM2, 6);
  });

  it('has one digest for what is said alike and another where a cell differs', async () => {
    const [a, b, other] = [await readGround(true), await readGround(true), await readGround(false)];
    expect(groundDigest(a.found)).toBe(groundDigest(b.found));
    expect(groundDigest(a.found)).not.toBe(groundDigest(other.found));
  });
});
