import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fitPairStatistics, estimateShift, type PairBlock, type PairStatistics } from '../pipeline/pair/statistics.ts';
import { readOnGrid } from '../pipeline/raster/on-grid.ts';
import { openGeotiff } from '../pipeline/raster/geotiff.ts';
import { sampleWindows } from '../pipeline/tile/sample.ts';
import type { BandName, Raster, Window } from '../pipeline/types.ts';
import { openFileSource } from '../workers/images/file-source.ts';
import { openScene, type OpenScene } from '../workers/images/open-scene.ts';

/** Two dates of one place and, where somebody labelled it, what changed. */
export interface EvidencePair {
  readonly set: 'city' | 'taizhou' | 'belgium' | 'boadella' | 'shifted';
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** 0 not scored, 1 no change, 2 change */
  readonly labels: string | null;
  /** false: date 1 against itself one pixel aside, which registration is not told */
  readonly isRegistered: boolean;
}

const root = resolve(process.env['TIANWATCH_SHARED'] ?? '../shared', 'data');

/** All pairs of the shared folder; none where it is absent. */
export function evidencePairs(): readonly EvidencePair[] {
  return existsSync(root) ? [...cities(), ...taizhou(), ...series()] : [];
}

const tifs = (folder: string): readonly string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.tif'))
    .sort();

function cities(): readonly EvidencePair[] {
  return readdirSync(join(root, 's2_pairs'))
    .sort()
    .flatMap((name): EvidencePair[] => {
      const folder = join('s2_pairs', name);
      const files = tifs(folder);
      const dates = [...new Set(files.flatMap((file) => /_(\d{8})_/.exec(file)?.[1] ?? []))];
      const of = (date = '-'): string[] =>
        files.filter((file) => file.includes(date)).map((file) => join(root, folder, file));
      const mask = files.find((file) => file.endsWith('_mask.tif'));
      const labels = mask === undefined ? null : join(root, folder, mask);
      const pair = {
        set: 'city',
        name,
        before: of(dates[0]),
        after: of(dates[1]),
        labels,
        isRegistered: true,
      } as const;
      return [pair, { ...pair, set: 'shifted', after: pair.before, labels: null, isRegistered: false }];
    });
}

function taizhou(): readonly EvidencePair[] {
  const [before, after, labels] = tifs('taizhou_landsat').map((name) => join(root, 'taizhou_landsat', name));
  if (before === undefined || after === undefined || labels === undefined) return [];
  return [{ set: 'taizhou', name: 'taizhou', before: [before], after: [after], labels, isRegistered: true }];
}

/** Neighbours in time, and dates a few months apart. */
function series(): readonly EvidencePair[] {
  const cloudy = ['2020-01-13', '2020-01-18', '2020-01-23', '2021-06-26'];
  const pairsOf = (set: 'belgium' | 'boadella', folder: string, names: readonly string[]): EvidencePair[] =>
    [1, 3].flatMap((gap) =>
      names.slice(gap).map((name, i): EvidencePair => {
        const [before, after] = [names[i]!, name].map((file) => join(root, folder, file)) as [string, string];
        const label = `${names[i]!.slice(-14, -4)} ${name.slice(-14, -4)}`;
        return { set, name: label, before: [before], after: [after], labels: null, isRegistered: true };
      }),
    );
  const clear = tifs('boadella_series').filter((name) => !cloudy.some((date) => name.includes(date)));
  return [
    ...pairsOf('belgium', 'belgium_s2_12month', tifs('belgium_s2_12month')),
    ...pairsOf('boadella', 'boadella_series', clear),
  ];
}

export interface LoadedPair {
  readonly before: Raster;
  readonly after: Raster;
  readonly statistics: PairStatistics;
  /** as `EvidencePair.labels`, size of `before`; null = none */
  readonly labels: Uint8Array | null;
}

/** Read a whole pair on the grid of its first date, registered and with its statistics. */
export async function loadPair(pair: EvidencePair, bands: readonly BandName[]): Promise<LoadedPair> {
  const [first, second] = [await openScene({ files: [...pair.before] }), await openScene({ files: [...pair.after] })];
  const has = ({ scene }: OpenScene, name: BandName): boolean => scene.bands.some((band) => band.name === name);
  const evidence = bands.filter((name) => has(first, name) && has(second, name));
  const { grid } = first.scene;
  const read = (
    { scene, files }: OpenScene,
    window: Window,
    shiftPx = { col: 0, row: 0 },
  ): Promise<Raster<Float32Array>> =>
    readOnGrid({
      files,
      fileGrids: scene.files.map((file) => file.grid),
      bands: evidence.flatMap((name) => scene.bands.find((band) => band.name === name) ?? []),
      grid,
      window,
      shiftPx,
    });
  const blocksAt = async (shiftPx: { readonly col: number; readonly row: number }): Promise<PairBlock[]> => {
    const blocks: PairBlock[] = [];
    for (const window of sampleWindows(grid, 64)) {
      const [before, after] = [await read(first, window), await read(second, window, shiftPx)];
      const observed = new Uint8Array(window.width * window.height).map((_, i) =>
        isSeen(before, i) && isSeen(after, i) ? 1 : 0,
      );
      blocks.push({ before, after, observed });
    }
    return blocks;
  };
  const start = pair.isRegistered ? { col: 0, row: 0 } : { col: 1, row: 0 };
  const unshifted = await blocksAt(start);
  const measured = estimateShift(unshifted, evidence);
  const shift = { ...measured, isApplied: measured.isApplied && pair.isRegistered };
  const move = shift.isApplied ? { col: shift.colPx, row: shift.rowPx } : start;
  const statistics = fitPairStatistics(shift.isApplied ? await blocksAt(move) : unshifted, {
    shift,
    evidence,
    before: evidence,
    after: evidence,
    radiometry: { before: first.scene.radiometry, after: second.scene.radiometry },
  });
  const whole = { col: 0, row: 0, width: grid.width, height: grid.height };
  const loaded = {
    before: await read(first, whole),
    after: await read(second, whole, move),
    statistics,
    labels: pair.labels === null ? null : await readLabels(pair.labels, whole),
  };
  await first.close();
  await second.close();
  return loaded;
}

function isSeen(raster: Raster, at: number): boolean {
  const pixels = raster.width * raster.height;
  for (let band = 0; band < raster.bands; band++) if (Number.isNaN(raster.data[band * pixels + at]!)) return false;
  return true;
}

async function readLabels(path: string, { width, height }: Window): Promise<Uint8Array> {
  const file = await openGeotiff(await openFileSource(path));
  const [cols, rows] = [Math.min(width, file.width), Math.min(height, file.height)];
  const { data } = await file.readWindow({ col: 0, row: 0, width: cols, height: rows }, [0]);
  const out = new Uint8Array(width * height);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) out[row * width + col] = Number(data[row * cols + col]);
  }
  await file.close();
  return out;
}
