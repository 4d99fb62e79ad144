import type { BalanceRow } from '../../pipeline/ledger/balance.ts';
import { balancesBy, balancesOfProjects, bestShares } from '../../pipeline/ledger/balance.ts';
import { decodeRuns } from '../../pipeline/ledger/cell-runs.ts';
import type { SightingFact } from '../../pipeline/ledger/facts.ts';
import type { FlowReading } from '../../pipeline/ledger/flow.ts';
import { flowPieces } from '../../pipeline/ledger/flow.ts';
import type { LedgerRules } from '../../pipeline/ledger/ledger-rules.ts';
import { decodeShape } from '../../pipeline/ledger/shape-bytes.ts';
import { lastDayOf } from '../../pipeline/ledger/month.ts';
import { isInForce } from '../../pipeline/parcel/land.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import type { RuleSet } from '../../pipeline/rule/rule-set.ts';
import type { LedgerFacts, StoredReading } from './facts-format.ts';
import type { LedgerLayers } from './ledger-layers.ts';

export interface BalanceSheet {
  readonly year: string;
  readonly city: BalanceRow;
  readonly counties: ReadonlyMap<string, BalanceRow>;
  readonly towns: ReadonlyMap<string, BalanceRow>;
  /** of what changed within projects */
  readonly projects: ReadonlyMap<string, BalanceRow>;
}

const sightingOf = ({ shape, lonDeg, latDeg, ...rest }: StoredReading['sightings'][number]): SightingFact => ({
  ...rest,
  centre: { lonDeg, latDeg },
  polygons: decodeShape(new Uint8Array(Buffer.from(shape, 'base64'))),
});

/**
 * Readings with what they saw change, as flows need them; sightings in another frame than the layers are left out.
 *
 * @returns readings, and how many sightings lie elsewhere
 */
export function flowReadings(
  facts: LedgerFacts,
  survey: { readonly id: string; readonly layer: ParcelLayer } | null,
  centre: ParcelLayer['centre'],
): { readonly readings: readonly FlowReading[]; readonly elsewhere: number } {
  let elsewhere = 0;
  const readings = facts.readings.map((reading): FlowReading => {
    const here = reading.sightings.filter(({ lonDeg, latDeg }) => lonDeg === centre.lonDeg && latDeg === centre.latDeg);
    elsewhere += reading.sightings.length - here.length;
    const seen = reading.observations.find(
      ({ subject, subjectId, cells }) => subject === 'survey' && subjectId === survey?.id && cells !== null,
    );
    const { look, date, reference, referenceDate } = reading;
    return {
      look,
      date,
      reference,
      referenceDate,
      sightings: here.map(sightingOf),
      seenShares: seen
        ? decodeRuns(new Uint8Array(Buffer.from(seen.cells!, 'base64')), survey!.layer.featureCount)
        : null,
    };
  });
  return { readings, elsewhere };
}

/** In and out of cropland and water in a year up to a month; null: without a land survey nothing can be said. */
export function balanceSheet(
  readings: readonly FlowReading[],
  layers: LedgerLayers,
  { month, rules, ledgerRules }: { readonly month: string; readonly rules: RuleSet; readonly ledgerRules: LedgerRules },
): BalanceSheet | null {
  const survey = layers.lastYear?.layer;
  if (survey === undefined) return null;
  const year = month.slice(0, 4);
  const own = readings.filter(({ date }) => date >= `${year}-01-01`);
  const [permits, farmland] = [layers.permits?.layer ?? null, layers.permanentFarmland?.layer ?? null];
  const pieces = flowPieces(
    own,
    {
      survey: openParcelIndex(survey),
      permits: permits && {
        index: openParcelIndex(permits),
        isMeant: (feature) => isInForce(permits, feature, { from: `${year}-01-01`, to: lastDayOf(month) }),
      },
      permanentFarmland: farmland && { index: openParcelIndex(farmland) },
      projects: layers.projects && openParcelIndex(layers.projects.layer),
    },
    ledgerRules.seenFraction.value,
  );
  const shares = own.flatMap(({ seenShares }) => (seenShares === null ? [] : [seenShares]));
  const facts = { pieces, survey, seenShares: bestShares(shares, survey.featureCount) };
  const both = { rules, ledgerRules };
  const town = (parcel: number): string => survey.columns['town']?.[parcel] ?? '';
  return {
    year,
    city: balancesBy(facts, () => '', both).get('')!,
    counties: balancesBy(facts, (parcel) => town(parcel).slice(0, 6), both),
    towns: balancesBy(facts, town, both),
    projects: balancesOfProjects(facts, both),
  };
}
