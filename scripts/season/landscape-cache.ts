import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { seedUse } from '../simulate/seed-use.ts';
import { landscapeSeries, type SimulatedParcel } from './landscape-series.ts';
import { readSeries, writeSeries } from './series-file.ts';

/** A simulated landscape as a recipe names it. */
export interface Landscape {
  readonly seed: number;
  /** px */
  readonly size: number;
  readonly looks: number;
}

const root = join(import.meta.dirname, '../..');

/** Parcels' series of a landscape: simulated and read where the folder does not hold them yet, else as they were then. */
export async function seriesOfLandscape(
  { seed, size, looks }: Landscape,
  folder: string,
): Promise<readonly SimulatedParcel[]> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `series-${seed}-${size}-${looks}.jsonl`);
  if (existsSync(path)) return readSeries(path);
  const scenes = join(folder, `landscape-${seed}`);
  rmSync(scenes, { recursive: true, force: true });
  const words = ['--seed', seed, '--size', size, '--looks', looks, '--use', seedUse(seed), '--out', scenes].map(String);
  execFileSync('npx', ['tsx', 'scripts/tianwatch.ts', 'simulate', ...words], { cwd: root, stdio: 'ignore' });
  const parcels: SimulatedParcel[] = [];
  for await (const parcel of landscapeSeries(scenes)) parcels.push(parcel);
  writeSeries(path, parcels);
  rmSync(scenes, { recursive: true });
  // the file rounds: what is said of a landscape must not depend on who made it
  return readSeries(path);
}
