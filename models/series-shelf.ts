import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../pipeline/errors.ts';
import { seriesModelSchema, type SeriesModel } from '../pipeline/change/series-model.ts';
import type { ModelCard } from './card.ts';

export interface LoadedSeriesModel {
  readonly model: SeriesModel;
  readonly path: string;
  /** false: learnt from what another version of the network says; the run says so */
  readonly isOfThisEncoder: boolean;
}

/**
 * What says of the looks of a network which ground they show, `series/<card id>.json`.
 *
 * @returns null where the card has none: its looks can be compared in pairs only
 * @throws AppError MODEL_MISMATCH where the file contradicts itself
 */
export function loadSeriesModel(card: Pick<ModelCard, 'id' | 'series'>): LoadedSeriesModel | null {
  const path = join(dirname(fileURLToPath(import.meta.url)), 'series', `${card.id}.json`);
  if (!card.series || !existsSync(path)) return null;
  const parsed = seriesModelSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`);
    throw new AppError(
      'MODEL_MISMATCH',
      `${path} is no valid series model: ${issues.join('; ')}.`,
      'Correct the file.',
    );
  }
  const isOfThisEncoder = parsed.data.encoder.sha256 === card.series.encoder.sha256;
  return { model: parsed.data, path, isOfThisEncoder };
}
