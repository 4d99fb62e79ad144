import type { AbandonmentJudgement } from './abandonment.ts';
import type { Evidence } from './evidence.ts';
import type { PlantingJudgement, PlantingStatus } from './planting.ts';
import type { FindingRule, SeasonRules } from './season-rules.ts';

/** What the looks say of one parcel in one crop year. */
export interface ParcelYear {
  readonly judgement: PlantingJudgement;
  /** of the growing seasons up to this year */
  readonly abandonment: AbandonmentJudgement;
}

/** A judgement of planting that asks somebody to look. */
export interface PlantingFinding {
  readonly rule: FindingRule;
  /** probability, 0..1 */
  readonly confidence: number;
  readonly isCertain: boolean;
  /** ISO date, the last of the crop year: before it nothing could be said */
  readonly foundOn: string;
  /** ISO date on which a later year showed what was missing; null: none did */
  readonly restoredOn: string | null;
  readonly evidence: readonly Evidence[];
}

const grown: readonly PlantingStatus[] = ['grain', 'rotation'];
/** The day on which a later year showed a crop, by its latest dated evidence, else the end of what was seen of it. */
function restoredOn(after: readonly ParcelYear[], wanted: readonly PlantingStatus[], last: string, yearTo: string) {
  const shown = after.find(({ judgement }) => wanted.includes(judgement.status))?.judgement;
  if (shown === undefined) return null;
  const dated = shown.evidence.flatMap(({ date }) => date ?? []).toSorted();
  const end = `${shown.year}-${yearTo}`;
  return dated.at(-1) ?? (last < end ? last : end);
}

/**
 * What of a parcel's years asks somebody to look, one finding a crop year at most, in the order of the years.
 *
 * Rotation, rape before rice, declared fallow, an uncultivated year alone, and all that is unknown ask nobody.
 *
 * @param years all that were judged, after `tellAbandonment`
 * @param last ISO date of the last look
 * @returns one a year; null: nothing is asked
 */
export function plantingFindings(
  years: readonly ParcelYear[],
  { planting, findings }: Pick<SeasonRules, 'planting' | 'findings'>,
  last: string,
): readonly (PlantingFinding | null)[] {
  const isHeld = ({ when }: FindingRule, year: ParcelYear): boolean =>
    when === 'non-grain' ? year.judgement.status === 'non-grain' : year.abandonment.state === 'suspected';
  return years.map((year): PlantingFinding | null => {
    const rule = findings.rows.find((row) => isHeld(row, year));
    if (rule === undefined) return null;
    const { judgement, abandonment } = year;
    const after = years.filter((other) => other.judgement.year > judgement.year);
    const wanted = rule.when === 'non-grain' ? grown : [...grown, 'non-grain' as const];
    const { grainProbability } = judgement;
    const confidence =
      rule.when === 'abandoned' && grainProbability !== null ? 1 - grainProbability : judgement.confidence;
    return {
      rule,
      confidence,
      isCertain: confidence >= findings.certainFrom,
      foundOn: `${judgement.year}-${planting.yearTo}`,
      restoredOn: restoredOn(after, wanted, last, planting.yearTo),
      evidence: [
        { ...rule.reason, date: null },
        ...(rule.when === 'abandoned' ? abandonment.evidence : []),
        ...judgement.evidence,
      ],
    };
  });
}
