import { describe, expect, it } from 'vitest';
import { AppError } from '../../pipeline/errors.ts';
import { decodeLayer, encodeLayer } from '../../pipeline/parcel/layer-file.ts';
import { buildLayer, polygonsOf } from '../../pipeline/parcel/layer.ts';

const square = (x: number, y: number, side: number) =>
  Float64Array.of(x, y, x + side, y, x + side, y + side, x, y + side);
const centre = { lonDeg: 120.75, latDeg: 30.75 };
const madeLayer = () =>
  buildLayer({
    centre,
    features: [
      { polygons: [[square(0, 0, 100), square(10, 10, 20)]], attributes: { id: '1', code: '0101', name: '水田' } },
      { polygons: [], attributes: { id: '2', code: '0101' } },
      {
        polygons: [[square(200, 0, 10)], [square(300.1234567, 0, 10)]],
        attributes: { id: '3', code: '1104A', village: '新塍镇' },
      },
    ],
  });

describe('a layer', () => {
  it('keeps features in order, orients rings and takes holes out of the area', () => {
    const layer = madeLayer();
    expect(layer.featureCount).toBe(3);
    expect([...layer.areaM2]).toEqual([9600, 0, 200]);
    expect([...layer.featureStarts]).toEqual([0, 1, 1, 3]);
    expect([...layer.ringStarts]).toEqual([0, 4, 8, 12, 16]);
    const [[exterior, hole] = []] = polygonsOf(layer, 0);
    expect(exterior).toEqual(square(0, 0, 100));
    expect([...(hole ?? [])]).toEqual([10, 30, 30, 30, 30, 10, 10, 10]);
    expect(polygonsOf(layer, 1)).toEqual([]);
  });

  it('stores whole micrometres and drops points that repeat there', () => {
    const ring = Float64Array.of(0, 0, 10, 0, 10.0000001, 0, 10, 10, 0.0000004, 0.0000004);
    const layer = buildLayer({ centre, features: [{ polygons: [[ring]], attributes: {} }] });
    expect([...layer.coordinates]).toEqual([0, 0, 10, 0, 10, 10]);
    expect(madeLayer().coordinates[24]).toBe(300.123457);
  });

  it('fills the columns that a feature does not have with empty text', () => {
    expect(madeLayer().columns).toEqual({
      id: ['1', '2', '3'],
      code: ['0101', '0101', '1104A'],
      name: ['水田', '', ''],
      village: ['', '', '新塍镇'],
    });
  });

  it.each([
    ['fewer than three points', Float64Array.of(0, 0, 1, 1, 0, 0)],
    ['a coordinate that is no number', Float64Array.of(0, 0, 1, 0, Number.NaN, 1)],
  ])('refuses a ring with %s and names the feature', (_, ring) => {
    const good = { polygons: [[square(0, 0, 1)]], attributes: {} };
    expect(() => buildLayer({ centre, features: [good, { polygons: [[ring]], attributes: {} }] })).toThrowError(
      /a ring of feature 1 has/,
    );
  });
});

describe('a layer file', () => {
  it('gives back the layer, and the same bytes for the same layer', () => {
    const bytes = encodeLayer(madeLayer());
    expect(decodeLayer(bytes)).toEqual(madeLayer());
    expect(encodeLayer(decodeLayer(bytes))).toEqual(bytes);
  });

  it('is read wherever it lies in memory', () => {
    const bytes = encodeLayer(madeLayer());
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeLayer(shifted.subarray(3))).toEqual(madeLayer());
  });

  it('of no features is a layer too', () => {
    const empty = buildLayer({ centre, features: [] });
    expect(decodeLayer(encodeLayer(empty))).toEqual(empty);
  });

  it('that is cut short, flipped in any one bit or another format is refused', () => {
    const bytes = encodeLayer(madeLayer());
    const refusals: unknown[] = [];
    const attempt = (damaged: Uint8Array) => {
      try {
        decodeLayer(damaged);
        refusals.push('accepted');
      } catch (error) {
        refusals.push(error instanceof AppError ? error.code : error);
      }
    };
    for (let length = 0; length < bytes.length; length++) attempt(bytes.slice(0, length));
    for (let bit = 0; bit < 8 * bytes.length; bit += 5) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      attempt(damaged);
    }
    attempt(new TextEncoder().encode('{"type":"FeatureCollection"}'));
    expect(new Set(refusals)).toEqual(new Set(['INPUT_INVALID']));
  });
});
