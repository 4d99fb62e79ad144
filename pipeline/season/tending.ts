import type { Abandonment } from './abandonment.ts';
import { dayNumber } from './parcel-series.ts';
import type { PlantingStatus } from './planting.ts';

/** A parcel of a project whose reward is paid after the tending period (管护期). */
export interface TendingFacts {
  /** ISO dates of the project's tending period; null: not given */
  readonly tendingFrom: string | null;
  readonly tendingTo: string | null;
  /** ISO date on which it is asked */
  readonly on: string;
  readonly abandonment: Abandonment;
  /** of the latest judged crop year, null: none */
  readonly planting: PlantingStatus | null;
}

export interface Tending {
  /** watched: inside the period or no end known */
  readonly isWatched: boolean;
  /** pay nothing before somebody has looked */
  readonly isPaymentHeld: boolean;
  readonly reason: { readonly code: string; readonly zh: string; readonly en: string };
}

const because = (code: string, zh: string, en: string) => ({ code, zh, en });

/**
 * Whether a parcel is still watched for abandonment and whether payment is to be held.
 *
 * Held where abandonment is suspected, where the last year looked uncultivated or non-grain, and, at the end of the period,
 * where too little was seen to say that it is tended. What was not seen is never taken as tended.
 */
export function judgeTending(facts: TendingFacts): Tending {
  const { tendingFrom, tendingTo, on, abandonment, planting } = facts;
  const isBefore = tendingFrom !== null && dayNumber(on) < dayNumber(tendingFrom);
  const isOver = tendingTo !== null && dayNumber(on) > dayNumber(tendingTo);
  const isWatched = !isBefore && !isOver;
  if (isBefore)
    return {
      isWatched,
      isPaymentHeld: true,
      reason: because('tending-not-begun', '管护期未开始', 'tending has not begun'),
    };
  if (abandonment === 'suspected')
    return {
      isWatched,
      isPaymentHeld: true,
      reason: because('abandonment-suspected', '疑似抛荒，暂缓拨付', 'abandonment suspected: hold the payment'),
    };
  if (planting === 'non-grain' || planting === 'uncultivated')
    return {
      isWatched,
      isPaymentHeld: true,
      reason: because(
        'no-grain-seen',
        '上一作物年疑似未种粮，暂缓拨付',
        'no grain in the last crop year: hold the payment',
      ),
    };
  if (abandonment === 'insufficient-observations')
    return {
      isWatched,
      isPaymentHeld: true,
      reason: because('insufficient-observations', '有效观测不足，须实地核查', 'too few clear looks: go and see'),
    };
  return isWatched
    ? { isWatched, isPaymentHeld: true, reason: because('tending', '管护期内', 'the tending period runs') }
    : {
        isWatched,
        isPaymentHeld: false,
        reason: because('tended', '管护期满，未见抛荒', 'tended to the end of the period'),
      };
}
