import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FramePolygon } from '../../pipeline/parcel/layer.ts';
import { overlay } from '../../pipeline/parcel/overlay.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { layerOfPolygons, madeMosaic, seededChance } from '../support/made-parcels.ts';
import { runShapely, shapelyVersion } from '../support/shapely-python.ts';
import { cpuSeconds } from './landscape.ts';

const rounds = 3;
const patchCount = 5000;
// 100,000 parcels of 20 points and about 1 ha, as a county's survey has them
export const mosaic = { seed: 11, cols: 400, rows: 250, sideM: 105, pointsPerSide: 4, x: -21_000, y: -13_000 };

export interface OverlayFigures {
  readonly parcels: number;
  readonly parcelVertices: number;
  readonly patches: number;
  readonly patchVertices: number;
  readonly pairs: number;
  readonly indexSeconds: number;
  readonly overlaySeconds: number;
  /** null: shapely is absent */
  readonly shapely: {
    readonly version: string;
    readonly indexSeconds: number;
    readonly overlaySeconds: number;
    readonly worstM2: number;
  } | null;
  /** shapely's seconds of overlay by ours */
  readonly ratio: number | null;
  /** the same with the index made in both */
  readonly ratioWithIndex: number | null;
}

/**
 * Outline of 10 m pixels: rows that overlap the one below, turned by the convergence of the grid; about 30 points.
 *
 * @param at its lower left corner, frame metres; anywhere in the mosaic where it is left out
 */
export function madePatch(chance: () => number, at?: readonly [number, number]): FramePolygon {
  const rows = 6 + Math.floor(4 * chance());
  const lefts: number[] = [];
  const rights: number[] = [];
  let [left, right] = [0, 4 + Math.floor(4 * chance())];
  for (let row = 0; row < rows; row++) {
    lefts.push(left);
    rights.push(right);
    const nextLeft = Math.min(right - 1, left + Math.floor(5 * chance()) - 2);
    right = Math.max(left + 1, nextLeft + 2, right + Math.floor(5 * chance()) - 2);
    left = nextLeft;
  }
  const outline = [
    ...rights.flatMap((x, row) => [
      [x, row],
      [x, row + 1],
    ]),
    ...lefts
      .flatMap((x, row) => [
        [x, row],
        [x, row + 1],
      ])
      .toReversed(),
  ] as [number, number][];
  const corners = outline.filter(([x, y], i) => {
    const [before, after] = [outline.at(i - 1), outline[(i + 1) % outline.length]] as [
      [number, number],
      [number, number],
    ];
    return !(x === before[0] && x === after[0]) && !(x === after[0] && y === after[1]);
  });
  const [x0, y0] = at ?? [mosaic.x + 41_800 * chance(), mosaic.y + 26_000 * chance()];
  const [cos, sin] = [10 * Math.cos(0.011), 10 * Math.sin(0.011)];
  return [Float64Array.from(corners.flatMap(([x, y]) => [x0 + cos * x - sin * y, y0 + sin * x + cos * y]))];
}

/** Shapely 2 overlays arrays at once, 1.8 one pair at a time; each in the quickest way it has. */
const shapelyProgram = `
import time
from shapely.strtree import STRtree
is_new = int(shapely.__version__.split('.')[0]) >= 2
def load(name):
    xy = np.fromfile(given[name] + '.xy', np.float64).reshape(-1, 2)
    ends = np.fromfile(given[name] + '.ends', np.uint32)
    if is_new:
        rings = shapely.linearrings(xy, indices=np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)))
        return shapely.polygons(rings)
    from shapely.geometry import Polygon
    return [Polygon(ring) for ring in np.split(xy, ends[:-1])]
parcels, patches = load('parcels'), load('patches')
best_index, best = 1e9, 1e9
for _ in range(given['rounds']):
    t = time.process_time()
    tree = STRtree(parcels)
    if is_new:
        tree.query(patches[0])
    else:
        position = {id(parcel): i for i, parcel in enumerate(parcels)}
        tree.query(patches[0])
    best_index = min(best_index, time.process_time() - t)
    for way in (['boxes', 'intersects'] if is_new else ['boxes']):
        t = time.process_time()
        if is_new:
            a, b = tree.query(patches, predicate=None if way == 'boxes' else way)
            areas = shapely.area(shapely.intersection(patches[a], parcels[b]))
        else:
            found = [(i, position[id(parcel)], patch.intersection(parcel).area)
                     for i, patch in enumerate(patches) for parcel in tree.query(patch)]
        best = min(best, time.process_time() - t)
        if not is_new:
            a, b, areas = (np.array(column) for column in zip(*found))
np.stack([a, b, areas]).T.astype(np.float64).tofile(given['out'])
print(json.dumps(dict(index=best_index, overlay=best)))
`;

function runPeer(parcels: readonly FramePolygon[], patches: readonly FramePolygon[]) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-overlay-'));
  const write = (name: string, polygons: readonly FramePolygon[]) => {
    let end = 0;
    const ends = Uint32Array.from(polygons, ([ring]) => (end += (ring?.length ?? 0) / 2));
    writeFileSync(join(folder, `${name}.ends`), ends);
    writeFileSync(join(folder, `${name}.xy`), Float64Array.from(polygons.flatMap(([ring]) => [...(ring ?? [])])));
    return join(folder, name);
  };
  try {
    const out = join(folder, 'out');
    const input = { parcels: write('parcels', parcels), patches: write('patches', patches), out, rounds };
    const seconds = runShapely(shapelyProgram, input) as { index: number; overlay: number };
    const bytes = readFileSync(out);
    return { ...seconds, rows: new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Areas that 5,000 patches share with 100,000 parcels beside shapely's STRtree, intersection and area on the same
 * coordinates, polygons ready in memory on both sides, one thread each; best of three, seconds of processor time.
 */
export function benchOverlay(): OverlayFigures {
  const chance = seededChance(12);
  const patches = Array.from({ length: patchCount }, () => madePatch(chance));
  const layer = layerOfPolygons(madeMosaic(mosaic));
  const [coordinates, starts] = [layer.coordinates, layer.ringStarts];
  // both get the coordinates as the layer keeps them
  const parcels = Array.from({ length: layer.featureCount }, (_, i) => [
    coordinates.subarray(2 * (starts[i] as number), 2 * (starts[i + 1] as number)),
  ]);
  let [indexSeconds, overlaySeconds] = [Infinity, Infinity];
  const areas = new Map<number, number>();
  for (let round = 0; round < rounds; round++) {
    let start = process.cpuUsage();
    const index = openParcelIndex(layer);
    indexSeconds = Math.min(indexSeconds, cpuSeconds(start));
    start = process.cpuUsage();
    const found = patches.map((patch) => overlay(index, patch));
    overlaySeconds = Math.min(overlaySeconds, cpuSeconds(start));
    found.forEach((shares, patch) =>
      shares.forEach(({ feature, areaM2 }) => areas.set(patch * layer.featureCount + feature, areaM2)),
    );
  }
  const figures = {
    parcels: layer.featureCount,
    parcelVertices: coordinates.length / 2,
    patches: patches.length,
    patchVertices: patches.reduce((sum, [ring]) => sum + (ring?.length ?? 0) / 2, 0),
    pairs: areas.size,
    indexSeconds,
    overlaySeconds,
  };
  if (shapelyVersion === null) return { ...figures, shapely: null, ratio: null, ratioWithIndex: null };
  const { index, overlay: seconds, rows } = runPeer(parcels, patches);
  let worstM2 = 0;
  const missing = new Set(areas.keys());
  for (let i = 0; i < rows.length; i += 3) {
    const pair = (rows[i] as number) * layer.featureCount + (rows[i + 1] as number);
    missing.delete(pair);
    worstM2 = Math.max(worstM2, Math.abs((rows[i + 2] as number) - (areas.get(pair) ?? 0)));
  }
  if (missing.size > 0 || worstM2 > 1e-5)
    throw new Error(`areas differ from shapely's by up to ${worstM2} m², ${missing.size} pairs are ours alone`);
  return {
    ...figures,
    shapely: { version: shapelyVersion, indexSeconds: index, overlaySeconds: seconds, worstM2 },
    ratio: seconds / overlaySeconds,
    ratioWithIndex: (seconds + index) / (overlaySeconds + indexSeconds),
  };
}

if (process.argv[1]?.endsWith('bench/overlay.ts')) process.stdout.write(`${JSON.stringify(benchOverlay())}\n`);
