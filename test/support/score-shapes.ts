import type { FoundPatch, TrueChange } from '../../scripts/score/score-type.ts';
import { shapeAreaM2, shapeOf, type Shape } from '../../scripts/score/shape.ts';

/** Plain metres: longitude is x, latitude y. */
export const frame = { project: (x: number, y: number) => [x, y] as const, origin: [0, 0] as const };

export function rectangle(x: number, y: number, width: number, height: number): Shape {
  const ring = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
    [x, y],
  ] as const;
  return shapeOf([[ring]], frame);
}

/** A factory on a field, large and in plain sight. */
export function change(shape: Shape, more: Partial<TrueChange> = {}): TrueChange {
  return {
    id: 'T1',
    kind: 'factory',
    zh: '厂房',
    category: 'non-farm',
    classAfter: 'built',
    isLawful: false,
    areaM2: shapeAreaM2(shape),
    minAreaM2: 2000,
    sizeClass: 'large',
    clearFraction: 1,
    observedFraction: 1,
    shape,
    ...more,
  };
}

/** A patch that suspects a building. */
export function patch(shape: Shape, more: Partial<FoundPatch> = {}): FoundPatch {
  return {
    id: 'P1',
    category: 'non-farm',
    state: 'suspected',
    classBefore: 'crops',
    classAfter: 'built',
    areaM2: shapeAreaM2(shape),
    cloudFraction: 0,
    shadowFraction: 0,
    shape,
    ...more,
  };
}

/** A square of a hectare. */
export const hundred = rectangle(0, 0, 100, 100);
