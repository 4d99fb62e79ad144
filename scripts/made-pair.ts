/**
 * A small made landscape at 10 m in two dates, with every change known: for tests and benches; `simulate/` makes the real ones.
 *
 * Nothing of it is real; reflectances are round figures of the usual size for each cover.
 */
export const madeBands = ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'] as const;

export type MadeCover = 'water' | 'trees' | 'crops' | 'built' | 'bare';

/** Reflectance by band in August; `vary` is the standard deviation between plots (fraction). */
const spectra: Readonly<Record<MadeCover, { readonly mean: readonly number[]; readonly vary: number }>> = {
  water: { mean: [0.07, 0.065, 0.045, 0.03, 0.018, 0.012], vary: 0.1 },
  trees: { mean: [0.035, 0.055, 0.032, 0.3, 0.13, 0.06], vary: 0.08 },
  crops: { mean: [0.045, 0.075, 0.05, 0.36, 0.17, 0.085], vary: 0.12 },
  built: { mean: [0.15, 0.165, 0.175, 0.21, 0.22, 0.2], vary: 0.15 },
  bare: { mean: [0.1, 0.135, 0.175, 0.25, 0.33, 0.28], vary: 0.1 },
};

export interface MadeChange {
  readonly col: number;
  readonly row: number;
  readonly width: number;
  readonly height: number;
  readonly into: MadeCover;
}

export interface MadePair {
  readonly sizePx: number;
  /** DN = reflectance × 10,000, order [band][row][col] */
  readonly before: Uint16Array;
  readonly after: Uint16Array;
  readonly changes: readonly MadeChange[];
  /** 1 = cloud over the pixel on the after date */
  readonly cloud: Uint8Array;
}

/** Mulberry32: a seeded generator of numbers in 0..1. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const covers: readonly MadeCover[] = ['water', 'trees', 'crops', 'built', 'bare'];

interface Land {
  readonly cover: Uint8Array;
  /** plot number of each pixel: pixels of one plot share their brightness */
  readonly plot: Uint16Array;
}

/** Plots of 8-24 px with canals, roads, villages, woods and ponds. */
function layOut(sizePx: number, random: () => number): Land {
  const cover = new Uint8Array(sizePx * sizePx).fill(covers.indexOf('crops'));
  const plot = new Uint16Array(sizePx * sizePx);
  let plots = 1;
  const fill = (col: number, row: number, width: number, height: number, kind: MadeCover, id: number): void => {
    for (let r = Math.max(0, row); r < Math.min(sizePx, row + height); r++)
      for (let c = Math.max(0, col); c < Math.min(sizePx, col + width); c++) {
        cover[r * sizePx + c] = covers.indexOf(kind);
        plot[r * sizePx + c] = id;
      }
  };
  const split = (col: number, row: number, width: number, height: number): void => {
    if (Math.max(width, height) > 24 || (Math.max(width, height) > 12 && random() < 0.6)) {
      const isWide = width >= height;
      const cut = Math.round((isWide ? width : height) * (0.35 + 0.3 * random()));
      if (isWide) {
        split(col, row, cut, height);
        split(col + cut, row, width - cut, height);
      } else {
        split(col, row, width, cut);
        split(col, row + cut, width, height - cut);
      }
      return;
    }
    const draw = random();
    const kind: MadeCover =
      draw < 0.8 ? 'crops' : draw < 0.87 ? 'trees' : draw < 0.92 ? 'water' : draw < 0.97 ? 'built' : 'bare';
    fill(col, row, width, height, kind, plots++);
  };
  split(0, 0, sizePx, sizePx);
  for (let line = 0; line < sizePx / 90; line++) {
    const at = Math.floor(random() * sizePx);
    const kind: MadeCover = line % 2 === 0 ? 'water' : 'built';
    const widthPx = 2 + Math.floor(random() * 3);
    if (random() < 0.5) fill(at, 0, widthPx, sizePx, kind, plots++);
    else fill(0, at, sizePx, widthPx, kind, plots++);
  }
  return { cover, plot };
}

/** DN of one date: plot brightness, a seasonal drift of vegetation, noise of 1.5 %, haze gain. */
function paint(
  land: Land,
  sizePx: number,
  season: readonly number[],
  plotRandom: () => number,
  noiseRandom: () => number,
): Float32Array {
  const pixels = sizePx * sizePx;
  const out = new Float32Array(pixels * madeBands.length);
  const brightness = Float32Array.from({ length: 65536 }, () => plotRandom() + plotRandom() + plotRandom() - 1.5);
  for (let band = 0; band < madeBands.length; band++)
    for (let i = 0; i < pixels; i++) {
      const kind = covers[land.cover[i]];
      const { mean, vary } = spectra[kind];
      const drift = kind === 'crops' || kind === 'trees' ? season[band] : 1;
      const noise = 1 + 0.03 * (noiseRandom() + noiseRandom() - 1);
      out[band * pixels + i] = mean[band] * (1 + vary * 1.4 * brightness[land.plot[i]]) * drift * noise;
    }
  return out;
}

/** 3 × 3 mean: edges mix as a sensor mixes them. */
function blur(image: Float32Array, sizePx: number): Float32Array {
  const out = new Float32Array(image.length);
  const pixels = sizePx * sizePx;
  for (let band = 0; band < image.length / pixels; band++)
    for (let r = 0; r < sizePx; r++)
      for (let c = 0; c < sizePx; c++) {
        let sum = 0;
        let weight = 0;
        for (let dr = -1; dr <= 1; dr++)
          for (let dc = -1; dc <= 1; dc++) {
            if (r + dr < 0 || r + dr >= sizePx || c + dc < 0 || c + dc >= sizePx) continue;
            const w = dr === 0 && dc === 0 ? 4 : 1;
            sum += w * image[band * pixels + (r + dr) * sizePx + c + dc];
            weight += w;
          }
        out[band * pixels + r * sizePx + c] = sum / weight;
      }
  return out;
}

function addCloud(image: Float32Array, sizePx: number, random: () => number): Uint8Array {
  const pixels = sizePx * sizePx;
  const mask = new Uint8Array(pixels);
  const [centreCol, centreRow, radius] = [sizePx * 0.82, sizePx * 0.16, sizePx * 0.09];
  const lobes = Array.from({ length: 9 }, () => [random() - 0.5, random() - 0.5, 0.4 + 0.6 * random()]);
  const opacityAt = (col: number, row: number): number =>
    Math.max(
      0,
      ...lobes.map(
        ([dx, dy, size]) =>
          1.25 - Math.hypot(col - centreCol - dx * radius * 1.6, row - centreRow - dy * radius) / (radius * size),
      ),
    );
  for (let r = 0; r < sizePx; r++)
    for (let c = 0; c < sizePx; c++) {
      const opacity = Math.min(1, opacityAt(c, r));
      const shade = 1 - 0.6 * Math.min(1, opacityAt(c + 14, r - 20));
      const i = r * sizePx + c;
      if (opacity > 0.1) mask[i] = 1;
      for (let band = 0; band < madeBands.length; band++) {
        const at = band * pixels + i;
        image[at] = image[at] * shade * (1 - opacity) + (0.62 - 0.03 * band) * opacity;
      }
    }
  return mask;
}

/**
 * @param sizePx side (px), ≥ 128
 * @param seed any integer; the same seed gives the same bytes
 * @param withCloud a cumulus with its shadow on the after date
 */
export function makePair(sizePx: number, seed: number, withCloud = true): MadePair {
  const random = seededRandom(seed);
  const before = layOut(sizePx, random);
  const after: Land = { cover: Uint8Array.from(before.cover), plot: Uint16Array.from(before.plot) };
  const kinds: readonly MadeCover[] = ['built', 'water', 'bare', 'built', 'trees'];
  const changes: MadeChange[] = [];
  for (let attempt = 0; attempt < 4000 && changes.length < Math.round((sizePx / 100) ** 2) + 4; attempt++) {
    const width = 6 + Math.floor(random() * 12);
    const height = 6 + Math.floor(random() * 12);
    const col = 4 + Math.floor(random() * (sizePx - width - 8));
    const row = 4 + Math.floor(random() * (sizePx - height - 8));
    const into = kinds[changes.length % kinds.length];
    const isFree = changes.every((other) => Math.abs(other.col - col) > 30 || Math.abs(other.row - row) > 30);
    let crops = 0;
    for (let r = row; r < row + height; r++)
      for (let c = col; c < col + width; c++) if (covers[before.cover[r * sizePx + c]] === 'crops') crops++;
    if (!isFree || crops < 0.97 * width * height) continue;
    changes.push({ col, row, width, height, into });
    for (let r = row; r < row + height; r++)
      for (let c = col; c < col + width; c++) {
        after.cover[r * sizePx + c] = covers.indexOf(into);
        after.plot[r * sizePx + c] = 65535 - changes.length;
      }
  }
  const plotSeed = Math.floor(random() * 2 ** 31);
  const first = blur(paint(before, sizePx, [1, 1, 1, 1, 1, 1], seededRandom(plotSeed), random), sizePx);
  const second = blur(
    paint(after, sizePx, [1.05, 1.02, 1.08, 0.92, 1.05, 1.06], seededRandom(plotSeed), random),
    sizePx,
  );
  const cloud = withCloud ? addCloud(second, sizePx, random) : new Uint8Array(sizePx * sizePx);
  const toDn = (image: Float32Array, gain: number): Uint16Array =>
    Uint16Array.from(image, (value) => Math.max(1, Math.round(value * gain * 10000)));
  return { sizePx, before: toDn(first, 1), after: toDn(second, 1.03), changes, cloud };
}
