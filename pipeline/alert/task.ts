import { type Alert, isPending } from './alert.ts';
import { quarterEnd, quarterOf } from './day.ts';

/** An alert and where it is. */
export interface PlacedAlert extends Pick<Alert, 'id' | 'state' | 'askedOn' | 'dueDate'> {
  /** 12, 9 and 6 digits */
  readonly village: string | null;
  readonly town: string | null;
  readonly county: string | null;
}

/** One errand: what of one village is asked for within one quarter (自然资发〔2023〕258号: merged, quarterly). */
export interface Task {
  readonly id: string;
  /** village, else town, else county; '' where none is known */
  readonly place: string;
  /** `2026-Q3` */
  readonly quarter: string;
  /** open while any of its alerts asks for something */
  readonly state: 'open' | 'done';
  /** the earliest of its alerts, at the latest the end of the quarter */
  readonly dueDate: string;
  readonly alerts: readonly string[];
}

/** The errand that an alert belongs to. */
export function taskKey({
  village,
  town,
  county,
  askedOn,
}: Pick<PlacedAlert, 'village' | 'town' | 'county' | 'askedOn'>): readonly [place: string, quarter: string] {
  return [village ?? town ?? county ?? '', quarterOf(askedOn)];
}

/**
 * Merge alerts into errands. An alert that is seen again stays where it is; one that is reopened in a later quarter
 * moves there. Order does not matter.
 *
 * @param alerts those whose state asks, or once asked, for a person; lawful by permit and withdrawn ones are left out
 */
export function mergeTasks(
  alerts: readonly PlacedAlert[],
  idOf: (place: string, quarter: string) => string,
): readonly Task[] {
  const groups = new Map<string, PlacedAlert[]>();
  for (const alert of alerts) {
    if (alert.state === 'withdrawn' || alert.state === 'lawful') continue;
    const key = taskKey(alert).join('\n');
    groups.set(key, [...(groups.get(key) ?? []), alert]);
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, members]) => {
      const [place, quarter] = key.split('\n') as [string, string];
      const due = members.flatMap(({ dueDate }) => (dueDate === null ? [] : [dueDate]));
      return {
        id: idOf(place, quarter),
        place,
        quarter,
        state: members.some(({ state }) => isPending(state)) ? 'open' : 'done',
        dueDate: [...due, quarterEnd(quarter)].toSorted()[0]!,
        alerts: members.map(({ id }) => id).toSorted(),
      };
    });
}
