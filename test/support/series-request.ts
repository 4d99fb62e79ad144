import type { SeriesRequest } from '../../workers/series/series-request.ts';

export const madeSeriesRequest = (scenes: string, out: string): SeriesRequest => ({
  scenes,
  from: null,
  to: null,
  model: 'none',
  grid: null,
  aoi: null,
  baseline: 'none',
  out,
  force: false,
});
