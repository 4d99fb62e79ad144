import type { GeotiffBand } from '../raster/geotiff.ts';
import { metadataKey } from './acquired.ts';
import { hintOfBand, type SceneHint } from './hint.ts';
import type { FileSample } from './sample.ts';
import { sensorScaling, type Scaling, type Sensor } from './sensor.ts';
import { baseName } from './uri.ts';

export type ScalingSource = SceneHint['from'] | 'file' | 'sensor' | 'values';

export interface BandScaling extends Scaling {
  readonly from: ScalingSource;
}

/** Share of a float band's values that must lie in -0.2..2 for it to be taken as reflectance. */
const unitShare = 0.99;

export interface ScalingQuestion {
  readonly uri: string;
  readonly bands: readonly GeotiffBand[];
  readonly hints: readonly SceneHint[];
  readonly sensor: Sensor | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** needed for float bands alone */
  readonly sample: FileSample | null;
}

/** DN offset in items such as `BOA_ADD_OFFSET` or `RADIO_ADD_OFFSET`; null unless all that are there agree. */
export function addOffsetDn(metadata: Readonly<Record<string, string>>): number | null {
  const values = Object.entries(metadata).flatMap(([key, value]) =>
    /ADDOFFSET/.test(metadataKey(key)) && value.trim() !== '' ? [Number(value)] : [],
  );
  const first = values[0];
  return first !== undefined && Number.isFinite(first) && values.every((value) => value === first) ? first : null;
}

/** A declared scale of 1 on whole numbers says only that they are numbers. */
function ofFile({ scale, offset, dtype }: GeotiffBand): Scaling | null {
  if (scale === null && offset === null) return null;
  const said = { scale: scale ?? 1, offset: offset ?? 0 };
  return said.scale === 1 && said.offset === 0 && !dtype.startsWith('float') ? null : said;
}

/**
 * Scale and offset of one band (reflectance = DN · scale + offset): flag, sidecar, STAC, the file's own, sensor table,
 * and 1 for floating-point values that lie in the range of reflectance; else null.
 */
export function scaleBand(question: ScalingQuestion, index: number): BandScaling | null {
  const band = question.bands[index];
  if (band === undefined) return null;
  for (const hint of question.hints) {
    const said = hintOfBand<Scaling>(hint.scaling, index);
    if (said) return { ...said, from: hint.from };
  }
  const own = ofFile(band);
  if (own) return { ...own, from: 'file' };
  const name = baseName(question.uri);
  const product = question.sensor ? sensorScaling(question.sensor, band.dtype, [name, band.description ?? '']) : null;
  if (product) {
    const added = question.sensor?.offsetSince === undefined ? null : addOffsetDn(question.metadata);
    return { scale: product.scale, offset: added === null ? product.offset : added * product.scale, from: 'sensor' };
  }
  const share = question.sample?.bands[index]?.unitFraction ?? 0;
  return band.dtype.startsWith('float') && share >= unitShare ? { scale: 1, offset: 0, from: 'values' } : null;
}
