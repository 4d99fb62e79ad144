import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadCard } from '../../models/shelf.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { openCogWriter } from '../../pipeline/raster/cog.ts';
import { madeBands, makePair } from '../../scripts/made-pair.ts';
import { openFileSink } from '../../workers/images/file-sink.ts';
import { openThreadPool } from '../../workers/pool/thread-pool.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';
import { cpuSeconds } from './landscape.ts';
import type { SessionQuestion } from './session.thread.ts';

const blockPx = 500;
const repeats = 6;
const sidePx = blockPx * repeats;
const cardName = 's2-change';
/** side of the tiles of the bare sessions (px) */
const barePx = 768;
const counter = new URL('./count-cpu.mjs', import.meta.url).href;
const script = new URL('../../scripts/tianwatch.mjs', import.meta.url).pathname;

/** By the clock, and processor time of all threads (which neighbours on the machine do not change). */
export interface Spent {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface WholeRunFigures {
  /** grid, px */
  readonly px: number;
  readonly threads: number;
  /** `tianwatch run` from the start of its process to its end, with the network that ships */
  readonly run: Spent;
  readonly mpxPerS: number;
  /** the same without a network: IR-MAD and change vectors alone */
  readonly evidenceRun: Spent;
  /** pixels that the network saw, halos included, px */
  readonly networkPx: number;
  /** session.run alone on as many pixels, in as many threads */
  readonly bare: Spent;
  /** bare by run: 1 = all but the network is free */
  readonly ofBare: Spent;
  /** GDAL: both files decoded, the later one warped onto the earlier one's grid, four COGs written; null: python3-gdal is absent */
  readonly gdal: Spent | null;
  /** run by gdal */
  readonly timesGdal: Spent | null;
  readonly evidenceTimesGdal: Spent | null;
}

const by = (a: Spent, b: Spent): Spent => ({ seconds: a.seconds / b.seconds, cpuSeconds: a.cpuSeconds / b.cpuSeconds });

async function writeScene(path: string, dn: Uint16Array, acquired: string): Promise<void> {
  const bands = madeBands.length;
  const writer = await openCogWriter({
    width: sidePx,
    height: sidePx,
    bands,
    dtype: 'uint16',
    crs: crsFromEpsg(32651),
    affine: [10, 0, 330_000, 0, -10, 3_400_000],
    nodata: 0,
    overview: 'average',
    bandDescriptions: [...madeBands],
    metadata: {
      ACQUISITION_DATE: acquired,
      SENSOR: 'Sentinel-2',
      SIMULATED: 'made by test/bench/whole-run.ts; not real',
    },
  });
  const rows = new Uint16Array(bands * sidePx * blockPx);
  for (let band = 0; band < bands; band++)
    for (let row = 0; row < blockPx; row++) {
      const from = (band * blockPx + row) * blockPx;
      const one = dn.subarray(from, from + blockPx);
      for (let k = 0; k < repeats; k++) rows.set(one, (band * blockPx + row) * sidePx + k * blockPx);
    }
  for (let k = 0; k < repeats; k++) await writer.writeRows({ data: rows, width: sidePx, height: blockPx, bands });
  const sink = await openFileSink(path);
  await writer.finish(sink);
  await sink.publish();
}

interface Ended extends Spent {
  readonly stdout: string;
}

function tianwatch(args: readonly string[], folder: string): Ended {
  const cpuFile = join(folder, 'cpu-seconds');
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', counter, script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, TIANWATCH_DATA: join(folder, 'data'), BENCH_CPU_FILE: cpuFile },
  });
  if (status !== 0) throw new Error(`tianwatch ${args[0]} ended with ${status}: ${stderr}`);
  const seconds = (performance.now() - startMs) / 1000;
  return { seconds, cpuSeconds: Number(readFileSync(cpuFile, 'utf8')), stdout };
}

const spentOf = ({ seconds, cpuSeconds: cpu }: Spent): Spent => ({ seconds, cpuSeconds: cpu });

async function runBare(networkPx: number, threads: number): Promise<Spent> {
  const { card, weightsPath } = loadCard(cardName);
  const { tensors, bands } = card.input;
  const pool = openThreadPool<SessionQuestion, number>({
    entry: new URL('./session.thread.ts', import.meta.url),
    threads,
  });
  const ask = async (calls: number): Promise<Spent> => {
    const question = { weightsPath, inputs: [...tensors], channels: bands.length, sidePx: barePx, calls };
    const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
    await Promise.all(Array.from({ length: threads }, () => pool.run(question)));
    return { seconds: (performance.now() - startMs) / 1000, cpuSeconds: cpuSeconds(startCpu) };
  };
  try {
    await ask(1);
    const calls = Math.max(1, Math.round(networkPx / barePx ** 2 / threads));
    const spent = await ask(calls);
    const share = networkPx / (calls * threads * barePx ** 2);
    return { seconds: spent.seconds * share, cpuSeconds: spent.cpuSeconds * share };
  } finally {
    await pool.close();
  }
}

const gdalProgram = `
import time
gdal.SetConfigOption('GDAL_NUM_THREADS', str(given['threads']))
start = time.perf_counter(); startCpu = time.process_time()
before = gdal.Open(given['before'])
pixels = before.ReadAsArray()
side = before.RasterXSize
t = before.GetGeoTransform()
after = gdal.Warp('', given['after'], format='MEM', outputType=gdal.GDT_Float32, resampleAlg='bilinear', multithread=True,
  outputBounds=[t[0], t[3] + side * t[5], t[0] + side * t[1], t[3]], xRes=t[1], yRes=-t[5], dstSRS=before.GetProjection())
out = gdal.GetDriverByName('MEM').Create('', side, side, 1)
out.SetGeoTransform(t); out.SetProjection(before.GetProjection())
for k in range(4):
    out.GetRasterBand(1).WriteArray((pixels[k] >> 9).astype('uint8'))
    gdal.GetDriverByName('COG').CreateCopy(given['out'], out, options=['COMPRESS=DEFLATE', 'NUM_THREADS=%d' % given['threads']])
print(json.dumps(dict(seconds=time.perf_counter() - start, cpuSeconds=time.process_time() - startCpu)))
`;

/**
 * `tianwatch run` from the start of its process to its end, on a made pair of 3000 × 3000 px and six bands with the network
 * that ships, beside the two things it cannot do without: its input and output by GDAL, and its network by bare sessions.
 */
export async function benchWholeRun(threads = availableParallelism()): Promise<WholeRunFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-run-'));
  try {
    const [before, after] = [join(folder, 'b_20250815.tif'), join(folder, 'a_20260812.tif')];
    const pair = makePair(blockPx, 1, false);
    await writeScene(before, pair.before, '2025-08-15');
    await writeScene(after, pair.after, '2026-08-12');
    // the empty database of an installation is made once; it is not part of a run
    tianwatch(['status'], folder);
    const argsOf = (model: string): readonly string[] => {
      const scenes = ['--before', before, '--after', after, '--model', model, '--threads', String(threads)];
      return ['run', ...scenes, '--out', join(folder, model)];
    };
    const plan = JSON.parse(tianwatch([...argsOf(cardName), '--dry-run', '--json'], folder).stdout) as {
      readonly readBytes: number;
    };
    const networkPx = plan.readBytes / (Float32Array.BYTES_PER_ELEMENT * 2 * madeBands.length);
    const evidenceRun = spentOf(tianwatch(argsOf('none'), folder));
    const run = spentOf(tianwatch(argsOf(cardName), folder));
    const bare = await runBare(networkPx, threads);
    const given = { before, after, threads, out: join(folder, 'gdal.tif') };
    const gdal = hasGdalPython ? (runGdalPython(gdalProgram, given) as Spent) : null;
    return {
      px: sidePx * sidePx,
      threads,
      run,
      mpxPerS: (sidePx * sidePx) / 1e6 / run.seconds,
      evidenceRun,
      networkPx,
      bare,
      ofBare: by(bare, run),
      gdal,
      timesGdal: gdal && by(run, gdal),
      evidenceTimesGdal: gdal && by(evidenceRun, gdal),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.stdout.write(`${JSON.stringify(await benchWholeRun(), null, 2)}\n`);
