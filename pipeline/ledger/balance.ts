import type { Ledger, LedgerPiece } from '../parcel/ledger.ts';
import { areasBy, ledgersBy } from '../parcel/ledger.ts';
import type { ParcelLayer } from '../parcel/layer.ts';
import type { RuleSet } from '../rule/rule-set.ts';
import type { FlowPiece } from './flow.ts';
import type { LedgerRules } from './ledger-rules.ts';
import { shareScale } from './survey-seen.ts';

/** What cropland or water is exchanged with. */
export type Counterpart = 'in-out' | 'occupation' | 'undetermined';

/** Cropland or water of some ground in one year (m²): this year = last year − outflow + gain. */
export interface Balance {
  readonly lastYearM2: number;
  /** 流出 = lawful + unlawful suspect = in-out + occupation + undetermined */
  readonly outflowM2: number;
  readonly outByM2: Readonly<Record<Counterpart, number>>;
  readonly lawfulM2: number;
  readonly unlawfulSuspectM2: number;
  readonly onPermanentFarmlandM2: number;
  /** 流入 = in-out + occupation */
  readonly gainM2: number;
  readonly gainByM2: Readonly<Record<Counterpart, number>>;
  /** changed, but into what is for review: in no sum */
  readonly reviewM2: number;
  /** of last year's, never seen this year: neither kept nor lost */
  readonly unseenM2: number;
  readonly thisYearM2: number;
  /** gain − outflow; of water this is 水域占补平衡, whatever it was exchanged with */
  readonly netM2: number;
  /** the same by counterpart; of cropland 进出平衡 and 占补平衡; below 0 is to be made up for */
  readonly balanceByM2: Readonly<Record<Counterpart, number>>;
}

export interface BalanceRow {
  readonly cropland: Balance;
  readonly water: Balance;
}

export interface BalanceFacts {
  readonly pieces: readonly FlowPiece[];
  readonly survey: ParcelLayer;
  /** share × 250 of each parcel that was seen at least once this year */
  readonly seenShares: Uint8Array;
}

type Placed = FlowPiece & { readonly code: string | null; readonly key: string };
type Subject = 'cropland' | 'water';

/** What was there and what is there now, told apart as the rules have it. */
function openReader(rules: RuleSet, { balance, water }: LedgerRules) {
  const isCode = {
    cropland: (code: string): boolean => rules.groundOfCode.get(code)?.isCropland ?? false,
    water: (code: string): boolean => water.codes.includes(code),
  };
  const isClass = {
    cropland: (name: string): boolean => rules.groundOfClass.get(name)?.isCropland ?? false,
    water: (name: string): boolean => water.classes.includes(name),
  };
  const byCode = (code: string): Counterpart =>
    balance.inOutGrounds.includes(rules.groundOfCode.get(code)?.id ?? '') ? 'in-out' : 'occupation';
  const byClass = (name: string): Counterpart => {
    if (balance.inOutClasses.includes(name)) return 'in-out';
    return balance.occupationClasses.includes(name) ? 'occupation' : 'undetermined';
  };
  return { isCode, isClass, byCode, byClass };
}

/** Best share of each parcel over looks: it was seen at least so far. */
export function bestShares(shares: Iterable<Uint8Array>, parcels: number): Uint8Array {
  const best = new Uint8Array(parcels);
  for (const each of shares) for (let i = 0; i < parcels; i++) if (each[i]! > best[i]!) best[i] = each[i]!;
  return best;
}

/**
 * Balances of cropland and water for each key of places, in the order of their code units; every sum is one of its own
 * pieces and parcels, none a remainder of others.
 *
 * @param keyOf key of a parcel (its town, its county …); null leaves it out
 */
export function balancesBy(
  { pieces, survey, seenShares }: BalanceFacts,
  keyOf: (parcel: number) => string | null,
  { rules, ledgerRules }: { readonly rules: RuleSet; readonly ledgerRules: LedgerRules },
): ReadonlyMap<string, BalanceRow> {
  const placed = pieces.flatMap((piece): Placed[] => {
    const key = piece.parcel === null ? '' : keyOf(piece.parcel);
    return key === null ? [] : [{ ...piece, code: codeOf(survey, piece.parcel), key }];
  });
  const base = Array.from({ length: survey.featureCount }, (_, parcel) => parcel).flatMap((parcel) => {
    const key = keyOf(parcel);
    const areaM2 = survey.areaM2[parcel]!;
    const unseenM2 = areaM2 * (1 - seenShares[parcel]! / shareScale);
    return key === null ? [] : [{ key, areaM2, unseenM2, code: codeOf(survey, parcel) ?? '' }];
  });
  return rowsBy(placed, base, { rules, ledgerRules });
}

/** Balances of what changed within projects, by project; of the ground that did not change they say nothing. */
export function balancesOfProjects(
  { pieces, survey }: Pick<BalanceFacts, 'pieces' | 'survey'>,
  rules: { readonly rules: RuleSet; readonly ledgerRules: LedgerRules },
): ReadonlyMap<string, BalanceRow> {
  const placed = pieces.flatMap((piece): Placed[] =>
    piece.project === null ? [] : [{ ...piece, code: codeOf(survey, piece.parcel), key: piece.project }],
  );
  return rowsBy(placed, [], rules);
}

const codeOf = (survey: ParcelLayer, parcel: number | null): string | null =>
  parcel === null ? null : (survey.columns['code']?.[parcel] ?? '');

interface Base {
  readonly key: string;
  readonly areaM2: number;
  readonly unseenM2: number;
  readonly code: string;
}

function rowsBy(
  placed: readonly Placed[],
  base: readonly Base[],
  { rules, ledgerRules }: { readonly rules: RuleSet; readonly ledgerRules: LedgerRules },
): ReadonlyMap<string, BalanceRow> {
  const reader = openReader(rules, ledgerRules);
  const keys = [...new Set([...base, ...placed].map(({ key }) => key))].toSorted();
  const of = (subject: Subject): ReadonlyMap<string, Balance> => {
    const was = ({ code }: Placed): boolean | null => (code === null ? null : reader.isCode[subject](code));
    const is = ({ category, classAfter }: Placed): boolean | null =>
      category === 'review' || classAfter === 'unknown' ? null : reader.isClass[subject](classAfter);
    const read = placed.map((piece): Placed & LedgerPiece => ({
      ...piece,
      wasCropland: was(piece),
      isCropland: is(piece),
    }));
    const ledgers = ledgersBy(read, ({ key }) => key);
    const lost = read.filter(({ wasCropland, isCropland }) => wasCropland === true && isCropland === false);
    const won = read.filter(({ wasCropland, isCropland }) => wasCropland === false && isCropland === true);
    const outBy = areasBy(lost, ({ key, classAfter }) => `${key}/${reader.byClass(classAfter)}`);
    const gainBy = areasBy(won, ({ key, code }) => `${key}/${reader.byCode(code ?? '')}`);
    const own = base.filter(({ code }) => reader.isCode[subject](code));
    const last = areasBy(own, ({ key }) => key);
    const unseen = areasBy(
      own.map(({ key, unseenM2 }) => ({ key, areaM2: unseenM2 })),
      ({ key }) => key,
    );
    return new Map(
      keys.map((key) => [
        key,
        balanceOf(ledgers.get(key) ?? null, {
          lastYearM2: last.get(key) ?? 0,
          unseenM2: unseen.get(key) ?? 0,
          outByM2: counterparts((which) => outBy.get(`${key}/${which}`) ?? 0),
          gainByM2: counterparts((which) => gainBy.get(`${key}/${which}`) ?? 0),
        }),
      ]),
    );
  };
  const [cropland, water] = [of('cropland'), of('water')];
  return new Map(keys.map((key) => [key, { cropland: cropland.get(key)!, water: water.get(key)! }]));
}

const counterparts = (valueOf: (which: Counterpart) => number): Record<Counterpart, number> => ({
  'in-out': valueOf('in-out'),
  occupation: valueOf('occupation'),
  undetermined: valueOf('undetermined'),
});

function balanceOf(
  ledger: Ledger | null,
  known: Pick<Balance, 'lastYearM2' | 'unseenM2' | 'outByM2' | 'gainByM2'>,
): Balance {
  const [outflowM2, gainM2] = [ledger?.outflowM2 ?? 0, ledger?.gainM2 ?? 0];
  const { lastYearM2, outByM2, gainByM2 } = known;
  return {
    ...known,
    outflowM2,
    lawfulM2: ledger?.lawfulM2 ?? 0,
    unlawfulSuspectM2: ledger?.unlawfulSuspectM2 ?? 0,
    onPermanentFarmlandM2: ledger?.onPermanentFarmlandM2 ?? 0,
    gainM2,
    reviewM2: ledger?.unknownM2 ?? 0,
    thisYearM2: lastYearM2 - outflowM2 + gainM2,
    netM2: gainM2 - outflowM2,
    balanceByM2: counterparts((which) => gainByM2[which] - outByM2[which]),
  };
}
