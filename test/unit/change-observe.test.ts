import { describe, expect, it } from 'vitest';
import { cropPlane, joinReasons, reasonCode, reasonsOf } from '../../pipeline/change/observe.ts';

const look = (values: readonly number[]) => ({
  raster: { data: Float32Array.from(values), width: values.length, height: 1, bands: 1 },
  needed: [0],
  inside: new Uint8Array(values.length).fill(1),
  cloud: null,
  shadow: null,
});

describe('reasonsOf', () => {
  it('names the first reason that holds: outside, nodata, cloud, shadow', () => {
    const reasons = reasonsOf({
      ...look([1, Number.NaN, 1, 1, 1]),
      inside: Uint8Array.of(0, 1, 1, 1, 1),
      cloud: Uint8Array.of(1, 1, 1, 0, 0),
      shadow: Uint8Array.of(1, 1, 1, 1, 0),
    });
    expect([...reasons]).toEqual([reasonCode.outside, reasonCode.nodata, reasonCode.cloud, reasonCode.shadow, 0]);
  });

  it('asks only the needed bands for a value', () => {
    const raster = { data: Float32Array.of(1, 1, Number.NaN, 1), width: 2, height: 1, bands: 2 };
    expect([...reasonsOf({ ...look([1, 1]), raster })]).toEqual([0, 0]);
    expect([...reasonsOf({ ...look([1, 1]), raster, needed: [0, 1] })]).toEqual([reasonCode.nodata, 0]);
  });
});

describe('joinReasons', () => {
  it('sees a pixel only where both dates saw it', () => {
    const joined = joinReasons(Uint8Array.of(0, 0, 3, 2), Uint8Array.of(0, 4, 0, 3), null);
    expect([...joined]).toEqual([0, 4, 3, 2]);
  });

  it('leaves out what lies outside the area of interest, seen or not', () => {
    const joined = joinReasons(Uint8Array.of(0, 3), Uint8Array.of(0, 0), Uint8Array.of(0, 0));
    expect([...joined]).toEqual([reasonCode.excluded, reasonCode.excluded]);
  });
});

describe('cropPlane', () => {
  it('cuts the kept window out of the read one', () => {
    const plane = Uint8Array.from({ length: 20 }, (_, i) => i);
    const read = { col: -1, row: 2, width: 5, height: 4 };
    expect([...cropPlane(plane, read, { col: 0, row: 3, width: 2, height: 2 })]).toEqual([6, 7, 11, 12]);
  });
});
