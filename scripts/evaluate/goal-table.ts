import { digits } from './method-table.ts';

/** One line of the table that says how good the product is, beside what it must and should reach. */
export interface Goal {
  readonly what: string;
  readonly value: number;
  /** no worse than */
  readonly bar: number;
  readonly aim: number;
  readonly better: 'high' | 'low';
  /** where the figure comes from: this run, or committed logs of folds */
  readonly from: string;
  /** digits after the point; default 3 */
  readonly digits?: number;
}

export type Verdict = 'aim' | 'bar' | 'short';

export function verdictOf({ value, bar, aim, better }: Goal): Verdict {
  const reaches = (limit: number): boolean => (better === 'high' ? value >= limit : value <= limit);
  return reaches(aim) ? 'aim' : reaches(bar) ? 'bar' : 'short';
}

export function goalText(goals: readonly Goal[]): string {
  const lines = goals.map((goal) => {
    const show = (value: number): string => digits(value, goal.digits ?? 3);
    const sign = goal.better === 'high' ? '≥' : '≤';
    return `${verdictOf(goal).padEnd(6)} ${show(goal.value).padStart(8)}  ${sign} ${show(goal.bar).padStart(6)} (${show(goal.aim).padStart(6)})  ${goal.what} [${goal.from}]`;
  });
  return ['reach     value    bar     (aim)', ...lines].join('\n');
}
