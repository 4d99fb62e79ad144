/** How a report page prints values: escaped, Chinese first, m² and 亩 with separators. */
export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
export const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
/** 亩: 1 mu = 2000/3 m² exactly. */
export const mu = (areaM2: number): string => number((areaM2 * 3) / 2000, 1);
export const percent = (fraction: number): string =>
  `${number(fraction * 100, fraction < 0.01 && fraction > 0 ? 2 : 1)} %`;
export const day = (date: string | null): string => (date === null ? '未知 unknown' : date.slice(0, 10));
export const both = (zh: string, en: string): string => `${escape(zh)} <span class="en">${escape(en)}</span>`;
export const swatch = (colour: string): string => `<i class="swatch" style="background:${colour}"></i>`;

/** A table of numbers; cells are markup already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table class="numbers"><thead>${line(head, 'th')}</thead><tbody>${rows.map((cells) => line(cells, 'td')).join('')}</tbody></table>`;
}

export const section = (zh: string, en: string, ...body: readonly string[]): string =>
  `<section><h2>${both(zh, en)}</h2>${body.join('')}</section>`;
