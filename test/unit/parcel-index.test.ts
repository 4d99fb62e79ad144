import { describe, expect, it } from 'vitest';
import { buildLayer } from '../../pipeline/parcel/layer.ts';
import { overlay, overlayAll } from '../../pipeline/parcel/overlay.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { piecesOf } from '../../pipeline/parcel/pieces.ts';

const box = (x: number, y: number, side: number) => Float64Array.of(x, y, x + side, y, x + side, y + side, x, y + side);
const centre = { lonDeg: 120.75, latDeg: 30.75 };
const feature = (...polygons: readonly Float64Array[][]) => ({ polygons, attributes: {} });
const index = openParcelIndex(
  buildLayer({
    centre,
    features: [
      feature([box(0, 0, 10)]),
      feature(),
      feature([box(10, 0, 10)]),
      feature([box(0, 0, 30), box(5, 5, 20)], [box(10, 10, 5)]),
    ],
  }),
);

describe('an index of parcels', () => {
  it('finds the features whose box shares ground with a box, in their order', () => {
    expect(index.featuresIn([1, 1, 12, 2])).toEqual([0, 2, 3]);
    expect(index.featuresIn([10, 1, 12, 2])).toEqual([2, 3]);
    expect(index.featuresIn([-1e12, -1e12, 1e12, 1e12])).toEqual([0, 2, 3]);
    expect(index.featuresIn([30, 0, 40, 40])).toEqual([]);
  });

  it('of no features finds none', () => {
    const none = openParcelIndex(buildLayer({ centre, features: [] }));
    expect(none.featuresIn([0, 0, 1, 1])).toEqual([]);
    expect(overlay(none, [box(0, 0, 1)])).toEqual([]);
  });

  it('of features without ground alone finds none', () => {
    const none = openParcelIndex(buildLayer({ centre, features: [feature(), feature()] }));
    expect(none.featuresIn([-1e300, -1e300, 1e300, 1e300])).toEqual([]);
  });
});

describe('overlay', () => {
  it('takes holes and islands of a feature and holes of the polygon into account', () => {
    const shares = overlay(index, [box(-10, -10, 60), box(0, 0, 8)]);
    expect(shares.map(({ feature: position }) => position)).toEqual([0, 2, 3]);
    expect(shares[0]?.areaM2).toBeCloseTo(36, 9);
    expect(shares[1]?.areaM2).toBeCloseTo(100, 9);
    expect(shares[2]?.areaM2).toBeCloseTo(900 - 400 + 25 - (64 - 9), 9);
  });

  it('gives a parcel that holds the whole polygon all of it, whichever way its ring runs', () => {
    const patch = Float64Array.of(1, 1, 1, 4, 4, 4, 4, 1);
    expect(overlay(index, [patch])[0]).toEqual({ feature: 0, areaM2: 9 });
  });

  it('leaves out neighbours that only touch, and has nothing to say of a polygon without ground', () => {
    expect(overlay(index, [box(20, 10, 5)])).toEqual([]);
    expect(overlay(index, [box(30, 0, 5)])).toEqual([]);
    expect(overlay(index, [Float64Array.of(0, 0, 5, 5, 0, 0)])).toEqual([]);
    expect(overlayAll(index, [])).toEqual([]);
  });
});

describe('pieces', () => {
  it('name the ground of no parcel, and what parcels claim twice', () => {
    const { pieces, windowM2, overlapM2 } = piecesOf([[box(-5, 0, 10)]], index);
    expect(windowM2).toBeCloseTo(100, 9);
    // the large feature lies over the first: 5 × 10 less the corner of its hole
    expect(overlapM2).toBeCloseTo(50, 9);
    expect(pieces.map(({ parcel }) => parcel)).toEqual([0, 3, null]);
    expect(pieces.reduce((sum, { areaM2 }) => sum + areaM2, 0)).toBeCloseTo(windowM2 + overlapM2, 9);
  });

  it('without a baseline are of no parcel', () => {
    expect(piecesOf([[box(0, 0, 10)]], null).pieces).toEqual([{ parcel: null, mask: 0, areaM2: 100 }]);
    expect(piecesOf([], null).pieces).toEqual([]);
  });
});
