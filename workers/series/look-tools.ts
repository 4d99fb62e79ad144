import type { SeriesModel as Network } from '../../models/runner.ts';
import { encodeWindow } from '../../models/runner-window.ts';
import type { LookTools } from '../../pipeline/change/look-chunk.ts';
import { cropPlane } from '../../pipeline/change/observe.ts';
import { groundLikelihood, reachPx } from '../../pipeline/change/series-look.ts';
import type { SeriesModel } from '../../pipeline/change/series-model.ts';
import { AppError } from '../../pipeline/errors.ts';
import { planChannels } from '../../pipeline/segment/tensor.ts';
import type { Raster, Window } from '../../pipeline/types.ts';
import type { Bench } from '../compute/bench.ts';
import { partOf } from '../compute/judge.ts';

/** What says of one look which ground it shows: the encoder of a network and the series model learnt for it. */
export interface GroundReader {
  readonly encoder: Network;
  readonly model: SeriesModel;
}

/** Tools for the look that comes second in a pair with the reference. */
export function openLookTools(
  { plan, tools }: Bench,
  { encoder, model }: GroundReader,
): Omit<LookTools, 'throwIfCancelled'> {
  const { statistics, after } = plan;
  if (statistics === null) throw new AppError('BUG', `The pair of ${after.scene.id} has no statistics.`, '');
  const view = { statistics: statistics.after, radiometry: after.scene.radiometry };
  const channels = planChannels(encoder.card.input, view);
  const date = after.scene.acquired ?? '';
  const { haloPx, alignPx } = encoder.card.input;
  return {
    ...tools,
    grounds: model.grounds.length,
    async likelihood(raster, keep, isSeen) {
      const near = grown(keep, raster, reachPx(model));
      const part = partOf(raster, near, haloPx, alignPx);
      const seen = await encodeWindow(encoder, channels, part.cut(raster, view.statistics.bands.length));
      const size = { width: near.width, height: near.height };
      const planes = groundLikelihood(model, {
        date,
        ...size,
        cover: cutPlanes(seen.cover, part.crop),
        input: cutPlanes(seen.input, part.crop),
        seen: cropPlane(isSeen, { col: 0, row: 0, width: raster.width, height: raster.height }, near),
      });
      const cut = (plane: Uint8Array): Uint8Array => cropPlane(plane, near, keep);
      return cutPlanes({ data: planes, ...size, bands: model.grounds.length }, cut);
    },
  };
}

function grown({ col, row, width, height }: Window, within: { width: number; height: number }, px: number): Window {
  const [left, top] = [Math.max(0, col - px), Math.max(0, row - px)];
  const [right, bottom] = [Math.min(within.width, col + width + px), Math.min(within.height, row + height + px)];
  return { col: left, row: top, width: right - left, height: bottom - top };
}

/** Every plane of a raster cut alike. */
function cutPlanes<T extends Uint8Array | Float32Array>(
  { data, width, height, bands }: Raster<T>,
  cut: (plane: T) => T,
): T {
  const count = width * height;
  const planes = Array.from({ length: bands }, (_, band) => cut(data.subarray(band * count, (band + 1) * count) as T));
  const out = data.slice(0, bands * planes[0]!.length) as T;
  for (const [band, plane] of planes.entries()) out.set(plane, band * plane.length);
  return out;
}
