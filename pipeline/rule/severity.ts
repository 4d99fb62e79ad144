import { type Category, type Reason, severities, type Severity } from './reason.ts';
import type { SeverityRow, SeverityRules } from './severity-rules.ts';

interface Finding {
  readonly category: Category;
  readonly classSeen: string;
  readonly permanentFarmlandFraction: number;
  readonly grainZoneFraction: number;
  readonly permitFraction: number;
  readonly areaM2?: number;
}

interface Weight {
  readonly severity: Severity;
  readonly isLawful: boolean;
  readonly reasons: readonly Reason[];
  readonly flags: readonly string[];
}

const percent = (fraction: number): string => (Math.round(fraction * 1000) / 10).toFixed(1);

/** Whether a finding lies on a layer, by its share or by its area. */
export function isOnLayer(
  { fraction, areaM2 = 0 }: { readonly fraction: number; readonly areaM2?: number },
  { overlap }: SeverityRules,
): boolean {
  return fraction >= overlap.fromFraction || fraction * areaM2 >= overlap.fromM2;
}

/** Nothing to weigh: no change, and what may be gained. */
const isHarmless = (category: Category): boolean => ['none', 'recovered'].includes(category);

function permitReasons(permitFraction: number, isLawful: boolean): Reason[] {
  if (permitFraction <= 0) return [];
  const [inside, outside] = [percent(permitFraction), percent(Math.max(0, 1 - permitFraction))];
  return [
    isLawful
      ? { code: 'permitted', zh: `${inside}% 在批准范围内`, en: `${inside} % within a permit` }
      : { code: 'partly-permitted', zh: `仅 ${inside}% 在批准范围内`, en: `only ${inside} % within a permit` },
    ...(permitFraction < 1
      ? [{ code: 'permit-remainder', zh: `批准范围外余 ${outside}%`, en: `${outside} % remain outside the permit` }]
      : []),
  ];
}

/** The gravest of what the layers say, and what a permit leaves of it. */
export function weigh(finding: Finding, rules: SeverityRules): Weight {
  const { category, classSeen, areaM2, permitFraction } = finding;
  const isLawful = permitFraction >= rules.permit.lawfulFraction;
  const said = permitReasons(permitFraction, isLawful);
  if (isHarmless(category)) return { severity: 'normal', isLawful, reasons: said, flags: [] };
  const rowOn = (layer: SeverityRow['layer'], fraction: number): SeverityRow[] => {
    if (!isOnLayer({ fraction, ...(areaM2 === undefined ? {} : { areaM2 }) }, rules)) return [];
    const row = rules.rows.find(
      (candidate) =>
        candidate.layer === layer &&
        candidate.categories.includes(category) &&
        (candidate.seen === 'any' || candidate.seen.includes(classSeen)),
    );
    return row ? [row] : [];
  };
  const rows = [
    ...rowOn('permanent-farmland', finding.permanentFarmlandFraction),
    ...rowOn('grain-zone', finding.grainZoneFraction),
  ];
  const rank = Math.max(0, ...rows.map(({ severity }) => severities.indexOf(severity)));
  const isOnFarmland = rows.some(({ layer }) => layer === 'permanent-farmland');
  const permitted = isOnFarmland ? rules.permit.onPermanentFarmland : 'normal';
  return {
    severity: isLawful ? permitted : severities[rank]!,
    isLawful,
    reasons: [...rows.map(({ reason }) => reason), ...said],
    flags: [
      ...(isLawful && isOnFarmland ? ['permit-on-permanent-farmland'] : []),
      ...(permitFraction > 0 && !isLawful ? ['partly-permitted'] : []),
    ],
  };
}
