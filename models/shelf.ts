import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { AppError } from '../pipeline/errors.ts';
import { classMapSchema, findUnmappedCodes, modelCardSchema } from './card.ts';
import type { LoadedCard, ModelCard } from './card.ts';

type WeightFile = ModelCard['weights'];

const models = dirname(fileURLToPath(import.meta.url));

/** Ids of the cards that ship, in alphabetical order. */
export function listCards(): readonly string[] {
  const folder = join(models, 'cards');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/**
 * Read a card with its class map; the weights are hashed, not opened.
 *
 * @param nameOrPath id of a card that ships, or path of a card
 * @throws AppError NOT_FOUND for no such card, MODEL_MISMATCH where the card contradicts itself or its files
 */
export function loadCard(nameOrPath: string): LoadedCard {
  const path = findCard(nameOrPath);
  const bytes = readFileSync(path);
  const card = parse(modelCardSchema, bytes, path, 'model card');
  const classPath = /\.json$|\//.test(card.classMap)
    ? resolve(dirname(path), card.classMap)
    : join(models, 'classes', `${card.classMap}.json`);
  if (!existsSync(classPath))
    throw mismatch(`${path} names the class map ${card.classMap}; there is no ${classPath}.`, 'Correct `classMap`.');
  const classMap = parse(classMapSchema, readFileSync(classPath), classPath, 'class map');
  const unmapped = findUnmappedCodes(card, classMap);
  if (unmapped.length > 0)
    throw mismatch(
      `${path} gives the class codes ${unmapped.join(', ')}; the class map ${classMap.id} has ${classMap.classes.map(({ code }) => code).join(', ')}.`,
      'Correct `outputs[].classes` or the class map.',
    );
  const place = ({ file }: WeightFile): string => (isAbsolute(file) ? file : resolve(dirname(path), file));
  const { series } = card;
  const seriesPaths = series ? { encoder: place(series.encoder), head: place(series.head) } : null;
  return { card, classMap, path, weightsPath: place(card.weights), seriesPaths, cardSha256: sha256(bytes) };
}

/**
 * The bytes of the network, as the card describes them.
 *
 * @throws AppError MODEL_MISMATCH for a missing file, another size or another hash
 */
export function readWeights({ card, weightsPath, path }: LoadedCard): Uint8Array {
  return readNamed(card.weights, weightsPath, path);
}

/**
 * The bytes of the graphs for series, as the card describes them; null: the card has none.
 *
 * @throws AppError MODEL_MISMATCH for a missing file, another size or another hash
 */
export function readSeriesWeights({
  card: { series },
  seriesPaths,
  path,
}: LoadedCard): { readonly encoder: Uint8Array; readonly head: Uint8Array } | null {
  if (!series || !seriesPaths) return null;
  return {
    encoder: readNamed(series.encoder, seriesPaths.encoder, path),
    head: readNamed(series.head, seriesPaths.head, path),
  };
}

function readNamed(wanted: WeightFile, weightsPath: string, cardPath: string): Uint8Array {
  if (!existsSync(weightsPath) || !statSync(weightsPath).isFile())
    throw mismatch(
      `${cardPath} names the weights ${wanted.file}; there is no file ${weightsPath}.`,
      'Correct `weights.file`.',
    );
  const bytes = readFileSync(weightsPath);
  if (bytes.length !== wanted.bytes)
    throw mismatch(
      `${weightsPath} has ${bytes.length} bytes; its card ${cardPath} says ${wanted.bytes}.`,
      'Restore the file, or write the new size and sha256 into the card.',
    );
  const found = sha256(bytes);
  if (found !== wanted.sha256)
    throw mismatch(
      `${weightsPath} has the sha256 ${found}; its card ${cardPath} says ${wanted.sha256}.`,
      'Restore the file, or write the new sha256 into the card.',
    );
  return bytes;
}

function findCard(nameOrPath: string): string {
  const shipped = join(models, 'cards', `${nameOrPath}.json`);
  if (!/[/\\]/.test(nameOrPath) && existsSync(shipped)) return shipped;
  const path = resolve(nameOrPath);
  if (existsSync(path) && statSync(path).isFile()) return path;
  throw new AppError(
    'NOT_FOUND',
    `There is no model card ${nameOrPath}.`,
    `Give the path of a card, or one of: ${listCards().join(', ') || 'none ships'}.`,
    { nameOrPath, shipped: listCards() },
  );
}

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, path: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new AppError('MODEL_MISMATCH', `${path} is no JSON, so no ${what}.`, 'Correct the file.', { path }, error);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path: at, message }) => `${at.join('.') || what}: ${message}`);
  throw mismatch(
    `${path} is no valid ${what}: ${issues.join('; ')}.`,
    'Correct the file; models/README.md has the keys.',
  );
}

function mismatch(message: string, todo: string): AppError {
  return new AppError('MODEL_MISMATCH', message, todo);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
