import { readFileSync } from 'node:fs';
import type { PatchRows } from '../../pipeline/change/components.ts';
import { minimumAreaSchema, type MinimumArea } from '../../pipeline/change/minimum-area.ts';
import type { PatchOptions } from '../../pipeline/change/patches.ts';
import type { ClassMap } from '../../pipeline/types.ts';

/** Three groups: vegetation (crops, trees), artificial (built, bare), water. */
export const classMap: ClassMap = {
  id: 'test',
  version: 1,
  classes: [
    { code: 0, name: 'crops', zh: '耕地', colour: '#00ff00', group: 'vegetation' },
    { code: 1, name: 'trees', zh: '林木', colour: '#008000', group: 'vegetation' },
    { code: 2, name: 'built', zh: '建设', colour: '#ff0000', group: 'artificial' },
    { code: 3, name: 'bare', zh: '裸地', colour: '#aa8800', group: 'artificial' },
    { code: 4, name: 'water', zh: '水体', colour: '#0000ff', group: 'water' },
  ],
};

export const shippedMinimumArea: MinimumArea = minimumAreaSchema.parse(
  JSON.parse(readFileSync(new URL('../../config/rules/minimum-area.json', import.meta.url), 'utf8')),
);

/** The shipped rules with slivers switched off: every changed pixel is in a patch. */
export const keepEverything: MinimumArea = {
  ...shippedMinimumArea,
  slivers: { ...shippedMinimumArea.slivers, maxWidthPx: 1, minLengthPx: Number.MAX_SAFE_INTEGER },
};

/** A grid of three rasters. */
export interface PatchScene extends PatchRows {
  readonly width: number;
}

/**
 * Rasters from a drawing: `.` unchanged crops, `#` crops → built, `o` crops → bare, `~` crops → water, `B` unchanged
 * built, `?` not observed.
 */
export function draw(...lines: readonly string[]): PatchScene {
  const text = lines.join('');
  const pixels = (value: (mark: string) => number) => Uint8Array.from(text, value);
  return {
    width: lines[0]!.length,
    rowCount: lines.length,
    change: pixels((mark) => (mark === '?' ? 255 : '#o~'.includes(mark) ? 200 : 10)),
    classBefore: pixels((mark) => (mark === '?' ? 255 : mark === 'B' ? 2 : 0)),
    changeInto: pixels((mark) => ({ '#': 2, o: 3, '~': 4, B: 2, '?': 255 })[mark] ?? 0),
  };
}

/** The same rasters in strips that end at these rows. */
export function* inStrips(scene: PatchScene, ends: readonly number[]): Generator<PatchRows> {
  const all = [...new Set([...ends.filter((end) => end > 0 && end < scene.rowCount), scene.rowCount])].sort(
    (a, b) => a - b,
  );
  let from = 0;
  for (const end of all) {
    const cut = (data: Uint8Array) => data.slice(from * scene.width, end * scene.width);
    yield {
      rowCount: end - from,
      change: cut(scene.change),
      classBefore: cut(scene.classBefore),
      changeInto: cut(scene.changeInto),
    };
    from = end;
  }
}

/** Options with pixels of 100 m² and ids one can read. */
export function patchOptions(width: number, options: Partial<PatchOptions> = {}): PatchOptions {
  return {
    width,
    threshold: 125,
    classMap,
    minimumArea: keepEverything,
    pixelAreaM2: () => 100,
    idContext: 'test',
    hash: (text) => text.replaceAll('\n', ' '),
    ...options,
  };
}
