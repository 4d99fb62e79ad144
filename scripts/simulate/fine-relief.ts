/** Labels as seen from above, and how each sub-pixel is lit. */
export interface Relief {
  /** what a sensor that looks from the side sees: tall things lean over what stands behind them */
  readonly seen: Int32Array;
  /** 0 lit, 1 in the shadow of something tall, 2 a wall */
  readonly light: Uint8Array;
}

export interface Direction {
  /** unit vector on the ground, x east, y north */
  readonly x: number;
  readonly y: number;
  /** m on the ground a m of height */
  readonly perM: number;
}

/**
 * Shadows and leaning walls of what stands on a canvas; both reach no farther than the canvas.
 *
 * @param heightOf height of each label (m)
 * @param shadow where shadows fall, away from the sun
 * @param lean where roofs are displaced to, away from the sensor
 */
export function castRelief(
  labels: Int32Array,
  { width, stepM }: { readonly width: number; readonly stepM: number },
  heightOf: Float32Array,
  { shadow, lean }: { readonly shadow: Direction; readonly lean: Direction },
): Relief {
  const height = labels.length / width;
  const seen = Int32Array.from(labels);
  const light = new Uint8Array(labels.length);
  const top = new Float32Array(labels.length);
  const shade = new Float32Array(labels.length);
  const ground = Float32Array.from(labels, (label) => (label < 0 ? 0 : heightOf[label]!));
  const each = (
    at: number,
    tall: number,
    { x, y, perM }: Direction,
    put: (to: number, distanceM: number) => void,
  ): void => {
    const steps = Math.floor((tall * perM) / stepM);
    const [row, col] = [Math.floor(at / width), at % width];
    for (let k = 1; k <= steps; k++) {
      const [r, c] = [row - Math.round(k * y), col + Math.round(k * x)];
      if (r < 0 || c < 0 || r >= height || c >= width) return;
      put(r * width + c, k * stepM);
    }
  };
  for (let i = 0; i < labels.length; i++) {
    const tall = ground[i]!;
    if (tall < 0.8) continue;
    each(i, tall, shadow, (to, distanceM) => {
      shade[to] = Math.max(shade[to]!, tall - distanceM / shadow.perM);
    });
    if (lean.perM * tall < stepM) {
      top[i] = Math.max(top[i]!, tall);
      continue;
    }
    // its foot shows the wall where no roof is displaced onto it
    if (top[i] === 0) light[i] = 2;
    each(i, tall, lean, (to, distanceM) => {
      const z = distanceM / lean.perM;
      if (z <= top[to]! + 0.2) return;
      top[to] = z;
      seen[to] = labels[i]!;
      light[to] = z > tall - stepM / lean.perM ? 0 : 2;
    });
  }
  for (let i = 0; i < labels.length; i++) if (light[i] === 0 && shade[i]! > top[i]! + 0.3) light[i] = 1;
  return { seen, light };
}
