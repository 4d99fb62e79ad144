/** A piece of ground as the cropland ledger sees it. */
export interface LedgerPiece {
  readonly areaM2: number;
  /** cropland in last year's survey; null: no parcel there */
  readonly wasCropland: boolean | null;
  /** cropland now; null: not seen or not decided */
  readonly isCropland: boolean | null;
  readonly isPermitted: boolean;
  readonly isPermanentFarmland: boolean;
}

/** Cropland that went and came (m²). */
export interface Ledger {
  /** all pieces */
  readonly groundM2: number;
  /** 流出: was cropland and is none */
  readonly outflowM2: number;
  /** 合法流出: outflow under a permit */
  readonly lawfulM2: number;
  /** 疑似不合理流出: outflow under none */
  readonly unlawfulSuspectM2: number;
  /** 疑似不合理流出 on permanent farmland */
  readonly onPermanentFarmlandM2: number;
  /** 流入: is cropland and was none */
  readonly gainM2: number;
  /** was cropland and is still, or was none and is none */
  readonly keptM2: number;
  /** of one side nothing is known: neither change nor no change */
  readonly unknownM2: number;
}

type Lane = keyof Ledger;

function lanesOf(piece: LedgerPiece): readonly Lane[] {
  const { wasCropland, isCropland, isPermitted, isPermanentFarmland } = piece;
  if (wasCropland === null || isCropland === null) return ['groundM2', 'unknownM2'];
  if (wasCropland === isCropland) return ['groundM2', 'keptM2'];
  if (isCropland) return ['groundM2', 'gainM2'];
  if (isPermitted) return ['groundM2', 'outflowM2', 'lawfulM2'];
  return isPermanentFarmland
    ? ['groundM2', 'outflowM2', 'unlawfulSuspectM2', 'onPermanentFarmlandM2']
    : ['groundM2', 'outflowM2', 'unlawfulSuspectM2'];
}

/**
 * The ledger of pieces, every entry a sum of its own pieces and none a remainder of others; so
 * outflow = lawful + unlawful suspect, and ground = outflow + gain + kept + unknown, only as far as the pieces fit.
 *
 * This year's cropland is last year's − outflow + gain.
 */
export function ledgerOf(pieces: Iterable<LedgerPiece>): Ledger {
  return ledgersBy(pieces, () => '').get('') ?? emptyLedger();
}

/** A ledger for each key (town, county, project, class …), in the order of the keys' code units. */
export function ledgersBy<T extends LedgerPiece>(
  pieces: Iterable<T>,
  keyOf: (piece: T) => string,
): ReadonlyMap<string, Ledger> {
  const sums = new Map<string, Record<Lane, ExactSum>>();
  for (const piece of pieces) {
    const key = keyOf(piece);
    const sum = sums.get(key) ?? emptySums();
    sums.set(key, sum);
    for (const lane of lanesOf(piece)) addTo(sum[lane], piece.areaM2);
  }
  return new Map(
    [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => [key, mapLanes((lane) => valueOf(sum[lane]))]),
  );
}

/** Sum of areas (m²) for each key, in the order of the keys' code units. */
export function areasBy<T extends { readonly areaM2: number }>(
  pieces: Iterable<T>,
  keyOf: (piece: T) => string,
): ReadonlyMap<string, number> {
  const sums = new Map<string, ExactSum>();
  for (const piece of pieces) {
    const key = keyOf(piece);
    const sum = sums.get(key) ?? { total: 0, lost: 0 };
    sums.set(key, sum);
    addTo(sum, piece.areaM2);
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => [key, valueOf(sum)]));
}

/** A sum and the digits it has lost: the order of millions of pieces does not show in it. */
interface ExactSum {
  total: number;
  lost: number;
}

/** @see Neumaier 1974, doi:10.1002/zamm.19740540106 */
function addTo(sum: ExactSum, value: number): void {
  const next = sum.total + value;
  sum.lost += Math.abs(sum.total) >= Math.abs(value) ? sum.total - next + value : value - next + sum.total;
  sum.total = next;
}

const valueOf = ({ total, lost }: ExactSum): number => total + lost;

function mapLanes<T>(valueAt: (lane: Lane) => T): Record<Lane, T> {
  return {
    groundM2: valueAt('groundM2'),
    outflowM2: valueAt('outflowM2'),
    lawfulM2: valueAt('lawfulM2'),
    unlawfulSuspectM2: valueAt('unlawfulSuspectM2'),
    onPermanentFarmlandM2: valueAt('onPermanentFarmlandM2'),
    gainM2: valueAt('gainM2'),
    keptM2: valueAt('keptM2'),
    unknownM2: valueAt('unknownM2'),
  };
}

const emptySums = (): Record<Lane, ExactSum> => mapLanes(() => ({ total: 0, lost: 0 }));
const emptyLedger = (): Ledger => mapLanes(() => 0);
