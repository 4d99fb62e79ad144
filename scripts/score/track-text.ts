import { tableText } from './text.ts';
import type { Found, TrackScore } from './track-score.ts';

const percent = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`);

/** Confirmed alerts of a series against its truth, Chinese first. */
export function trackScoreText(score: TrackScore): string {
  const { alerts, wrongBy, duplicates, delaysByKind, medianDelayLooks, medianLooksToConfirm } = score;
  const rows = (title: string, found: Readonly<Record<string, Found>>): string =>
    tableText([
      [title, '真实 true', '确认 confirmed', '期数 looks'],
      ...Object.entries(found)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { wanted, found: count }]) => [
          key,
          String(wanted),
          String(count),
          (delaysByKind[key] ?? []).join(' '),
        ]),
    ]);
  const shown = new Map<string, number>();
  for (const miss of score.missed) shown.set(miss.shown, (shown.get(miss.shown) ?? 0) + 1);
  const causes = Object.entries(wrongBy).map(([cause, count]) => `${cause} ${count}`);
  return [
    rows('按类型 by kind', score.byKind),
    rows('按面积 by size', score.bySize),
    [
      `查全率 recall: ${percent(score.recall)} (${score.wanted.found} / ${score.wanted.wanted})`,
      `查准率 precision: ${percent(score.precision)} (${alerts.right} / ${alerts.total})`,
      `确认所需晴空期数，中位 clear looks to confirmation, median: ${medianDelayLooks ?? '-'} by the truth, ${medianLooksToConfirm ?? '-'} as the run counts`,
      `漏报所处状态 missed, seen as: ${[...shown].map(([state, count]) => `${state} ${count}`).join(', ') || '0'}`,
      `误报 wrong: ${causes.join(', ') || '0'}`,
      `重复 duplicates: ${duplicates.length}`,
    ].join('\n'),
  ].join('\n\n');
}
