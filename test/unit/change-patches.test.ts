import { describe, expect, test } from 'vitest';
import { displayGeometry, patchGeometry } from '../../pipeline/change/patch-geojson.ts';
import { classMinimumM2 } from '../../pipeline/change/minimum-area.ts';
import { detectPatches, type PatchOptions } from '../../pipeline/change/patches.ts';
import { classMap, draw, inStrips, patchOptions, shippedMinimumArea, type PatchScene } from '../support/patch-rows.ts';

const detect = (scene: PatchScene, options: Partial<PatchOptions> = {}, ends: readonly number[] = []) =>
  detectPatches(patchOptions(scene.width, options), inStrips(scene, ends));

/** A block four pixels wide. */
const block = (rows: number) => draw(...Array.from({ length: rows }, () => '.####.'), '......');
const toLonLat = (col: number, row: number) => [120 + col * 1e-4, 30 - row * 1e-4] as const;

describe('patches', () => {
  test('join over edges, not over corners', async () => {
    const { patches } = await detect(draw('##..', '..##', '...#'));
    expect(patches.map(({ pixels, bboxPx }) => [pixels, bboxPx])).toEqual([
      [2, [0, 0, 2, 1]],
      [3, [2, 1, 4, 3]],
    ]);
  });

  test('join classes of one group and keep groups apart', async () => {
    const { patches } = await detect(draw('##o~~', '..o..'));
    expect(patches.map(({ pixels, classAfter }) => [pixels, classAfter.name])).toEqual([
      [4, 'built'],
      [2, 'water'],
    ]);
  });

  test('take the majority class, ties to the lowest code', async () => {
    const { patches } = await detect(draw('#oo#'));
    expect(patches[0]!.classAfter.name).toBe('built');
    expect((await detect(draw('#oo'))).patches[0]!.classAfter.name).toBe('bare');
  });

  test('carry the mean probability and the area of their pixels', async () => {
    const scene = draw('##', '##');
    scene.change.set([125, 250, 200, 225]);
    const { patches } = await detect(scene, { pixelAreaM2: (col, row) => 100 + col + 10 * row });
    expect(patches[0]).toMatchObject({ probability: 0.8, areaM2: 100 + 101 + 110 + 111, pixels: 4 });
  });

  test('never hold unobserved or undefined values, whatever the class rasters say', async () => {
    const scene = draw('#####');
    scene.change.set([255, 251, 254, 250, 124]);
    const { patches, counts } = await detect(scene);
    expect(patches.map(({ bboxPx }) => bboxPx)).toEqual([[3, 0, 4, 1]]);
    expect(counts.changedPixels).toBe(1);
  });

  test('count codes that the class map does not know as unknown, and lose none', async () => {
    const scene = draw('##');
    scene.changeInto.set([99, 2]);
    const { patches, counts } = await detect(scene);
    expect(patches.map(({ classAfter }) => classAfter.name)).toEqual(['unknown', 'built']);
    expect(counts.changedPixels).toBe(2);
  });

  test('below max(class minimum, 20 px) are watched', async () => {
    const options = { minimumArea: shippedMinimumArea };
    const small = await detect(block(4), { ...options, pixelAreaM2: () => 100 });
    expect(small.patches[0]).toMatchObject({ pixels: 16, state: 'watch', minAreaM2: 2000 });
    const large = await detect(block(5), { ...options, pixelAreaM2: () => 100 });
    expect(large.patches[0]).toMatchObject({ pixels: 20, state: 'suspected', minAreaM2: 2000 });
    const fine = await detect(block(5), { ...options, pixelAreaM2: () => 4 });
    expect(fine.patches[0]).toMatchObject({ areaM2: 80, state: 'watch', minAreaM2: 200 });
    expect([small.counts, large.counts].map(({ suspected, watch }) => [suspected, watch])).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  test('have ids by context and place, not by strip', async () => {
    const scene = draw('##.', '#.#', '..#');
    const ids = async (ends: readonly number[], idContext: string) =>
      (await detect(scene, { idContext }, ends)).patches.map(({ id }) => id);
    expect(await ids([1, 2], 'a')).toEqual(await ids([], 'a'));
    expect(new Set([...(await ids([], 'a')), ...(await ids([], 'b'))]).size).toBe(4);
  });
});

test('an outline across the antimeridian runs on past 180° and does not fold over itself', () => {
  const wrapped = (col: number, row: number) => {
    const lon = 179.9995 + col * 1e-4;
    return [lon > 180 ? lon - 360 : lon, -17 - row * 1e-4] as const;
  };
  const { coordinates } = patchGeometry([[2, 0, 8, 0, 8, 3, 2, 3]], wrapped);
  const longitudes = coordinates[0]!.map(([lon]) => lon);
  expect(Math.min(...longitudes)).toBeCloseTo(179.9997, 7);
  expect(Math.max(...longitudes)).toBeCloseTo(180.0003, 7);
});

describe('slivers', () => {
  const rules = { minimumArea: shippedMinimumArea };

  test('along the edge of what was there before are dropped and counted', async () => {
    const { patches, counts } = await detect(draw('..........', '########..', 'BBBBBBBBBB', 'BBBBBBBBBB'), rules);
    expect(patches).toEqual([]);
    expect(counts).toMatchObject({ changedPixels: 8, dropped: { slivers: { patches: 1, pixels: 8, areaM2: 800 } } });
  });

  test('are dropped along the unseen and the rim of the scene, on every side', async () => {
    const drawings = [
      draw('????????', '########', '........'),
      draw('........', '########', '????????'),
      draw('########', '........'),
      draw('........', '########'),
      draw(...Array.from({ length: 8 }, () => '#..')),
      draw(...Array.from({ length: 8 }, () => '.#?')),
    ];
    for (const drawing of drawings) expect((await detect(drawing, rules)).counts.dropped.slivers.patches).toBe(1);
  });

  test('a new road through a field is no sliver', async () => {
    const { patches, counts } = await detect(draw('............', '.##########.', '............'), rules);
    expect([patches.length, counts.dropped.slivers.patches]).toEqual([1, 0]);
  });

  test('neither is what is short, or wide', async () => {
    const short = await detect(draw('......', '.####.', 'BBBBBB'), rules);
    const wide = await detect(draw('..........', '##########', '##########', 'BBBBBBBBBB'), rules);
    expect([short, wide].map(({ patches }) => patches.length)).toEqual([1, 1]);
  });

  test('are the same however the rows are cut', async () => {
    const scene = draw('..........', '########..', 'BBBBBBBBBB', '########..', '..........');
    for (const ends of [[], [1], [2], [1, 2, 3, 4]])
      expect((await detect(scene, rules, ends)).counts.dropped.slivers).toEqual({
        patches: 2,
        pixels: 16,
        areaM2: 1600,
      });
  });
});

test('minimum areas go by class, then group, then the rest', () => {
  const [crops, , built, , water] = classMap.classes;
  const minima = [crops, built, water].map((landClass) => classMinimumM2(shippedMinimumArea, landClass!));
  expect(minima).toEqual([400, 200, 600]);
  expect(classMinimumM2(shippedMinimumArea, { ...built!, name: 'factory' })).toBe(200);
});

test('geometry on the earth is RFC 7946: closed, exterior counter-clockwise, holes clockwise, long edges in pieces', async () => {
  const { patches } = await detect(
    draw(`.${'#'.repeat(100)}`, `.${'#'.repeat(50)}.${'#'.repeat(49)}`, `.${'#'.repeat(100)}`),
  );
  const { coordinates } = patchGeometry(patches[0]!.rings, toLonLat);
  const doubled = coordinates.map((ring) =>
    ring
      .slice(1)
      .reduce((sum, [x, y], at) => sum + (ring[at]![0] - 120) * (y - 30) - (x - 120) * (ring[at]![1] - 30), 0),
  );
  expect(coordinates.map((ring) => ring.at(-1))).toEqual(coordinates.map((ring) => ring[0]));
  expect(doubled[0]! / 2 / 1e-8).toBeCloseTo(300, 3);
  expect(doubled[1]! / 2 / 1e-8).toBeCloseTo(-1, 3);
  expect(coordinates[0]).toContainEqual([120.0051, 29.9997]);
  const display = displayGeometry(patches[0]!.rings, toLonLat);
  expect(display.coordinates[0]!.length).toBeLessThan(coordinates[0]!.length);
  expect(display.coordinates[0]![0]).toEqual(display.coordinates[0]!.at(-1));
});
