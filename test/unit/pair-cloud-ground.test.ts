import { describe, expect, it } from 'vitest';
import { cloudClass } from '../../pipeline/pair/cloud-class.ts';
import { clearedGround } from '../../pipeline/pair/cloud-ground.ts';
import type { Raster } from '../../pipeline/types.ts';

const side = 40;
const bands = ['blue', 'green', 'red', 'nir'] as const;
const { clear, cloud, shadow } = cloudClass;

/** Crops; in columns 10..19 something else. */
function scene(something: readonly number[]): Raster {
  const data = new Float32Array(4 * side * side);
  for (let band = 0; band < 4; band++)
    for (let i = 0; i < side * side; i++) {
      const col = i % side;
      data[band * side * side + i] = col >= 10 && col < 20 ? something[band]! : [0.05, 0.08, 0.05, 0.35][band]!;
    }
  return { data, width: side, height: side, bands: 4 };
}

/** One kind from a column on to another. */
const columns = (kind: number, from = 10, until = 20): Uint8Array =>
  Uint8Array.from({ length: side * side }, (_, i) => (i % side >= from && i % side < until ? kind : clear));

const crops = [0.05, 0.08, 0.05, 0.35];
const canal = [0.06, 0.07, 0.05, 0.1];
const shaded = [0.03, 0.04, 0.02, 0.13];
const roof = [0.3, 0.31, 0.32, 0.34];
const middle = 20 * side + 15;

function at(kind: number, [own, other]: readonly [readonly number[], readonly number[]], otherClouds = columns(clear)) {
  return clearedGround({ clouds: columns(kind), otherClouds, own: scene(own), other: scene(other), bands })[middle];
}

describe('ground near clouds', () => {
  it('is clear where the other date shows it just as dark, and stays shadow where it was light', () => {
    expect(at(shadow, [canal, canal])).toBe(clear);
    expect(at(shadow, [shaded, crops])).toBe(shadow);
  });

  it('is clear where the other date shows the same roof, and stays cloud where there was none', () => {
    expect(at(cloud, [roof, roof])).toBe(clear);
    expect(at(cloud, [roof, crops])).toBe(cloud);
  });

  it('stays hidden where the other date does not see it either', () => {
    expect(at(shadow, [canal, canal], columns(shadow))).toBe(shadow);
    expect(at(cloud, [roof, roof], columns(cloud))).toBe(cloud);
  });

  it('is no shadow where that is a line one pixel wide', () => {
    const input = { otherClouds: columns(clear), own: scene(shaded), other: scene(crops), bands };
    expect(clearedGround({ ...input, clouds: columns(shadow, 15, 16) })[middle]).toBe(clear);
    expect(clearedGround({ ...input, clouds: columns(shadow, 13, 17) })[middle]).toBe(shadow);
  });

  it('keeps nodata, and the whole mask where a band is missing', () => {
    expect(at(cloudClass.nodata, [roof, roof])).toBe(cloudClass.nodata);
    const clouds = columns(cloud);
    const [own, other] = [scene(roof), scene(roof)];
    const unnamed = ['blue', 'green', 'red', 'swir16'] as const;
    expect(clearedGround({ clouds, otherClouds: columns(clear), own, other, bands: unnamed })).toBe(clouds);
  });
});
