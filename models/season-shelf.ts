import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../pipeline/errors.ts';
import { decodeCurveNet } from '../pipeline/season/curve-net-table.ts';
import type { SeasonModel } from '../pipeline/season/season-model.ts';
import { seasonCardSchema, type SeasonCard } from './season-card.ts';

const folder = join(import.meta.dirname, 'cards/season');

/** Ids of the season models that ship. */
export const listSeasonCards = (): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(0, -'.json'.length))
        .sort()
    : [];

/** @throws AppError NOT_FOUND without such a card, CONFIG_INVALID for one that is wrong */
export function loadSeasonCard(id: string): SeasonCard {
  const path = join(folder, `${id}.json`);
  if (!existsSync(path))
    throw new AppError('NOT_FOUND', `There is no season model ${id}.`, `Name one of ${listSeasonCards().join(', ')}.`);
  const parsed = seasonCardSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`);
  throw new AppError('CONFIG_INVALID', `${path}: ${wrong.slice(0, 5).join('; ')}.`, 'Restore the card.');
}

/**
 * A season model ready to judge; its network is held against the size and hash of its card.
 *
 * @throws AppError NOT_FOUND, CONFIG_INVALID, MODEL_MISMATCH
 */
export function loadSeasonModel(id = 'season-planting'): SeasonModel {
  const { input, weights, version } = loadSeasonCard(id);
  const path = join(folder, weights.file);
  const table = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  if (table.length !== weights.bytes || createHash('sha256').update(table).digest('hex') !== weights.sha256)
    throw new AppError('MODEL_MISMATCH', `${path} is absent or not what its card says.`, 'Restore the file.');
  const net = decodeCurveNet(table);
  const channels = input.indices.length + (input.gaps ? 1 : 0);
  if (net.channels !== channels || net.steps !== input.steps)
    throw new AppError(
      'MODEL_MISMATCH',
      `${path} takes ${net.channels} curves of ${net.steps} steps; its card describes ${channels} of ${input.steps}.`,
      'Restore card and network of one training.',
    );
  return { id: `${id} ${version}`, input, net };
}
