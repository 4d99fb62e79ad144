import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One table to be fitted by `models/training/season/fit.py`. */
export interface Fit {
  readonly name: string;
  readonly kind: 'forest' | 'kernel' | 'net';
  readonly dataset: string;
  readonly rows: readonly number[];
  readonly labels: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
}

const script = join(import.meta.dirname, '../../models/training/season/fit.py');
const run = promisify(execFile);

/** Debian's python3-sklearn; `TIANWATCH_PYTHON` names another. */
export const python = (): string => process.env['TIANWATCH_PYTHON'] ?? '/usr/bin/python3';

/**
 * Fit tables in Python and read them back.
 *
 * @param datasets rows of float32 features by name
 * @returns bytes by the fits' names
 */
export async function fitTables(
  folder: string,
  datasets: Readonly<Record<string, readonly Float32Array[]>>,
  fits: readonly Fit[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  mkdirSync(folder, { recursive: true });
  const described: Record<string, { features: string; columns: number }> = {};
  for (const [name, rows] of Object.entries(datasets)) {
    const columns = rows[0]!.length;
    const flat = new Float32Array(rows.length * columns);
    rows.forEach((row, i) => flat.set(row, i * columns));
    const features = join(folder, `${name}.f32`);
    writeFileSync(features, Buffer.from(flat.buffer));
    described[name] = { features, columns };
  }
  const outOf = (name: string): string => join(folder, `${name}.table`);
  const job = join(folder, 'job.json');
  const told = fits.map(({ name, settings, ...fit }) => ({ ...fit, ...settings, out: outOf(name) }));
  writeFileSync(job, JSON.stringify({ datasets: described, fits: told }));
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  await run(python(), [script, job], { env, maxBuffer: 1 << 24 });
  return new Map(fits.map(({ name }) => [name, readFileSync(outOf(name))]));
}
