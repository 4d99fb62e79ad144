import { both, escape } from '../../pipeline/report/words.ts';
import type { Evaluation } from './evaluation-format.ts';
import type { Method } from './tally.ts';

export const methodColours: Readonly<Record<Method, string>> = {
  product: '#1f6f4a',
  network: '#7b4fb3',
  irmad: '#c77f00',
  vectors: '#2f6fb5',
};

const figureText = (value: number): string => value.toFixed(2);

/** Said probability against found change; the area of a dot is the share of pixels in its bin (log). */
export function reliabilityChart({ bins, ece }: Evaluation['reliability']): string {
  const [left, top, side] = [46, 12, 300];
  const x = (value: number): string => (left + value * side).toFixed(1);
  const y = (value: number): string => (top + (1 - value) * side).toFixed(1);
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (at) =>
      `<path class="grid" d="M${x(at)} ${y(0)}V${y(1)}M${x(0)} ${y(at)}H${x(1)}"/><text x="${x(at)}" y="${top + side + 18}" text-anchor="middle">${at}</text><text x="${left - 8}" y="${Number(y(at)) + 4}" text-anchor="end">${at}</text>`,
  );
  const most = Math.max(...bins.map(({ pixels }) => pixels), 1);
  const radius = (pixels: number): string => (3 + (6 * Math.log10(1 + pixels)) / Math.log10(1 + most)).toFixed(1);
  const line = bins.map(({ said, found }, i) => `${i === 0 ? 'M' : 'L'}${x(said)} ${y(found)}`).join('');
  const dots = bins.map(
    ({ said, found, pixels }) =>
      `<circle cx="${x(said)}" cy="${y(found)}" r="${radius(pixels)}" fill="${methodColours.product}"><title>${figureText(said)} → ${figureText(found)}, ${pixels} px</title></circle>`,
  );
  return `<svg class="chart" viewBox="0 0 370 368" role="img" aria-label="reliability, ECE ${ece === null ? '-' : ece.toFixed(3)}">${ticks.join('')}<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" class="ideal"/><path d="${line}" fill="none" stroke="${methodColours.product}" stroke-width="2"/>${dots.join('')}<text x="${left + side / 2}" y="${top + side + 40}" text-anchor="middle">说的变化概率 said probability</text><text transform="translate(12 ${top + side / 2}) rotate(-90)" text-anchor="middle">真变化的比例 found to be change</text></svg>`;
}

interface Mark {
  readonly name: string;
  readonly f1: readonly { readonly method: Method; readonly value: number }[];
}

/** F1 of every place on one line: a bar for the product as shipped, a dot for each voice alone. */
export function placeChart({ places }: Evaluation): string {
  const counts = places[0]?.methods[0]?.counts;
  const marks = places
    .map(({ name, methods }): Mark => {
      const rows = methods.filter(
        (row) => row.counts === counts && (row.method === 'product') === (row.thresholdFrom === 'shipped'),
      );
      return { name, f1: rows.flatMap(({ method, f1 }) => (f1 === null ? [] : [{ method, value: f1 }])) };
    })
    .filter(({ f1 }) => f1.length > 0)
    .toSorted((a, b) => (b.f1[0]?.value ?? 0) - (a.f1[0]?.value ?? 0));
  if (marks.length === 0) return '';
  const [left, width, step, top] = [150, 560, 30, 8];
  const x = (value: number): string => (left + value * width).toFixed(1);
  const bottom = top + marks.length * step;
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (at) =>
      `<path class="grid" d="M${x(at)} ${top}V${bottom}"/><text x="${x(at)}" y="${bottom + 18}" text-anchor="middle">${at}</text>`,
  );
  const rows = marks.map(({ name, f1 }, i) => {
    const middle = top + (i + 0.5) * step;
    const shapes = f1.map(({ method, value }) =>
      method === 'product'
        ? `<rect x="${left}" y="${middle - 8}" width="${(value * width).toFixed(1)}" height="16" rx="3" fill="${methodColours.product}"/><text class="value" x="${left + width + 44}" y="${middle + 4}" text-anchor="end">${figureText(value)}</text>`
        : `<circle cx="${x(value)}" cy="${middle}" r="5.5" fill="${methodColours[method]}" stroke="#fff" stroke-width="1.5"><title>${method} ${figureText(value)}</title></circle>`,
    );
    return `<text x="${left - 10}" y="${middle + 4}" text-anchor="end">${escape(name.length > 18 ? `${name.slice(0, 17)}…` : name)}</text>${shapes.join('')}`;
  });
  return `<svg class="chart wide" viewBox="0 0 770 ${bottom + 26}" role="img" aria-label="F1 by place">${ticks.join('')}${rows.join('')}</svg>`;
}

export const methodNames: Readonly<Record<Method, readonly [string, string]>> = {
  product: ['本系统（融合判定）', 'product, fused'],
  network: ['仅网络', 'network alone'],
  irmad: ['仅 IR-MAD', 'IR-MAD alone'],
  vectors: ['仅变化向量', 'change vectors alone'],
};

export function methodLegend(methods: readonly Method[]): string {
  const items = methods.map(
    (method) =>
      `<li><i style="background:${methodColours[method]};border-color:${methodColours[method]}"></i>${both(...methodNames[method])}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}
