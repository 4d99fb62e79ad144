import { imageTensor, tensorSize } from '../pipeline/segment/tensor.ts';
import type { ChannelPlan } from '../pipeline/segment/tensor.ts';
import type { Raster } from '../pipeline/types.ts';
import type { SeriesModel } from './runner.ts';

/** What a network sees of one date in a window, and what it takes it for. */
export interface EncodedWindow {
  /** the network's input, `[band][row][col]` */
  readonly input: Raster;
  /** probabilities of cover × 255, `[class][row][col]` */
  readonly cover: Raster<Uint8Array>;
}

/**
 * @param channels of `planChannels` for this date alone
 * @param raster reflectance, bands in the order of the statistics that made the channels; NaN = not observed
 */
export async function encodeWindow(
  model: SeriesModel,
  channels: readonly ChannelPlan[],
  raster: Raster,
): Promise<EncodedWindow> {
  const { width, height } = raster;
  const size = tensorSize(model.card.input, width, height);
  const data = imageTensor(model.card.input, channels, raster);
  const { cover } = await model.encode({ ...size, data });
  const classes = cover.length / (size.width * size.height);
  return {
    input: { data: cropped(data, size, raster, Float32Array), width, height, bands: channels.length },
    cover: { data: cropped(cover, size, raster, Uint8Array), width, height, bands: classes },
  };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The top left part of each plane: what the tensor was padded by goes. */
function cropped<T extends Float32Array | Uint8Array>(
  planes: T,
  from: Size,
  to: Size,
  make: new (length: number) => T,
): T {
  const bands = planes.length / (from.width * from.height);
  const out = new make(bands * to.width * to.height);
  for (let line = 0; line < bands * to.height; line++) {
    const [band, row] = [Math.floor(line / to.height), line % to.height];
    const start = (band * from.height + row) * from.width;
    out.set(planes.subarray(start, start + to.width), line * to.width);
  }
  return out;
}
