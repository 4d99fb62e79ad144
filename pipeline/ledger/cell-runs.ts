import { AppError } from '../errors.ts';

/** Bytes as runs: value, then how often as a number of 7-bit groups, lowest first. */
export function encodeRuns(cells: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < cells.length;) {
    const value = cells[at]!;
    let end = at + 1;
    while (end < cells.length && cells[end] === value) end++;
    out.push(value);
    let count = end - at;
    for (; count > 127; count >>>= 7) out.push((count & 127) | 128);
    out.push(count);
    at = end;
  }
  return Uint8Array.from(out);
}

/**
 * @param count number of cells that the runs must fill
 * @throws AppError INPUT_INVALID where they do not
 */
export function decodeRuns(runs: Uint8Array, count: number): Uint8Array {
  const cells = new Uint8Array(count);
  let [at, filled] = [0, 0];
  while (at < runs.length) {
    const value = runs[at++]!;
    let [length, shift] = [0, 0];
    for (let more = true; more; shift += 7) {
      const group = runs[at++];
      if (group === undefined || shift > 28) throw misfit(filled, count);
      length += (group & 127) * 2 ** shift;
      more = group > 127;
    }
    if (filled + length > count) throw misfit(filled + length, count);
    cells.fill(value, filled, filled + length);
    filled += length;
  }
  if (filled !== count) throw misfit(filled, count);
  return cells;
}

function misfit(found: number, wanted: number): AppError {
  return new AppError(
    'INPUT_INVALID',
    `Cells of an observation are damaged: they fill ${found} of ${wanted}.`,
    'Restore the database, or run the scenes of that look again into a fresh data folder.',
  );
}
