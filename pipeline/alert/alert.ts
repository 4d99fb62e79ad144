import type { Severity } from '../rule/reason.ts';

/** Land class and planting are judged apart and alerted apart. */
export const axes = ['land-class', 'planting'] as const;
export type Axis = (typeof axes)[number];

/**
 * open: somebody has to look · confirmed, refuted, lawful: a person or a permit said so · recovering: the ground is
 * as before again, closing evidence is asked for · closed: a person saw it restored · withdrawn: the suspicion is gone.
 */
export const alertStates = ['open', 'confirmed', 'refuted', 'lawful', 'recovering', 'closed', 'withdrawn'] as const;
export type AlertState = (typeof alertStates)[number];

export const alertStateZh: Readonly<Record<AlertState, string>> = {
  open: '待核查',
  confirmed: '已核实',
  refuted: '已排除',
  lawful: '合法变化',
  recovering: '疑似恢复，待销号举证',
  closed: '已销号',
  withdrawn: '已撤回',
};

/** States in which somebody has something to do. */
export const isPending = (state: AlertState): boolean => state === 'open' || state === 'recovering';

/** What a person found: highest weight of all looks. restored: cropland again, the closing evidence. */
export const verdictWords = ['confirmed', 'refuted', 'lawful', 'restored'] as const;
export type VerdictWord = (typeof verdictWords)[number];

export interface Verdict {
  readonly id: string;
  /** ISO date of the look at the ground */
  readonly date: string;
  readonly says: VerdictWord;
  /** keys of evidence in the image store */
  readonly evidence: readonly string[];
}

export const trackStates = ['watched', 'probable', 'confirmed', 'expired', 'reversed'] as const;
export type TrackState = (typeof trackStates)[number];

/** What an alert needs of a track and its judgement. */
export interface AlertTrack {
  readonly id: string;
  readonly axis: Axis;
  readonly state: TrackState;
  /** the track that it became a part of */
  readonly mergedInto: string | null;
  readonly category: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly areaM2: number;
  /** by date; `state` from there on */
  readonly history: readonly {
    readonly date: string;
    readonly event: string;
    readonly state: TrackState;
    readonly areaM2: number;
  }[];
  readonly severity: Severity;
  /** a permit in force covers it */
  readonly isLawful: boolean;
  /** row of the rules that named the category */
  readonly rule: string;
  readonly ruleVersion: number;
}

/** What happened to an alert, in the order of its dates. */
export interface Transition {
  readonly date: string;
  readonly event:
    | 'opened'
    | 'firmed'
    | 'grew'
    | 'seen-again'
    | 'confirmed'
    | 'refuted'
    | 'found-lawful'
    | 'recovery-seen'
    | 'closed'
    | 'withdrawn'
    | 'reopened';
  /** state afterwards */
  readonly state: AlertState;
  readonly zh: string;
  readonly en: string;
  /** track or verdict that brought it about */
  readonly by: string;
}

export interface Alert {
  readonly id: string;
  readonly axis: Axis;
  /** the first seen of its tracks, by which the alert is named */
  readonly track: string;
  /** all tracks of the same ground */
  readonly tracks: readonly string[];
  /** the track whose judgement is told: the one seen last */
  readonly judgedBy: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly state: AlertState;
  /** confirmed: enough looks agree */
  readonly certainty: 'probable' | 'confirmed';
  readonly areaM2: number;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly evidence: readonly string[];
  /** ISO date of the last time somebody was asked to act; empty where no file says a date */
  readonly askedOn: string;
  /** ISO date; null where nothing is to be done, or the day is not known */
  readonly dueDate: string | null;
  readonly history: readonly Transition[];
}
