import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { hasGdalPython } from '../support/gdal-python.ts';
import { benchOverlay } from './overlay.ts';
import { benchPolygonise } from './polygonise.ts';
import { benchQueue, overheadBar } from './queue.ts';
import { benchRead } from './read.ts';
import { benchTrack } from './track.ts';
import { benchVector } from './vector.ts';
import { benchWarp } from './warp.ts';
import { benchWholeRun } from './whole-run.ts';
import { benchWrite } from './write.ts';

/** A figure beside its peer's of the same run. */
interface Line {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  /** null: the peer is absent */
  readonly ratio: number | null;
  /** the ratio must reach this */
  readonly floor?: number;
}

interface Bench {
  readonly name: string;
  readonly needsGdal?: true;
  readonly measure: () => Promise<{ readonly figures: unknown; readonly lines: readonly Line[] }>;
}

const speed = (value: number | null): string => (value === null ? '-' : `${value.toFixed(1)} Mpx/s`);
const time = (value: number | undefined): string => (value === undefined ? '-' : `${value.toFixed(2)} s`);

const benches: readonly Bench[] = [
  {
    name: 'read',
    needsGdal: true,
    async measure() {
      const figures = await benchRead();
      const { ourMpxPerS, gdalMpxPerS, readRastersMpxPerS, ofGdal, ofReadRasters } = figures;
      const ours = speed(ourMpxPerS);
      return {
        figures,
        lines: [
          { what: 'read, of GDAL', ours, peer: speed(gdalMpxPerS), ratio: ofGdal, floor: 0.6 },
          { what: 'read, of readRasters', ours, peer: speed(readRastersMpxPerS), ratio: ofReadRasters, floor: 5 },
        ],
      };
    },
  },
  {
    name: 'write',
    async measure() {
      const figures = await benchWrite();
      const { ourMpxPerS, gdalMpxPerS, ratio } = figures;
      return {
        figures,
        lines: [{ what: 'write COG, of GDAL', ours: speed(ourMpxPerS), peer: speed(gdalMpxPerS), ratio }],
      };
    },
  },
  {
    name: 'warp',
    async measure() {
      const figures = await benchWarp();
      const { warped, gdalWarped, ratio } = figures;
      return { figures, lines: [{ what: 'warp, of GDAL', ours: speed(warped), peer: speed(gdalWarped), ratio }] };
    },
  },
  {
    name: 'polygonise',
    async measure() {
      const figures = benchPolygonise();
      const { ourSeconds, gdalSeconds, ratio } = figures;
      const peer = time(gdalSeconds ?? undefined);
      return { figures, lines: [{ what: 'polygonise, times faster than GDAL', ours: time(ourSeconds), peer, ratio }] };
    },
  },
  {
    name: 'vector',
    async measure() {
      const figures = await benchVector();
      const { ourSeconds, packageSeconds, ogr, ofOgr, ofPackage } = figures;
      const ours = time(ourSeconds);
      const ofInfo = ogr === null ? null : ogr.infoSeconds / ourSeconds;
      return {
        figures,
        lines: [
          { what: 'read survey, by ogr2ogr to memory', ours, peer: time(ogr?.copySeconds), ratio: ofOgr },
          { what: '  by ogrinfo -al', ours, peer: time(ogr?.infoSeconds), ratio: ofInfo },
          { what: '  by the package shapefile', ours, peer: time(packageSeconds), ratio: ofPackage },
        ],
      };
    },
  },
  {
    name: 'overlay',
    async measure() {
      const figures = benchOverlay();
      const { overlaySeconds, indexSeconds, shapely, ratio, ratioWithIndex } = figures;
      if (shapely === null) process.stderr.write('overlay: the peer is skipped: python3-shapely is absent\n');
      const withIndex = shapely === null ? undefined : shapely.overlaySeconds + shapely.indexSeconds;
      return {
        figures,
        lines: [
          {
            what: `overlay, times faster than shapely ${shapely?.version ?? ''}`.trimEnd(),
            ours: time(overlaySeconds),
            peer: time(shapely?.overlaySeconds),
            ratio,
            floor: 1.5,
          },
          {
            what: '  with the index made',
            ours: time(overlaySeconds + indexSeconds),
            peer: time(withIndex),
            ratio: ratioWithIndex,
          },
        ],
      };
    },
  },
  {
    name: 'track',
    async measure() {
      const figures = benchTrack();
      const { matchSeconds, ruleSeconds, ledgerSeconds, seconds, barSeconds, maxRssMB } = figures;
      const parts = `${time(matchSeconds)} matching, ${time(ruleSeconds)} rules, ${time(ledgerSeconds)} ledger, ${maxRssMB} MB`;
      process.stderr.write(`track: ${parts}; the peer is the bar\n`);
      const what = '10,000 tracks, 100,000 parcels, a look';
      return {
        figures,
        lines: [{ what, ours: time(seconds), peer: time(barSeconds), ratio: barSeconds / seconds, floor: 1 }],
      };
    },
  },
  {
    name: 'queue',
    async measure() {
      const figures = await benchQueue();
      const { home, wallSeconds, overheadFraction } = figures;
      const percent = (fraction: number): string => `${(fraction * 100).toFixed(2)} %`;
      return {
        figures,
        lines: [
          {
            what: `queue (${home}), of ${wallSeconds.toFixed(0)} s no job`,
            ours: percent(overheadFraction),
            peer: percent(overheadBar),
            ratio: overheadBar / overheadFraction,
            floor: 1,
          },
        ],
      };
    },
  },
  {
    name: 'run',
    async measure() {
      const figures = await benchWholeRun();
      const { run, evidenceRun, bare, ofBare, gdal, timesGdal, evidenceTimesGdal } = figures;
      const ours = time(run.seconds);
      const evidence = time(evidenceRun.seconds);
      return {
        figures,
        lines: [
          { what: 'whole run, bare onnxruntime by it', ours, peer: time(bare.seconds), ratio: ofBare.seconds },
          {
            what: '  the same, processor time',
            ours: time(run.cpuSeconds),
            peer: time(bare.cpuSeconds),
            ratio: ofBare.cpuSeconds,
          },
          { what: 'whole run, by I/O of GDAL', ours, peer: time(gdal?.seconds), ratio: timesGdal?.seconds ?? null },
          {
            what: '  without a network, by I/O of GDAL',
            ours: evidence,
            peer: time(gdal?.seconds),
            ratio: evidenceTimesGdal?.seconds ?? null,
          },
        ],
      };
    },
  },
];

function lineText({ what, ours, peer, ratio, floor }: Line): string {
  const verdict = floor === undefined || ratio === null ? '' : ratio >= floor ? `  ≥ ${floor}` : `  BELOW ${floor}`;
  const shown = ratio === null ? 'skipped' : ratio.toFixed(2);
  return `${what.padEnd(38)} ${ours.padStart(13)} ${peer.padStart(13)} ${shown.padStart(8)}${verdict}\n`;
}

const { values } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string' } } });
const wanted = values.only?.split(',') ?? benches.map(({ name }) => name);
const unknown = wanted.find((name) => !benches.some((bench) => bench.name === name));
if (unknown !== undefined) {
  process.stderr.write(`There is no benchmark ${unknown}. Give --only ${benches.map(({ name }) => name).join(',')}.\n`);
  process.exit(2);
}
const all: Record<string, unknown> = {};
if (!values.json)
  process.stdout.write(
    `${'npm run bench'.padEnd(38)} ${'ours'.padStart(13)} ${'peer'.padStart(13)} ${'ratio'.padStart(8)}\n`,
  );
for (const { name, needsGdal, measure } of benches.filter((bench) => wanted.includes(bench.name))) {
  if (needsGdal && !hasGdalPython) {
    all[name] = null;
    if (!values.json) process.stdout.write(`${name}: skipped: python3-gdal is absent\n`);
    continue;
  }
  const { figures, lines } = await measure();
  all[name] = figures;
  if (!values.json) process.stdout.write(lines.map(lineText).join(''));
  if (lines.some(({ ratio, floor }) => floor !== undefined && ratio !== null && ratio < floor)) process.exitCode = 1;
}
const machine = { node: process.version, processor: cpus()[0]?.model ?? '', threads: availableParallelism() };
if (values.json) process.stdout.write(`${JSON.stringify({ format: 'tianwatch-bench/1', machine, ...all }, null, 2)}\n`);
