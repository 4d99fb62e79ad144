import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyAffine } from '../../pipeline/geo/affine.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { lonLatProjector } from '../../pipeline/geo/polygon.ts';
import { unobserved } from '../../pipeline/types.ts';
import { seenFractions } from '../../workers/compute/seen-ground.ts';
import { madeAffine, writeMadeScene } from '../support/scene-geotiff.ts';

const sidePx = 40;
const grid = { crs: crsFromEpsg(32651), affine: madeAffine, width: sidePx, height: sidePx };
const staging = mkdtempSync(join(tmpdir(), 'tianwatch-seen-'));
const toLonLat = lonLatProjector(grid.crs);

/** A box of pixels as an outline on the earth. */
const box = (col: number, row: number, width: number, height: number) => {
  const corner = (c: number, r: number) => toLonLat(...applyAffine(madeAffine, c, r));
  const [a, b] = [corner(col, row), corner(col + width, row)];
  return [[[a, b, corner(col + width, row + height), corner(col, row + height), a]]];
};

beforeAll(async () => {
  // the western half was not seen
  const data = Uint8Array.from({ length: sidePx * sidePx }, (_, at) => (at % sidePx < sidePx / 2 ? unobserved : 0));
  const size = { width: sidePx, height: sidePx };
  await writeMadeScene(join(staging, 'change.tif'), {
    ...size,
    data,
    names: ['change'],
    dtype: 'uint8',
    nodata: unobserved,
    acquired: '2026-08-12',
  });
});
afterAll(() => rmSync(staging, { recursive: true, force: true }));

describe('ground that a run saw', () => {
  it('is counted by pixels of its outline; what lies outside the grid was not seen', async () => {
    const grounds = [
      box(25, 5, 10, 10),
      box(5, 5, 10, 10),
      box(15, 5, 10, 10),
      box(35, 5, 10, 10),
      box(500, 500, 3, 3),
      null,
      [...box(25, 5, 10, 10), ...box(5, 5, 10, 10)],
    ];
    expect(await seenFractions({ grid }, staging, grounds)).toEqual([1, 0, 0.5, 0.5, 0, null, 0.5]);
  });
});
