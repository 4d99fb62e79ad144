import { describe, expect, it } from 'vitest';
import { fineClasses, fineCovers } from '../../scripts/simulate/fine-cover.ts';
import { coverNumber } from '../../scripts/simulate/cover.ts';
import { drawPlots, touch, type Touch } from '../../scripts/simulate/fine-pattern.ts';
import { castRelief } from '../../scripts/simulate/fine-relief.ts';
import { openFineTruth } from '../../scripts/simulate/fine-truth.ts';
import { openLook } from '../../scripts/simulate/render.ts';
import { openSky } from '../../scripts/simulate/sky.ts';
import { makeWorld, type World } from '../../scripts/simulate/world.ts';

const sizePx = 256;
const wanted = { seed: 12, size: sizePx, gsd: '2', looks: 2, dates: ['2025-08-10', '2026-08-12'] } as const;
const world = makeWorld(wanted);
const { sensor } = world;

/** DN of the first look, cloud left out. */
function look(of: World): Uint16Array {
  const first = { ...of.looks[0]!, cloudFraction: 0 };
  const sky = openSky(first, { seed: of.sketch.seed, sideM: of.sideM });
  return openLook(of, first, { sensor, sky, sizePx }).rows(0, sizePx);
}
const truth = openFineTruth(world, { ...sensor, sizePx, days: world.looks.map(({ day }) => day) })({
  fromRow: 0,
  count: sizePx,
});
const dn = look(world);

describe('a landscape of a few metres', () => {
  it('is the same for the same seed', () => expect(look(makeWorld(wanted))).toEqual(dn));

  it('stands trees of an orchard in rows along the longest side of their plot, and panels east and west', () => {
    const points = Float32Array.of(0, 0, 300, 0, 300, 60, 0, 60);
    const sun = { x: 0, y: -1, shadowPerM: 0.5 };
    const out: Touch = { light: 1, isRow: false };
    for (const name of ['orchard', 'young-nursery', 'photovoltaic'] as const) {
      const drawing = drawPlots({ points, starts: Int32Array.of(0, 4), count: 1 }, Uint8Array.of(coverNumber(name)), 5);
      const [rowM, fill] = [drawing.rowM[0]!, drawing.fill[0]!];
      /** Share of a line along the plot that rows take. */
      const shareAt = (y: number): number => {
        let rows = 0;
        for (let x = 20; x < 280; x += 0.25) {
          touch(drawing, 0, x, y, sun, out);
          if (out.isRow) rows++;
        }
        return rows / 1040;
      };
      const isTrees = name !== 'photovoltaic';
      const middle = isTrees ? 30 + rowM / 2 : 30 + (rowM * fill) / 2;
      for (const k of [-2, 0, 3]) {
        expect(shareAt(middle + k * rowM)).toBeGreaterThan(0.3);
        expect(shareAt(middle + (k + 0.5) * rowM)).toBeLessThan(0.1);
      }
    }
  });

  it('has every class that its covers name but "unknown", and most of them in one small scene', () => {
    const named = new Set(Object.values(fineCovers).map((cover) => cover.class));
    expect(fineClasses.filter((name) => !named.has(name))).toEqual(['unknown']);
    expect(new Set(truth[0]).size).toBeGreaterThan(8);
  });

  it('shows works in progress as such between the first sign and the end', () => {
    const change = world.changes.find(({ kind }) => kind.isWorks === true)!;
    const days = [change.startDay - 1, change.startDay + 1, change.doneDay + 1];
    const [before, during, after] = openFineTruth(world, { ...sensor, sizePx, days })({ fromRow: 0, count: sizePx });
    const site = fineClasses.indexOf('construction');
    const begun = [...during!.keys()].filter((i) => during![i] === site && before![i] !== site);
    expect(begun.length).toBeGreaterThan(10);
    expect(begun.filter((i) => after![i] !== site).length).toBeGreaterThan(0.9 * begun.length);
  });

  it('draws panels at a few metres alone', () => {
    const coarse = makeWorld({ seed: 12, size: 200, gsd: '10', looks: 2 });
    expect(coarse.changes.some(({ kind }) => kind.id === 'photovoltaic')).toBe(false);
    expect(world.changes.some(({ kind }) => kind.id === 'photovoltaic')).toBe(true);
  });
});

describe('relief', () => {
  const [width, height] = [40, 40];
  const labels = Int32Array.from({ length: width * height }, (_, i) => {
    const [row, col] = [Math.floor(i / width), i % width];
    return row >= 20 && row < 26 && col >= 20 && col < 26 ? 1 : 0;
  });
  const cast = (shadowPerM: number, leanPerM: number) =>
    castRelief(labels, { width, stepM: 1 }, Float32Array.of(0, 10), {
      shadow: { x: -1, y: 0, perM: shadowPerM },
      lean: { x: 0, y: 1, perM: leanPerM },
    });
  const shaded = ({ light }: ReturnType<typeof cast>): number => light.filter((value) => value === 1).length;

  it('throws the shadow of a house away from the sun, as long as the sun is low', () => {
    expect(shaded(cast(0.5, 0))).toBe(6 * 4);
    expect(shaded(cast(1.2, 0))).toBe(6 * 11);
    expect(cast(0.5, 0).light[22 * width + 18]).toBe(1);
    expect(cast(0.5, 0).light[22 * width + 28]).toBe(0);
  });

  it('leans a house away from the sensor: its roof and a wall hide what stands behind', () => {
    const { seen, light } = cast(0.5, 0.3);
    expect(seen[18 * width + 22]).toBe(1);
    expect(seen[16 * width + 22]).toBe(0);
    expect(light.filter((value) => value === 2).length).toBe(12);
    expect(light[25 * width + 22]).toBe(2);
    expect(seen.filter((label) => label === 1).length).toBe(36 + 18);
  });
});
