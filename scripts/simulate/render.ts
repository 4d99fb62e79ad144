import { bandCount, joined, plotSpectra } from './appearance.ts';
import { covers } from './cover.ts';
import type { Canvas } from './fill.ts';
import type { Look } from './look.ts';
import { openBlur } from './blur.ts';
import { openFineGround } from './fine-ground.ts';
import { paintLabels, type Painting } from './painting.ts';
import { openPanSharpening } from './pan-sharpening.ts';
import { blurKernel, blurReachPx, type SimulatedSensor } from './sensor.ts';
import type { Sky } from './sky.ts';
import { bellTable, hash32 } from './random.ts';

export interface LookRenderer {
  /** DN of rows, `[band][row][col]` */
  rows(fromRow: number, count: number): Uint16Array;
}

/** Planes of what the sensor gathers from the ground, through clear air, without a rim. */
type Gathered = (fromRow: number, count: number) => readonly Float32Array[];

/** Scattered light of a full veil, and the light it takes away, by band: falls with the wavelength. */
const hazePath = [0.062, 0.046, 0.034, 0.018, 0.006, 0.003] as const;
const hazeLoss = [0.16, 0.13, 0.1, 0.06, 0.03, 0.02] as const;
const cloudLight = [0.6, 0.59, 0.58, 0.58, 0.44, 0.33] as const;
/** Light that is left under a cloud: skylight, mostly blue. */
const shadeLight = [0.52, 0.46, 0.42, 0.36, 0.32, 0.3] as const;

/** The ground as mixed pixels of plots. */
function openCoarseGround(painting: Painting, look: Look, { sensor, sizePx }: Camera): Gathered {
  const { sketch, drawn, sideM } = painting;
  const { seed } = sketch;
  const { gsdM, subPx, bands } = sensor;
  const plots = { seed, coverOf: sketch.plots.coverOf(), parcelOf: sketch.plots.parcelOf() };
  const changePlots = { seed: seed + 1, coverOf: drawn.plots.coverOf(), parcelOf: drawn.plots.parcelOf() };
  const spectra = joined(plotSpectra(plots, look.day), plotSpectra(changePlots, look.day));
  const textures = Float32Array.from(covers, ({ texture }) => texture * (gsdM < 5 ? 1.5 : 1));
  const landCount = plots.coverOf.length;
  const coverAt = new Uint8Array(landCount + changePlots.coverOf.length);
  coverAt.set(plots.coverOf);
  coverAt.set(changePlots.coverOf, landCount);
  const blurs = sensor.blurPx.map((sigmaPx) => openBlur(blurKernel(sigmaPx)));
  const wide = sizePx + 2 * blurReachPx;
  const textureSeed = hash32(seed, 81, look.day);

  let labels = new Int32Array(0);
  let clear = new Float32Array(0);
  const sums = new Float64Array(bandCount);

  const radiance = (fromRow: number, count: number): void => {
    const tall = count + 2 * blurReachPx;
    const cells = tall * wide * subPx * subPx;
    if (labels.length < cells) labels = new Int32Array(cells);
    const canvas: Canvas = {
      labels: labels.subarray(0, cells),
      width: wide * subPx,
      height: tall * subPx,
      leftM: (look.shiftPx.col - blurReachPx) * gsdM,
      topM: sideM - (fromRow + look.shiftPx.row - blurReachPx) * gsdM,
      stepM: gsdM / subPx,
    };
    paintLabels(painting, canvas, look.day);
    const pixels = tall * wide;
    if (clear.length < bands * pixels) clear = new Float32Array(bands * pixels);
    const out = clear;
    const middle = Math.floor(subPx / 2) * (canvas.width + 1);
    for (let row = 0, i = 0; row < tall; row++)
      for (let col = 0; col < wide; col++, i++) {
        const corner = row * subPx * canvas.width + col * subPx;
        const centre = Math.max(0, labels[corner + middle]!);
        const key = hash32(fromRow + row - blurReachPx, col, seed);
        const passing = bellTable[Math.imul(key ^ textureSeed, 0x85ebca6b) >>> 16]!;
        const light = 1 + textures[coverAt[centre]!]! * 0.7 * (bellTable[key & 65_535]! + passing);
        if (isEven(labels, corner, canvas.width, subPx)) {
          for (let band = 0, k = centre * bandCount; band < bands; band++, k++)
            out[band * pixels + i] = spectra[k]! * light;
          continue;
        }
        sums.fill(0);
        let found = 0;
        for (let r = 0; r < subPx; r++)
          for (let c = 0, at = corner + r * canvas.width; c < subPx; c++, at++) {
            const label = labels[at]!;
            if (label < 0) continue;
            found++;
            for (let band = 0, k = label * bandCount; band < bands; band++, k++) sums[band]! += spectra[k]!;
          }
        for (let band = 0; band < bands; band++) out[band * pixels + i] = (sums[band]! * light) / Math.max(1, found);
      }
  };

  return (fromRow, count) => {
    radiance(fromRow, count);
    const plane = (count + 2 * blurReachPx) * wide;
    return blurs.map((blur, band) => blur(clear.subarray(band * plane, (band + 1) * plane), wide, count));
  };
}

/** The ground with its rows, shadows and walls, pan-sharpened where there is a panchromatic band. */
function openSharpGround(painting: Painting, look: Look, camera: Camera): Gathered {
  const ground = openFineGround(painting, look, camera);
  const wide = camera.sizePx + 2 * blurReachPx;
  const { blurPx, id } = camera.sensor;
  if (id === 'uav') {
    const blurs = blurPx.map((sigmaPx) => openBlur(blurKernel(sigmaPx)));
    return (fromRow, count) => {
      const planes = ground(fromRow, count);
      const plane = planes.length / blurs.length;
      return blurs.map((blur, band) => blur(planes.subarray(band * plane, (band + 1) * plane), wide, count));
    };
  }
  const sharpen = openPanSharpening(look, { sensor: camera.sensor, seed: painting.sketch.seed });
  return (fromRow, count) => sharpen(ground(fromRow, count), wide, count);
}

interface Camera {
  readonly sensor: SimulatedSensor;
  readonly sizePx: number;
}

/** Renders one look row by row; memory is a few rows and the spectra of all plots. */
export function openLook(
  painting: Painting,
  look: Look,
  { sensor, sky, sizePx }: Camera & { readonly sky: Sky },
): LookRenderer {
  const { sideM, sketch } = painting;
  const { gsdM, bands } = sensor;
  const isSharp = sketch.isFine && gsdM < 5;
  const gathered = (isSharp ? openSharpGround : openCoarseGround)(painting, look, { sensor, sizePx });
  const noiseSeed = hash32(sketch.seed, 82, look.index);
  return {
    rows(fromRow, count) {
      const ground = gathered(fromRow, count);
      const out = new Uint16Array(bands * count * sizePx);
      for (let row = 0, i = 0; row < count; row++)
        for (let col = 0; col < sizePx; col++, i++) {
          const x = (col + 0.5) * gsdM;
          const y = sideM - (fromRow + row + 0.5) * gsdM;
          const haze = sky.haze(x, y);
          const hidden = sky.opacity(x, y);
          const shaded = sky.shade(x, y);
          const key = hash32(noiseSeed, fromRow + row, col);
          for (let band = 0; band < bands; band++) {
            const lit = ground[band]![i]! * look.gain[band]! * (1 - shaded * (1 - shadeLight[band]!));
            const hazed = lit * (1 - haze * hazeLoss[band]!) + haze * hazePath[band]!;
            const seen = hazed * (1 - hidden) + hidden * cloudLight[band]! * (0.82 + 0.3 * hidden);
            const bell = bellTable[Math.imul(key, 2 * band + 0x9e3779b1) >>> 16]!;
            const dn = (seen + (sensor.noise + sensor.noiseFraction * seen) * bell) * 10_000;
            out[band * count * sizePx + i] = Math.min(65_535, Math.max(1, Math.round(dn)));
          }
        }
      return out;
    },
  };
}

/** Whether one plot fills the pixel. */
function isEven(labels: Int32Array, corner: number, width: number, subPx: number): boolean {
  const first = labels[corner]!;
  for (let r = 0; r < subPx; r++)
    for (let c = 0, at = corner + r * width; c < subPx; c++, at++) if (labels[at] !== first) return false;
  return first >= 0;
}
