import { AppError } from '../../pipeline/errors.ts';

export type SeedUse = 'training' | 'test';

/** Seeds from here on are for training, those below for tests and the demo. */
export const firstTrainingSeed = 1_000_000;

/** What a seed may be used for; every file of a simulation says it. */
export const seedUse = (seed: number): SeedUse => (seed >= firstTrainingSeed ? 'training' : 'test');

/**
 * Refuse a seed of the other side, so that no network is tested on what it was trained with.
 *
 * @throws AppError CONFIG_INVALID
 */
export function refuseSeed(seed: number, use: SeedUse): void {
  if (seedUse(seed) === use) return;
  throw new AppError(
    'CONFIG_INVALID',
    `Seed ${seed} is for ${seedUse(seed)}, not for ${use}.`,
    `Take a seed ${use === 'training' ? `of ${firstTrainingSeed} or more` : `below ${firstTrainingSeed}`}.`,
    { seed, use },
  );
}
