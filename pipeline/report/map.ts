import type { CategoryStyle, Picture, ReportInput, ReportPatch } from './report-input.ts';
import { both, section } from './words.ts';

/** Both dates side by side, the patches on the later one in the colour of their category. */
export function maps({ map, patches, categories }: ReportInput): string {
  const figure = (picture: Picture, caption: string, overlay: string): string =>
    `<figure><svg viewBox="0 0 ${picture.width} ${picture.height}" role="img"><image href="${picture.dataUri}" width="${picture.width}" height="${picture.height}"/>${overlay}${scaleBar(picture, map.metresPerPx)}</svg><figcaption>${caption}</figcaption></figure>`;
  const colourOf = new Map(categories.map(({ name, colour }) => [name, colour]));
  const outlines = patches
    .toReversed()
    .map(({ properties: { state, category }, mapRings }) => {
      const colour = colourOf.get(category) ?? '#e6007e';
      return `<path class="${state}" fill="${colour}" stroke="${colour}" d="${pathOf(mapRings)}"/>`;
    })
    .join('');
  const labels = patches
    .filter(({ chips }) => chips !== null)
    .map((patch) => labelOf(patch, map.after.width))
    .join('');
  const shown = new Set(patches.map(({ properties }) => properties.category));
  const legend = categories.filter(({ name }) => shown.has(name)).map(legendEntry);
  return section(
    '地图',
    'Maps',
    `<div class="pair">${figure(map.before, both('前时相', 'before'), '')}${figure(map.after, both('后时相与图斑', 'after, with patches'), outlines + labels)}</div>`,
    `<ul class="legend">${legend.join('')}<li><i class="dash"></i>${both('观察（低于最小上图面积）', 'watch, below minimum area')}</li></ul>`,
  );
}

const legendEntry = ({ colour, zh, en }: CategoryStyle): string =>
  `<li><i style="background:${colour}66;border-color:${colour}"></i>${both(zh, en)}</li>`;

const pathOf = (rings: ReportPatch['mapRings']): string =>
  rings.map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L')}Z`).join('');

function labelOf({ rank, mapRings }: ReportPatch, width: number): string {
  const ring = mapRings[0] ?? [];
  const mean = (k: 0 | 1): number => ring.reduce((sum, point) => sum + point[k], 0) / Math.max(1, ring.length);
  const size = Math.max(10, width / 45);
  return `<text x="${mean(0).toFixed(1)}" y="${(mean(1) + size * 0.35).toFixed(1)}" font-size="${size.toFixed(1)}">${rank}</text>`;
}

/** A bar of a round length near a fifth of the picture. */
function scaleBar(picture: Picture, metresPerPx: number): string {
  const wanted = (picture.width / 5) * metresPerPx;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= wanted) ?? power;
  const px = metres / metresPerPx;
  const size = Math.max(9, picture.width / 55);
  const [x, y] = [size, picture.height - size];
  const label = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  return `<g class="scale"><path d="M${x},${y - size / 2}V${y}H${(x + px).toFixed(1)}V${y - size / 2}"/><text x="${(x + px / 2).toFixed(1)}" y="${(y - size * 0.7).toFixed(1)}" font-size="${size.toFixed(1)}">${label}</text></g>`;
}
