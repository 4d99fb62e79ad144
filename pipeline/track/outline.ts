import type { TrackRules } from './confirmation.ts';
import type { OpenTrack, Outline } from './open-track.ts';

type Shown = Pick<
  OpenTrack,
  'fineOutlines' | 'coarseOutlines' | 'polygons' | 'areaM2' | 'gsdM' | 'category' | 'classBefore' | 'classAfter'
>;

/** The newest outline of the median area, the smaller of two: one look too large or too small is no growth. */
function medianOf(outlines: readonly Outline[]): Outline | undefined {
  const areas = outlines.map(({ areaM2 }) => areaM2).sort((a, b) => a - b);
  const median = areas[Math.floor((areas.length - 1) / 2)];
  return outlines.findLast(({ areaM2 }) => areaM2 === median);
}

/** What most of the outlines say, the newest of equals. */
function mostOf<K extends 'category' | 'classBefore' | 'classAfter'>(outlines: readonly Outline[], key: K): Outline[K] {
  const counts = new Map<Outline[K], number>();
  for (const outline of outlines) counts.set(outline[key], (counts.get(outline[key]) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return outlines.findLast((outline) => counts.get(outline[key]) === most)![key];
}

/** Whether an area is larger than another by more than pixels that waver. */
export function isLarger(
  areaM2: number,
  thanM2: number,
  rules: TrackRules,
  { classAfter, gsdM }: { readonly classAfter: string; readonly gsdM: number },
): boolean {
  const { growFraction } = rules.confirmation.matching;
  return areaM2 >= thanM2 * (1 + growFraction) && areaM2 - thanM2 >= rules.minimumM2(classAfter, gsdM);
}

/**
 * Add a newest outline. Fine looks say how much; a coarse one is heard when there is none, or when it shows later that
 * the patch became clearly larger.
 */
export function withOutline(
  shown: Pick<Shown, 'fineOutlines' | 'coarseOutlines'>,
  outline: Outline,
  rules: TrackRules,
): Shown {
  const { fineGsdM, outlineLooks } = rules.confirmation.matching;
  const isFine = outline.gsdM <= fineGsdM;
  const add = (to: readonly Outline[]) => [...to, outline].slice(-outlineLooks);
  const fineOutlines = isFine ? add(shown.fineOutlines) : shown.fineOutlines;
  const coarseOutlines = isFine ? shown.coarseOutlines : add(shown.coarseOutlines);
  const [fine, coarse] = [medianOf(fineOutlines), medianOf(coarseOutlines)];
  const isOutgrown =
    fine !== undefined &&
    coarse !== undefined &&
    coarse.date > (fineOutlines.at(-1)?.date ?? '') &&
    isLarger(coarse.areaM2, fine.areaM2, rules, coarse);
  const chosen = fine === undefined || isOutgrown ? coarse! : fine;
  const heard = chosen === fine ? fineOutlines : coarseOutlines;
  // what only goes as far as review says how much, and leaves it to others what it is
  const isVague = coarse !== undefined && heard.every(({ category }) => category === 'review');
  const meant = isVague ? coarseOutlines : heard;
  return {
    fineOutlines,
    coarseOutlines,
    polygons: chosen.polygons,
    areaM2: chosen.areaM2,
    gsdM: chosen.gsdM,
    category: mostOf(meant, 'category'),
    classBefore: mostOf(meant, 'classBefore'),
    classAfter: mostOf(meant, 'classAfter'),
  };
}

/**
 * Outlines that go on where one look draws tracks anew, as one or in pieces: none, but for a fine look that goes no further
 * than review, which leaves it to the coarse ones of the largest track to say what it is.
 */
export function outlinesKept(
  tracks: readonly Shown[],
  { gsdM, category }: Pick<Outline, 'gsdM' | 'category'>,
  { confirmation }: TrackRules,
): Pick<Shown, 'fineOutlines' | 'coarseOutlines'> {
  const isVague = category === 'review' && gsdM <= confirmation.matching.fineGsdM;
  const known = isVague ? tracks.filter((track) => track.category !== 'review') : [];
  const largest = known.reduce<Shown | null>(
    (best, track) => (best !== null && best.areaM2 >= track.areaM2 ? best : track),
    null,
  );
  return { fineOutlines: [], coarseOutlines: largest?.coarseOutlines ?? [] };
}
