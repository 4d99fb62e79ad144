import { buildLayer, type FramePolygon, type ParcelLayer } from '../../pipeline/parcel/layer.ts';

/** Numbers in 0..1 from a seed (Mulberry32); the same seed gives the same numbers. */
export function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A ring about a centre (m), its radius wandering between half and all of `radiusM`, smoothly where it has many points. */
export function madeStar(chance: () => number, x: number, y: number, radiusM: number, points: number): Float64Array {
  const ring = new Float64Array(2 * points);
  const phases = [chance(), chance(), chance()].map((value) => 2 * Math.PI * value);
  const rough = Math.min(0.3, 12 / points);
  for (let i = 0; i < points; i++) {
    const angle = (2 * Math.PI * (i + 0.8 * chance())) / points;
    const waves = phases.reduce((sum, phase, k) => sum + Math.sin((3 * k + 2) * angle + phase), 0);
    const radius = radiusM * (0.65 + waves / 20 + rough * (chance() - 0.5));
    ring[2 * i] = x + radius * Math.cos(angle);
    ring[2 * i + 1] = y + radius * Math.sin(angle);
  }
  return ring;
}

/** The ring drawn in towards its centre: a hole of the same outline. */
export function shrunk(ring: Float64Array, x: number, y: number, fraction: number): Float64Array {
  return ring.map((value, i) => (i % 2 === 0 ? x + fraction * (value - x) : y + fraction * (value - y)));
}

export interface MosaicOptions {
  readonly seed: number;
  readonly cols: number;
  readonly rows: number;
  /** mean side of a parcel */
  readonly sideM: number;
  /** points of each side between two corners, wandering like a ditch */
  readonly pointsPerSide: number;
  readonly x?: number;
  readonly y?: number;
}

/**
 * Parcels without gap or overlap: a wandering lattice whose neighbours share every point of their edge. Row by row from
 * the lower left; the rim is straight.
 */
export function madeMosaic(options: MosaicOptions): readonly FramePolygon[] {
  const { seed, cols, rows, sideM, pointsPerSide, x: left = 0, y: bottom = 0 } = options;
  const chance = seededChance(seed);
  const corner = Array.from({ length: (cols + 1) * (rows + 1) }, (_, i) => {
    const [col, row] = [i % (cols + 1), Math.floor(i / (cols + 1))];
    const wander = (at: number, end: number) => (at === 0 || at === end ? 0 : 0.5 * (chance() - 0.5));
    return [left + (col + wander(col, cols)) * sideM, bottom + (row + wander(row, rows)) * sideM] as const;
  });
  const cornerOf = (col: number, row: number) => corner[row * (cols + 1) + col] as readonly [number, number];
  /** Points from a corner up to, not including, the other. */
  const side = (from: readonly [number, number], to: readonly [number, number], isRim: boolean) =>
    Array.from({ length: pointsPerSide + 1 }, (_, i) => {
      const t = i / (pointsPerSide + 1);
      const off = isRim || i === 0 ? 0 : 0.08 * (chance() - 0.5);
      return [
        from[0] + t * (to[0] - from[0]) - off * (to[1] - from[1]),
        from[1] + t * (to[1] - from[1]) + off * (to[0] - from[0]),
      ] as const;
    });
  const across = Array.from({ length: cols * (rows + 1) }, (_, i) => {
    const [col, row] = [i % cols, Math.floor(i / cols)];
    return side(cornerOf(col, row), cornerOf(col + 1, row), row === 0 || row === rows);
  });
  const up = Array.from({ length: (cols + 1) * rows }, (_, i) => {
    const [col, row] = [i % (cols + 1), Math.floor(i / (cols + 1))];
    return side(cornerOf(col, row), cornerOf(col, row + 1), col === 0 || col === cols);
  });
  return Array.from({ length: cols * rows }, (_, i) => {
    const [col, row] = [i % cols, Math.floor(i / cols)];
    const bottomSide = across[row * cols + col] ?? [];
    const topSide = across[(row + 1) * cols + col] ?? [];
    const leftSide = up[row * (cols + 1) + col] ?? [];
    const rightSide = up[row * (cols + 1) + col + 1] ?? [];
    const points = [
      ...bottomSide,
      ...rightSide,
      cornerOf(col + 1, row + 1),
      ...topSide.slice(1).toReversed(),
      cornerOf(col, row + 1),
      ...leftSide.slice(1).toReversed(),
    ];
    return [Float64Array.from(points.flat())];
  });
}

/** A layer of polygons, one a feature, with their columns. */
export function layerOfPolygons(
  polygons: readonly FramePolygon[],
  attributesOf: (feature: number) => Readonly<Record<string, string>> = (feature) => ({ id: String(feature + 1) }),
): ParcelLayer {
  return buildLayer({
    centre: { lonDeg: 120.75, latDeg: 30.75 },
    features: polygons.map((polygon, feature) => ({ polygons: [polygon], attributes: attributesOf(feature) })),
  });
}
