import type { Change, ChangePlots } from './change.ts';
import { phaseOn, phases } from './change.ts';
import { paint, type Canvas, type Outlines, type RowIndex } from './fill.ts';
import type { Sketch } from './sketch.ts';

/** The land, its changes and an index of both: all that is needed to paint any rows of any look. */
export interface Painting {
  readonly sketch: Sketch;
  readonly changes: readonly Change[];
  readonly drawn: ChangePlots;
  readonly land: Outlines;
  readonly landRows: RowIndex;
  readonly changed: Outlines;
  readonly changedRows: RowIndex;
  readonly sideM: number;
}

/** Labels: plots of the land first, then plots of changes. */
export function paintLabels(painting: Painting, canvas: Canvas, day: number): void {
  const { land, landRows } = painting;
  canvas.labels.fill(-1);
  const bottomM = canvas.topM - canvas.height * canvas.stepM;
  paint(canvas, land, landRows.between(canvas.topM, bottomM), (plot) => plot);
  paintChanges(painting, canvas, day);
}

/** Paint what stands on a day over what was there before. */
export function paintChanges(
  { changed, changedRows, changes, drawn, land }: Painting,
  canvas: Canvas,
  day: number,
): void {
  const owner = drawn.plots.parcelOf();
  const bottomM = canvas.topM - canvas.height * canvas.stepM;
  paint(canvas, changed, changedRows.between(canvas.topM, bottomM), (plot) =>
    phases.indexOf(phaseOn(changes[owner[plot]!]!, day)) === drawn.phaseOf[plot] ? land.count + plot : -1,
  );
}
