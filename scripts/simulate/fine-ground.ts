import { bandCount, joined, plotSpectra } from './appearance.ts';
import { covers } from './cover.ts';
import type { Canvas } from './fill.ts';
import { drawPlots, touch, type Drawing, type Touch } from './fine-pattern.ts';
import { castRelief, type Direction } from './fine-relief.ts';
import type { Look } from './look.ts';
import { paintLabels, type Painting } from './painting.ts';
import { bellTable, hash32, hashFraction } from './random.ts';
import { blurReachPx, type SimulatedSensor } from './sensor.ts';

/** Nothing stands taller than this in what is drawn (m). */
const tallestM = 24;
/** Skylight in a shadow by band, and light of a wall. */
const shadowLight = [0.46, 0.38, 0.33, 0.27] as const;
const wallLight = 0.72;
const degree = Math.PI / 180;

/** Light of the ground before the sensor, `[band][row][col]` with a rim of `blurReachPx`, at a few metres. */
export type FineGround = (fromRow: number, count: number) => Float32Array;

function directionsOf(look: Look, seed: number): { readonly shadow: Direction; readonly lean: Direction } {
  const azimuth = look.sunAzimuthDeg * degree;
  const isEast = hashFraction(seed, look.index, 421) < 0.5;
  const from = ((isEast ? 100 : 280) + 24 * (hashFraction(seed, look.index, 422) - 0.5)) * degree;
  const offNadir = (2 + 16 * hashFraction(seed, look.index, 423)) * degree;
  return {
    shadow: { x: -Math.sin(azimuth), y: -Math.cos(azimuth), perM: Math.tan(look.sunZenithDeg * degree) },
    lean: { x: -Math.sin(from), y: -Math.cos(from), perM: Math.tan(offNadir) },
  };
}

/** Plots with their rows, roofs with their shadows, seen from the side. */
export function openFineGround(
  painting: Painting,
  look: Look,
  { sensor, sizePx }: { readonly sensor: SimulatedSensor; readonly sizePx: number },
): FineGround {
  const { sketch, drawn, sideM, land, changed } = painting;
  const { seed } = sketch;
  const { gsdM, subPx, bands } = sensor;
  const plots = { seed, coverOf: sketch.plots.coverOf(), parcelOf: sketch.plots.parcelOf() };
  const changePlots = { seed: seed + 1, coverOf: drawn.plots.coverOf(), parcelOf: drawn.plots.parcelOf() };
  const spectraOf = (part: 'on' | 'off') =>
    joined(plotSpectra(plots, look.day, part), plotSpectra(changePlots, look.day, part));
  const [on, off] = [spectraOf('on'), spectraOf('off')];
  const drawings: readonly [Drawing, Drawing] = [
    drawPlots(land, plots.coverOf, seed),
    drawPlots(changed, changePlots.coverOf, seed + 1),
  ];
  const heightOf = joined(drawings[0].heightM, drawings[1].heightM);
  const textures = Float32Array.from([...plots.coverOf, ...changePlots.coverOf], (cover) => covers[cover]!.texture);
  const directions = directionsOf(look, seed);
  const { shadow } = directions;
  const sun = { x: -shadow.x, y: -shadow.y, shadowPerM: shadow.perM };
  const stepM = gsdM / subPx;
  const reach = Math.ceil((tallestM * Math.max(shadow.perM, directions.lean.perM)) / stepM / subPx) * subPx;
  const wide = sizePx + 2 * blurReachPx;
  const textureSeed = hash32(seed, 81, look.day);
  const now: Touch = { light: 1, isRow: false };
  let labels = new Int32Array(0);

  return (fromRow, count) => {
    const tall = count + 2 * blurReachPx;
    const [width, height] = [wide * subPx + 2 * reach, tall * subPx + 2 * reach];
    if (labels.length !== width * height) labels = new Int32Array(width * height);
    const leftM = (look.shiftPx.col - blurReachPx) * gsdM - reach * stepM;
    const topM = sideM - (fromRow + look.shiftPx.row - blurReachPx) * gsdM + reach * stepM;
    const canvas: Canvas = { labels, width, height, leftM, topM, stepM };
    paintLabels(painting, canvas, look.day);
    const { seen, light } = castRelief(labels, { width, stepM }, heightOf, directions);
    const pixels = tall * wide;
    const out = new Float32Array(bands * pixels);
    const sums = new Float64Array(bands);
    for (let row = 0, i = 0; row < tall; row++)
      for (let col = 0; col < wide; col++, i++) {
        sums.fill(0);
        let found = 0;
        let grain = 0;
        for (let r = 0; r < subPx; r++)
          for (let c = 0; c < subPx; c++) {
            const at = (row * subPx + r + reach) * width + col * subPx + c + reach;
            const label = seen[at]!;
            if (label < 0) continue;
            found++;
            grain += textures[label]!;
            const isLand = label < land.count;
            const x = leftM + (col * subPx + c + reach + 0.5) * stepM;
            const y = topM - (row * subPx + r + reach + 0.5) * stepM;
            touch(isLand ? drawings[0] : drawings[1], isLand ? label : label - land.count, x, y, sun, now);
            const spectra = now.isRow ? on : off;
            const lit = light[at] === 2 ? wallLight : now.light;
            const isShaded = light[at] === 1;
            for (let band = 0, k = label * bandCount; band < bands; band++, k++)
              sums[band]! += spectra[k]! * lit * (isShaded ? shadowLight[band]! : 1);
          }
        if (found === 0) continue;
        const key = hash32(fromRow + row - blurReachPx, col, seed);
        const passing = bellTable[Math.imul(key ^ textureSeed, 0x85ebca6b) >>> 16]!;
        const noise = 1 + (grain / found) * 0.5 * (bellTable[key & 65_535]! + passing);
        for (let band = 0; band < bands; band++) out[band * pixels + i] = (sums[band]! * noise) / found;
      }
    return out;
  };
}
