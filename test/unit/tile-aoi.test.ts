import { describe, expect, it } from 'vitest';

import { AppError } from '../../pipeline/errors.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { hasPoint, ringToLonLat, type Ring } from '../../pipeline/geo/polygon.ts';
import { aoiMask, maskOfPolygons, parseAoi } from '../../pipeline/tile/aoi.ts';
import type { Grid } from '../../pipeline/types.ts';

const grid: Grid = { crs: crsFromEpsg(32651), affine: [10, 0, 300000, 0, -10, 3400000], width: 60, height: 50 };
const all = { col: 0, row: 0, width: 60, height: 50 };
const star: Ring = [
  [5.2, 3.1],
  [50.7, 10.4],
  [30.3, 25.9],
  [55.1, 45.6],
  [8.8, 40.2],
  [20.5, 22.2],
  [5.2, 3.1],
];
const hole: Ring = [
  [20, 10],
  [28, 12],
  [24, 18],
  [20, 10],
];

describe('aoiMask', () => {
  it('holds the pixels whose centre is inside, holes taken out', () => {
    const mask = maskOfPolygons(all, [[star, hole]]);
    for (let i = 0; i < mask.length; i++) {
      expect(mask[i]).toBe(Number(hasPoint([star, hole], (i % 60) + 0.5, Math.floor(i / 60) + 0.5)));
    }
  });

  it('is the same whether the polygon comes in pixels or in lon/lat, in any window', () => {
    const expected = maskOfPolygons(all, [[star]]);
    const polygon = [ringToLonLat(grid, star)];
    expect(aoiMask(grid, all, [polygon])).toEqual(expected);
    const window = { col: -7, row: 20, width: 40, height: 60 };
    const cut = aoiMask(grid, window, [polygon]);
    for (let i = 0; i < cut.length; i++) {
      const [col, row] = [window.col + (i % 40), window.row + Math.floor(i / 40)];
      const isOn = col >= 0 && row < 50;
      expect(cut[i]).toBe(isOn ? expected[row * 60 + col] : 0);
    }
  });

  it('gives a pixel centre on a shared edge to one neighbour alone', () => {
    const left: Ring = [
      [0, 0],
      [10.5, 0],
      [10.5, 50],
      [0, 50],
      [0, 0],
    ];
    const right: Ring = [
      [10.5, 0],
      [60, 0],
      [60, 50],
      [10.5, 50],
      [10.5, 0],
    ];
    const [a, b] = [maskOfPolygons(all, [[left]]), maskOfPolygons(all, [[right]])];
    expect(a.every((value, i) => value === 1 - b[i]!)).toBe(true);
  });
});

describe('parseAoi', () => {
  const ring: [number, number][] = [
    [120, 30],
    [121, 30],
    [121, 31],
    [120, 30],
  ];
  const polygon = { type: 'Polygon', coordinates: [ring] };
  const expected = [[ring]];

  it('takes a geometry, a feature, a collection, heights or not', () => {
    expect(parseAoi(polygon, 'a.json')).toEqual(expected);
    expect(parseAoi({ type: 'Feature', properties: {}, geometry: polygon }, 'a.json')).toEqual(expected);
    const multi = { type: 'MultiPolygon', coordinates: [polygon.coordinates, polygon.coordinates] };
    expect(
      parseAoi({ type: 'FeatureCollection', features: [{ type: 'Feature', geometry: multi }] }, 'a.json'),
    ).toHaveLength(2);
    const unlocated = { type: 'Feature', properties: {}, geometry: null };
    const mixed = { type: 'FeatureCollection', features: [unlocated, { type: 'Feature', geometry: polygon }] };
    expect(parseAoi(mixed, 'a.json')).toEqual(expected);
    expect(() => parseAoi(unlocated, 'a.json')).toThrow(AppError);
    const high = { type: 'Polygon', coordinates: [ring.map(([lon, lat]) => [lon, lat, 5])] };
    expect(parseAoi(high, 'a.json')).toEqual(expected);
  });

  it.each([
    null,
    {},
    { type: 'Point', coordinates: [1, 2] },
    {
      type: 'Polygon',
      coordinates: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    },
  ])('refuses %j', (document) => {
    expect(() => parseAoi(document, 'a.json')).toThrow(AppError);
  });

  it('refuses metres, naming the coordinate', () => {
    const metres = {
      type: 'Polygon',
      coordinates: [
        [
          [300000, 3400000],
          [300010, 3400000],
          [300010, 3400010],
          [300000, 3400000],
        ],
      ],
    };
    expect(() => parseAoi(metres, 'a.json')).toThrow(/a\.json: 300000, 3400000/);
  });
});
