/** What one look says of each pixel. */
export interface SeriesLook {
  /** ISO-8601 */
  readonly date: string;
  /** px */
  readonly width: number;
  readonly height: number;
  /** probabilities of cover, `[class][row][col]`, 255 = 1 */
  readonly cover: Uint8Array;
  /** the network's input, `[band][row][col]`; absent bands 0 */
  readonly input: Float32Array;
  /** 1 where the ground was seen */
  readonly seen: Uint8Array;
}

/** Values of the network's input beyond which it learnt nothing. */
const largest = 4.25;
const roots = Float32Array.from({ length: 256 }, (_, value) => Math.sqrt(value / 255));

/**
 * What the network of a series model sees of each pixel of one look: roots of the cover probabilities and the encoder's
 * input of the pixel; their means over the pixel and its neighbours that were seen; deviations of the input over the same.
 * A field is even and an orchard is not, and the mean of a field wavers less than its pixels.
 *
 * @returns planes `[row][col]`, 2 · (classes + bands) + bands; 0 where not seen
 */
export function lookInputs(
  { cover, input, seen, width, height }: SeriesLook,
  bands: number,
  contextPx: number,
): readonly Float32Array[] {
  const count = width * height;
  const own = [
    ...Array.from({ length: cover.length / count }, (_, k) =>
      Float32Array.from(cover.subarray(k * count, (k + 1) * count), (value, i) => (seen[i] === 1 ? roots[value]! : 0)),
    ),
    ...Array.from({ length: bands }, (_, k) =>
      Float32Array.from(input.subarray(k * count, (k + 1) * count), (value, i) =>
        seen[i] === 1 ? Math.min(largest, Math.max(-largest, value)) : 0,
      ),
    ),
  ];
  const around = own.map((plane) => aroundOf(plane, { seen, width, height, contextPx }));
  return [...own, ...around.map(({ mean }) => mean), ...around.slice(-bands).map(({ deviation }) => deviation)];
}

interface Around {
  readonly seen: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly contextPx: number;
}

/** Mean and standard deviation over the square about each seen pixel, of what was seen of it. */
function aroundOf(
  plane: Float32Array,
  { seen, width, height, contextPx }: Around,
): { readonly mean: Float32Array; readonly deviation: Float32Array } {
  const [mean, deviation] = [new Float32Array(plane.length), new Float32Array(plane.length)];
  for (let row = 0, i = 0; row < height; row++) {
    const [top, bottom] = [Math.max(0, row - contextPx), Math.min(height - 1, row + contextPx)];
    for (let col = 0; col < width; col++, i++) {
      if (seen[i] === 0) continue;
      const [left, right] = [Math.max(0, col - contextPx), Math.min(width - 1, col + contextPx)];
      let [sum, squares, number] = [0, 0, 0];
      for (let r = top; r <= bottom; r++)
        for (let at = r * width + left, end = r * width + right; at <= end; at++) {
          if (seen[at] === 0) continue;
          sum += plane[at]!;
          squares += plane[at]! * plane[at]!;
          number++;
        }
      mean[i] = sum / number;
      deviation[i] = Math.sqrt(Math.max(0, squares / number - (sum / number) ** 2));
    }
  }
  return { mean, deviation };
}
