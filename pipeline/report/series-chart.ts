import { categoryZh } from '../rule/reason.ts';
import type { Category } from '../rule/reason.ts';
import type { CategoryStyle } from './report-input.ts';
import type { AreaRow } from './series-tables.ts';

/** A look on the time axis of the chart. */
export interface ChartLook {
  readonly id: string;
  /** ISO-8601 */
  readonly date: string;
  /** share of the grid that it saw */
  readonly observedFraction: number;
}

const [width, height] = [1000, 460];
const [left, right, top, bottom] = [74, 24, 64, 356] as const;
/** the strip of what was observed, below the bars */
const [stripTop, stripHeight] = [bottom + 34, 26];
const dayMs = 86_400_000;
const ha = 10_000;
const font = 'font-family="Noto Sans CJK SC, Noto Serif CJK SC, Microsoft YaHei, PingFang SC, DejaVu Sans, sans-serif"';

/** A round step that divides the axis into at most five parts. */
function stepOf(most: number): number {
  const raw = Math.max(most, 1e-3) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw) ?? 10 * power;
}

/** Dates spread over the axis; bars of looks that lie close become narrow, never out of their place. */
function timeAxis(looks: readonly ChartLook[]) {
  const days = looks.map(({ date }) => Date.parse(date.slice(0, 10)) / dayMs);
  const [first, last] = [Math.min(...days), Math.max(...days)];
  const spanDays = Math.max(1, last - first);
  const sorted = days.toSorted((a, b) => a - b);
  const gaps = sorted.slice(1).flatMap((day, i) => (day > sorted[i]! ? [day - sorted[i]!] : []));
  const inner = width - left - right - 60;
  const barPx = Math.max(1.5, Math.min(46, (0.72 * inner * Math.min(spanDays, ...gaps)) / spanDays));
  const x = (day: number): number => left + 30 + (last === first ? inner / 2 : (inner * (day - first)) / spanDays);
  return { x, days, barPx };
}

const legendEn: Readonly<Record<Category, string>> = {
  none: 'no change',
  'non-farm': 'non-farm',
  'non-grain': 'non-grain',
  recovered: 'recovered',
  other: 'other',
  review: 'review',
};

function legend(styles: readonly CategoryStyle[]): string {
  let x: number = left;
  const items = styles.map(({ name, colour }) => {
    const text = `${categoryZh[name]} ${legendEn[name]}`;
    const item = `<rect x="${x}" y="34" width="12" height="12" fill="${colour}"/><text x="${x + 17}" y="45">${text}</text>`;
    x += 34 + [...text].reduce((sum, char) => sum + (char > '\u2e80' ? 13 : 7), 0);
    return item;
  });
  return items.join('');
}

/**
 * `areas.png` as SVG: changed ground by the date of each look, what the look saw solid, what it did not see pale at its
 * last known area; below, the share of the grid that it saw. Watched ground, and changes that mean nothing, are left out.
 */
export function areasChart(
  rows: readonly AreaRow[],
  looks: readonly ChartLook[],
  styles: readonly CategoryStyle[],
): string {
  const shown = rows.filter(({ state, category }) => state !== 'watched' && category !== 'none');
  const sums = looks.map(({ id }) =>
    shown.filter(({ look }) => look === id).reduce((sum, { seenM2, unseenM2 }) => sum + seenM2 + unseenM2, 0),
  );
  const step = stepOf(Math.max(0, ...sums) / ha);
  const most = Math.max(step, Math.ceil(Math.max(0, ...sums) / ha / step) * step);
  const y = (areaHa: number): number => bottom - ((bottom - top) * areaHa) / most;
  const { x, days, barPx } = timeAxis(looks);
  const ticks = Array.from({ length: Math.round(most / step) + 1 }, (_, i) => i * step).map(
    (at) =>
      `<path d="M${left} ${y(at).toFixed(1)}H${width - right}" stroke="#ddd"/><text x="${left - 8}" y="${(y(at) + 4).toFixed(1)}" text-anchor="end">${Number(at.toPrecision(6))}</text>`,
  );
  const bars = looks.map(({ id }, i) => {
    let base = 0;
    const at = (x(days[i]!) - barPx / 2).toFixed(1);
    return styles
      .flatMap(({ name, colour }) => {
        const own = shown.filter((row) => row.look === id && row.category === name);
        return [
          [own.reduce((sum, row) => sum + row.seenM2, 0) / ha, 1] as const,
          [own.reduce((sum, row) => sum + row.unseenM2, 0) / ha, 0.35] as const,
        ].map(([areaHa, opacity]) => {
          const part = `<rect x="${at}" y="${y(base + areaHa).toFixed(1)}" width="${barPx.toFixed(1)}" height="${(y(base) - y(base + areaHa)).toFixed(1)}" fill="${colour}" fill-opacity="${opacity}"/>`;
          base += areaHa;
          return areaHa > 0 ? part : '';
        });
      })
      .join('');
  });
  const strip = looks.map(({ observedFraction }, i) => {
    const high = stripHeight * Math.min(1, observedFraction);
    const at = (x(days[i]!) - barPx / 2).toFixed(1);
    return `<rect x="${at}" y="${stripTop}" width="${barPx.toFixed(1)}" height="${stripHeight}" fill="#eee"/><rect x="${at}" y="${(stripTop + stripHeight - high).toFixed(1)}" width="${barPx.toFixed(1)}" height="${high.toFixed(1)}" fill="#4c86a8"/>`;
  });
  let lastLabel = -Infinity;
  const labels = looks.map(({ date }, i) => {
    const at = x(days[i]!);
    if (at - lastLabel < 68) return '';
    lastLabel = at;
    return `<text x="${at.toFixed(1)}" y="${bottom + 20}" text-anchor="middle">${date.slice(0, 10)}</text>`;
  });
  const present = styles.filter(({ name }) => shown.some(({ category }) => category === name));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${font} font-size="12" fill="#333"><rect width="${width}" height="${height}" fill="#fff"/><text x="${left}" y="22" font-size="15">疑似变化面积（公顷）suspected changed ground, ha</text>${legend(present)}${ticks.join('')}${bars.join('')}${labels.join('')}${strip.join('')}<rect x="${width - right - 240}" y="11" width="12" height="12" fill="#777" fill-opacity="0.35"/><text x="${width - right - 222}" y="22">未见，沿用上次面积 not seen, as last seen</text><text x="${left - 8}" y="${stripTop + 17}" text-anchor="end">已观测</text><text x="${left}" y="${stripTop + stripHeight + 18}">已观测占比 share of the grid that was seen · 均为疑似线索，须实地核查 suspected clues: a field check decides</text></svg>`;
}
