import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { ParcelLayer } from '../parcel/layer.ts';
import { parseConfig } from '../rule/config-document.ts';
import type { LandCodes } from '../rule/land-code.ts';
import { muHundredths, sumsBy } from './figures.ts';

/** `config/rules/potential.json`: which parcels are looked at for consolidation. */
export const potentialRulesSchema = z.strictObject({
  format: z.literal('tianwatch-potential-rules/1').describe('name and version of this format'),
  version: z.number().int().positive().describe('counts up with every change'),
  description: z.string().describe('how to read it'),
  kinds: z
    .array(
      z.strictObject({
        kind: z
          .string()
          .regex(/^[a-z-]+$/)
          .describe('stable word'),
        zh: z.string().describe('Chinese'),
        en: z.string().describe('English'),
        codes: z.array(z.string()).describe('land codes (DLBM)'),
        planting: z.array(z.string()).describe('planting or recovery attributes (ZZSXDM), whatever the code'),
        description: z.string().describe('what it holds and what it cannot tell'),
        source: z.string().describe('rule, standard or reason that it follows'),
        verified: z.boolean().describe('whether somebody has held it against the text of its source'),
      }),
    )
    .min(1)
    .describe('kinds; the first that fits counts'),
});
export type PotentialRules = z.infer<typeof potentialRulesSchema>;

/** @throws AppError CONFIG_INVALID where a key is wrong, a kind stands twice or a land code is unknown */
export function parsePotentialRules(document: unknown, landCodes: LandCodes): PotentialRules {
  const name = 'config/rules/potential.json';
  const rules = parseConfig(potentialRulesSchema, document, name);
  const kinds = rules.kinds.map(({ kind }) => kind);
  const wrong = [
    ...kinds.filter((kind, i) => kinds.indexOf(kind) !== i),
    ...rules.kinds.flatMap(({ codes }) => codes.filter((code) => !landCodes.has(code))),
  ];
  if (wrong.length === 0) return rules;
  throw new AppError('CONFIG_INVALID', `${name} names ${wrong.join(', ')} twice or in vain.`, 'Correct these words.');
}

/** A parcel that may be consolidated. */
export interface Candidate {
  /** position in the survey */
  readonly parcel: number;
  readonly kind: string;
  /** `planting` where the attribute says it, else `code` */
  readonly by: 'code' | 'planting';
  readonly town: string;
  readonly areaM2: number;
}

const cell = (layer: ParcelLayer, name: string, feature: number): string => layer.columns[name]?.[feature] ?? '';

/** Parcels of the survey that fit a kind, in their order. */
export function findPotential(survey: ParcelLayer, { kinds }: PotentialRules): readonly Candidate[] {
  return Array.from({ length: survey.featureCount }, (_, parcel) => parcel).flatMap((parcel): Candidate[] => {
    const [code, planting] = [cell(survey, 'code', parcel), cell(survey, 'planting', parcel)];
    const areaM2 = survey.areaM2[parcel]!;
    const found = kinds.find((kind) => kind.codes.includes(code) || kind.planting.includes(planting));
    if (found === undefined || !(areaM2 > 0)) return [];
    const by = found.codes.includes(code) ? 'code' : 'planting';
    return [{ parcel, kind: found.kind, by, town: cell(survey, 'town', parcel), areaM2 }];
  });
}

export interface PotentialRow {
  readonly town: string;
  readonly kind: string;
  readonly parcels: number;
  readonly areaM2: number;
  /** two decimals; of each kind towns add up to the whole */
  readonly areaMu: number;
}

/** Area by town and kind, in the order of towns, then of kinds. */
export function potentialByTown(candidates: readonly Candidate[], { kinds }: PotentialRules): readonly PotentialRow[] {
  const rows = kinds.flatMap(({ kind }) => {
    const own = candidates.filter((candidate) => candidate.kind === kind);
    const areas = sumsBy(
      own,
      ({ town }) => town,
      ({ areaM2 }) => areaM2,
    );
    const towns = [...areas.keys()];
    const mu = muHundredths([...areas.values()], towns);
    return towns.map((town, i) => ({
      town,
      kind,
      parcels: own.filter((candidate) => candidate.town === town).length,
      areaM2: areas.get(town)!,
      areaMu: mu[i]! / 100,
    }));
  });
  return rows.toSorted((a, b) => (a.town < b.town ? -1 : a.town > b.town ? 1 : 0));
}
