import type { ChangeKind } from './change-type.ts';
import { longAxis, noSeams, quarterTurn, slices, spanOf, type Piece } from './piece.ts';
import type { Part } from './sketch.ts';

/**
 * Fields made larger and regular: crops before and after, moved soil in between. No permit and no loss, so it is never
 * among what happens by chance: only projects do it.
 */
export const fieldsLevelled: ChangeKind = {
  id: 'fields-levelled',
  zh: '田块平整',
  category: 'review',
  host: 'crop',
  classBefore: 'crops',
  classAfter: 'crops',
  codeAfter: '0101',
  areaM2: [2000, 60_000],
  worksDays: [60, 180],
  weight: 0,
  lawful: 1,
  shape: 'parcel',
  site: 'earthwork',
  final: 'fields',
};

/** Fields between new ditches (m). */
const fieldM = 60;
const laneM = 4.5;
const ditchM = 3;

/** A road along the middle and ditches across it; the fields between them are what lies below. */
export function fieldParts(piece: Piece): Part[] {
  const along = longAxis(piece);
  const across = quarterTurn(along);
  const [low, high] = spanOf(piece, across);
  const [near, road, far] = slices(piece, across, [(high - low - laneM) / 2, laneM], noSeams);
  const [from, to] = spanOf(piece, along);
  const count = Math.max(0, Math.floor((to - from) / fieldM) - 1);
  const widths = Array.from({ length: count }, () => [fieldM, ditchM]).flat();
  const ditches = [near, far].flatMap((side) =>
    side ? slices(side, along, widths, noSeams).filter((_, i) => i % 2 === 1) : [],
  );
  return [...ditches.map((ditch) => [ditch, 'canal'] as const), ...(road ? [[road, 'lane'] as const] : [])];
}
