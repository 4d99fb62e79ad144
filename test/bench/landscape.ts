const knot = (row: number, col: number) =>
  ((Math.imul((row * 73_856_093) ^ (col * 19_349_663), 0x9e37_79b1) >>> 8) & 0xffff) / 0x10000;

/**
 * A made class raster with the texture of land cover: smooth blobs, field edges, a touch of noise. Same seed, same pixels.
 *
 * @param cellPx size of the blobs (px)
 * @param classes codes 0..classes-1
 */
export function madeClasses(width: number, height: number, cellPx: number, classes: number): Uint8Array {
  const out = new Uint8Array(width * height);
  let noise = 1;
  for (let row = 0, at = 0; row < height; row++) {
    const knotRow = Math.floor(row / cellPx);
    const down = row / cellPx - knotRow;
    for (let col = 0; col < width; col++, at++) {
      const knotCol = Math.floor(col / cellPx);
      const across = col / cellPx - knotCol;
      const upper = knot(knotRow, knotCol) * (1 - across) + knot(knotRow, knotCol + 1) * across;
      const lower = knot(knotRow + 1, knotCol) * (1 - across) + knot(knotRow + 1, knotCol + 1) * across;
      noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
      const speck = noise >>> 24 === 0 ? 1 : 0;
      out[at] = (Math.floor((upper * (1 - down) + lower * down) * classes) + speck) % classes;
    }
  }
  return out;
}

/** Processor time of this process, all threads, since `process.cpuUsage()` gave `start` (s). */
export function cpuSeconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
