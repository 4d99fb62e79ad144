import { readFileSync, writeFileSync } from 'node:fs';
import type { BandName } from '../../pipeline/types.ts';
import type { SimulatedParcel } from './landscape-series.ts';

/** Reflectances are kept to 1e-4, as scenes hold them. */
const digits = 1e4;

interface StoredParcel extends Omit<SimulatedParcel, 'series'> {
  readonly series: {
    readonly dates: readonly string[];
    readonly bands: Readonly<Partial<Record<BandName, readonly (number | null)[]>>>;
  };
}

/** Series of parcels as JSON lines; null = not seen. */
export function writeSeries(path: string, parcels: readonly SimulatedParcel[]): void {
  const lines = parcels.map(({ series, ...rest }) => {
    const bands = Object.fromEntries(
      Object.entries(series.bands).map(([name, values]) => [
        name,
        Array.from(values, (value) => (Number.isFinite(value) ? Math.round(value * digits) / digits : null)),
      ]),
    );
    return JSON.stringify({ ...rest, series: { dates: series.dates, bands } });
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
}

export function readSeries(path: string): readonly SimulatedParcel[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const stored = JSON.parse(line) as StoredParcel;
    const bands = Object.fromEntries(
      Object.entries(stored.series.bands).map(([name, values]) => [
        name,
        Float32Array.from(values, (value) => value ?? Number.NaN),
      ]),
    );
    return { ...stored, series: { dates: stored.series.dates, bands } };
  });
}
