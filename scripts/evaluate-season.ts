import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { angiangBars } from './season/angiang.ts';
import { aquacultureBars } from './season/aquaculture.ts';
import { barLine, type Bar } from './season/bar.ts';
import { belgiumBars } from './season/belgium.ts';
import { plantingBars } from './season/planting-bars.ts';
import { orchardBars, readState, riceBars, usPaths } from './season/us-crops.ts';

const data = join(process.env['TIANWATCH_SHARED'] ?? join(import.meta.dirname, '../../shared'), 'data');
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
// landscapes are slow to make: what was read of them stays where TIANWATCH_TRAINING says
const series = process.env['TIANWATCH_TRAINING'] ?? join(import.meta.dirname, '../models/training/work');
const work = mkdtempSync(join(tmpdir(), 'tianwatch-season-'));
const all: Readonly<Record<string, () => Promise<readonly Bar[]>>> = {
  belgium: () => belgiumBars(data, work),
  aquaculture: () => aquacultureBars(data, work),
  rice: () => {
    const { arkansas, california } = usPaths(data);
    return riceBars({ arkansas: readState(arkansas), california: readState(california) }, work);
  },
  angiang: () => angiangBars(data, work),
  planting: () => plantingBars(series, { size: 512, looks: 24 }),
  'planting-dense': () => plantingBars(series, { size: 256, looks: 60 }),
  orchard: () => orchardBars(readState(usPaths(data).california), work),
};
try {
  for (const name of wanted.length > 0 ? wanted : Object.keys(all))
    for (const bar of await all[name]!()) process.stdout.write(`${barLine(bar)}\n`);
} finally {
  rmSync(work, { recursive: true });
}
