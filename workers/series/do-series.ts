import type { SeriesSummary } from '../../pipeline/report/series-formats.ts';
import type { Home } from '../home.ts';
import type { RecordedSeries } from '../database/record-series.ts';
import { recordSeriesAt } from '../registry/alert-door.ts';
import { plantingRecorderOf } from '../season/look-planting.ts';
import { type HeldTools, holdSeries } from './hold-series.ts';
import { recordSeriesReadings } from './record-readings.ts';
import { recordTracks } from './record-tracks.ts';
import { runSeries } from './run-series.ts';
import { type SeriesRequest, sourceOf } from './series-request.ts';
import type { SeriesStage, SeriesStatus } from './series-status.ts';
import { writeSeries } from './write-series.ts';

export interface DoSeriesOptions {
  readonly home: Home;
  /** compute threads, ≥ 1 */
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly begun: Date;
  /** ISO-8601 day: later scenes are of the future */
  readonly today: string;
  onStage(stage: SeriesStage, done: number, total: number): void;
  /** another series of the same scenes or folder has to end first */
  onWait(other: SeriesStatus | null): void;
}

export interface DoneSeries {
  readonly summary: SeriesSummary;
  readonly chunksComputed: number;
  /** whether its looks say something of projects or parcels */
  readonly hasReadings: boolean;
  readonly recorded: RecordedSeries & { readonly readings: number; readonly planting: RecordedSeries | null };
}

/** Process a series, write its folder, and record what it shows: tracks, alerts, readings, planting. @throws AppError as `holdSeries`, `runSeries` */
export function doSeries(request: SeriesRequest, options: DoSeriesOptions): Promise<DoneSeries> {
  return holdSeries(request, options, async (held) => {
    const value = await run(request, options, held);
    const { state, looks, tracks } = value.summary;
    return { value, end: { state, summary: { looks, tracks, recorded: value.recorded } } };
  });
}

async function run(request: SeriesRequest, options: DoSeriesOptions, held: HeldTools): Promise<DoneSeries> {
  const { home, threads, today, begun } = options;
  const startedMs = performance.now();
  const onStage = (stage: SeriesStage, done: number, total: number): void => {
    held.onStage(stage, done, total);
    options.onStage(stage, done, total);
  };
  const result = await runSeries(request, { home, threads, signal: held.signal, today, onStage });
  held.signal.throwIfAborted();
  onStage('write', 0, 1);
  const chunksComputed = result.looks.reduce((sum, look) => sum + look.computed, 0);
  const { plan, planting } = result;
  const recorder = plan && planting && (await plantingRecorderOf(plan, sourceOf(request), home));
  const timing = {
    begunAt: begun.toISOString(),
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    chunksComputed,
  };
  const summary = await writeSeries(result, request.out, timing, recorder?.add);
  const readings = await recordSeriesReadings(result, request, home);
  const recorded = {
    ...(await recordTracks(result, request, home)),
    readings,
    planting: recorder && (await recordSeriesAt(home, recorder.finish())),
  };
  return { summary, chunksComputed, hasReadings: result.looks.some(({ found }) => found.ground !== null), recorded };
}
