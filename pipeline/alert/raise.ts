import { severities } from '../rule/reason.ts';
import type { AlertRules } from './alert-rules.ts';
import {
  type Alert,
  type AlertState,
  type AlertTrack,
  type Transition,
  type Verdict,
  type VerdictWord,
  isPending,
} from './alert.ts';
import { daysLater } from './day.ts';

/** All that is known of one place on one axis. */
export interface Case {
  readonly tracks: readonly AlertTrack[];
  readonly verdicts: readonly Verdict[];
}

interface Entry {
  readonly date: string;
  /** on one day tracks are heard before people: a person has seen what the image shows */
  readonly rank: 0 | 1;
  readonly kind: string;
  readonly by: string;
}

interface Fold {
  state: AlertState | null;
  certainty: Alert['certainty'];
  evidence: string[];
  history: Transition[];
}

const words = {
  refuted: { zh: '更精细的观测未见变化', en: 'a finer look saw no change' },
  appeared: { zh: '发现疑似变化', en: 'a suspected change was seen' },
  again: { zh: '排除后影像再次提示', en: 'images show it again after a person found no such change' },
  permitted: { zh: '疑似变化在批准范围内', en: 'the suspected change lies within a permit' },
  confirmed: { zh: '多次观测一致', en: 'enough looks agree' },
  grew: { zh: '疑似变化范围扩大', en: 'the suspected change has grown' },
  reversed: { zh: '影像见地类恢复，请举证销号', en: 'the ground looks as before: closing evidence is asked for' },
  gone: { zh: '未经确认即恢复原状', en: 'the ground looks as before; the change was never confirmed' },
  expired: { zh: '后续观测未能确认', en: 'later looks did not confirm it' },
  relapsed: { zh: '恢复后再次变化（疑似反弹）', en: 'changed again after it had recovered' },
} as const;

const verdictWords: Readonly<
  Record<VerdictWord, { event: Transition['event']; state: AlertState; zh: string; en: string }>
> = {
  confirmed: { event: 'confirmed', state: 'confirmed', zh: '核查人确认变化属实', en: 'a person confirmed the change' },
  refuted: { event: 'refuted', state: 'refuted', zh: '核查人排除', en: 'a person found no such change' },
  lawful: { event: 'found-lawful', state: 'lawful', zh: '核查人认定合法', en: 'a person found it lawful' },
  restored: { event: 'closed', state: 'closed', zh: '举证已恢复，销号', en: 'a person saw the ground restored' },
};

const isFound = (says: VerdictWord): boolean => says === 'confirmed' || says === 'lawful';

const isLoss = ({ axis, category }: AlertTrack, { categories }: AlertRules): boolean =>
  categories[axis].includes(category);

function entriesOf({ tracks, verdicts }: Case, rules: AlertRules): readonly Entry[] {
  const entries: Entry[] = [];
  for (const track of tracks) {
    if (isLoss(track, rules)) {
      // what is only watched asks nobody; the first event that is more opens the alert, whatever it is called
      let isKnown = false;
      for (const { date, event, state } of track.history) {
        if (!isKnown && (state === 'probable' || state === 'confirmed'))
          entries.push({ date, rank: 0, kind: 'appeared', by: track.id });
        isKnown ||= state !== 'watched';
        if (isKnown && state !== 'watched') entries.push({ date, rank: 0, kind: event, by: track.id });
      }
    } else if (track.category === 'recovered' && track.state !== 'watched')
      entries.push({ date: track.firstSeen, rank: 0, kind: 'recovered', by: track.id });
  }
  for (const { id, date, says } of verdicts) entries.push({ date, rank: 1, kind: says, by: id });
  const orderOf = ({ date, rank, kind, by }: Entry): string => [date.slice(0, 10), rank, kind, by].join('\n');
  return entries.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

/** What an image adds to an alert; null: nothing. */
function hearTrack(
  { state, certainty }: Fold,
  kind: string,
  suspicion: 'open' | 'lawful',
): Pick<Transition, 'event' | 'state' | 'zh' | 'en'> | null {
  const again = { event: 'reopened', state: suspicion } as const;
  switch (kind) {
    case 'appeared':
      if (state === null)
        return { event: 'opened', state: suspicion, ...(suspicion === 'lawful' ? words.permitted : words.appeared) };
      // what looks as before and is seen changed by somebody else's pair of dates has changed again
      if (state === 'recovering' || state === 'closed' || state === 'withdrawn') return { ...again, ...words.relapsed };
      return state === 'refuted' ? { event: 'seen-again', state, ...words.again } : null;
    case 'confirmed':
      return state === null || certainty === 'confirmed' ? null : { event: 'firmed', state, ...words.confirmed };
    case 'grew':
      if (state === null) return null;
      if (state === 'open' || state === 'confirmed' || (state === 'lawful' && suspicion === 'lawful'))
        return { event: 'grew', state, ...words.grew };
      return { ...again, ...words.grew };
    case 'reappeared':
    case 'relapsed':
      return state === null || state === 'open' || state === 'confirmed' || state === suspicion
        ? null
        : { ...again, ...words.relapsed };
    case 'refuted':
      return state === 'open' ? { event: 'refuted', state: 'refuted', ...words.refuted } : null;
    case 'expired':
      return state === 'open' ? { event: 'withdrawn', state: 'withdrawn', ...words.expired } : null;
    case 'reversed':
    case 'recovered':
      if (state === 'confirmed' || (state === 'open' && certainty === 'confirmed'))
        return { event: 'recovery-seen', state: 'recovering', ...words.reversed };
      return state === 'open' ? { event: 'withdrawn', state: 'withdrawn', ...words.gone } : null;
    default:
      return null;
  }
}

function replay(from: Case, suspicion: 'open' | 'lawful', rules: AlertRules): Fold {
  const fold: Fold = { state: null, certainty: 'probable', evidence: [], history: [] };
  const verdicts = new Map(from.verdicts.map((verdict) => [verdict.id, verdict]));
  for (const { date, rank, kind, by } of entriesOf(from, rules)) {
    const verdict = rank === 1 ? verdicts.get(by) : undefined;
    const change = verdict ? verdictWords[verdict.says] : hearTrack(fold, kind, suspicion);
    if (change === null) continue;
    if (verdict) fold.evidence.push(...verdict.evidence);
    // who stood there and found a change, lawful or not, leaves nothing to be confirmed by looks
    if (verdict ? isFound(verdict.says) : kind === 'confirmed') fold.certainty = 'confirmed';
    const { event, state, zh, en } = change;
    fold.state = state;
    fold.history.push({ date: date.slice(0, 10), event, state, zh, en, by });
  }
  return fold;
}

const keyOf = ({ firstSeen, id }: AlertTrack): string => `${firstSeen}\n${id}`;

const later = (a: AlertTrack, b: AlertTrack): number =>
  a.lastSeen === b.lastSeen ? (a.id < b.id ? -1 : 1) : a.lastSeen < b.lastSeen ? -1 : 1;

/**
 * The alert of a place: its tracks' histories and people's verdicts, replayed by date. A pure function of the set, so
 * neither order of arrival nor repetition matters.
 *
 * @param idOf alert id from what it is of
 * @returns null where nothing asks anybody to look and nobody has looked
 */
export function raiseAlert(from: Case, rules: AlertRules, idOf: (axis: string, track: string) => string): Alert | null {
  const losses = from.tracks.filter((track) => isLoss(track, rules)).toSorted(later);
  const told = losses.length > 0 ? losses : from.tracks.toSorted(later);
  const latest = told.findLast(({ mergedInto }) => mergedInto === null) ?? told.at(-1);
  if (latest === undefined) return null;
  const own = told.filter(({ mergedInto }) => mergedInto === null);
  const first = (own.length > 0 ? own : told).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))[0]!;
  // the latest judgement knows the newest survey and permits
  const { state, certainty, history, evidence } = replay(from, latest.isLawful ? 'lawful' : 'open', rules);
  if (state === null) return null;
  const rank = Math.max(...told.map(({ severity }) => severities.indexOf(severity)));
  const severity = severities[rank]!;
  const asked = history.findLast(({ event }) => ['opened', 'reopened', 'recovery-seen'].includes(event)) ?? history[0]!;
  const days = rules.dueDays[state === 'recovering' ? 'recovering' : severity];
  return {
    id: idOf(first.axis, first.id),
    axis: first.axis,
    track: first.id,
    tracks: from.tracks.map(({ id }) => id).toSorted(),
    judgedBy: latest.id,
    kind: latest.category,
    severity,
    state,
    certainty,
    areaM2: latest.areaM2,
    rule: latest.rule,
    ruleVersion: latest.ruleVersion,
    evidence: [...new Set(evidence)].toSorted(),
    askedOn: asked.date,
    dueDate: isPending(state) && asked.date !== '' ? daysLater(asked.date, days) : null,
    history,
  };
}
