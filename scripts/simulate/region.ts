import type { CoverName } from './cover.ts';
import {
  areaOfM2,
  cut,
  longAxis,
  noSeams,
  quarterTurn,
  slices,
  spanOf,
  turned,
  type Axis,
  type Piece,
} from './piece.ts';
import type { Random } from './random.ts';
import { addParcel, type Part, type Sketch } from './sketch.ts';

/** A strip between two parts of the country: what it is, and what lies along its sides. */
interface StripKind {
  readonly code: string;
  readonly cover: CoverName;
  readonly widthM: readonly [number, number];
  readonly sideM: number;
  readonly side: CoverName;
}

/** From the great to the small: which strips divide parts larger than `fromM2`. */
const strips: readonly { readonly fromM2: number; readonly kinds: readonly [StripKind, ...StripKind[]] }[] = [
  {
    fromM2: 2e7,
    kinds: [
      { code: '1101', cover: 'river', widthM: [55, 95], sideM: 9, side: 'woods' },
      { code: '1101', cover: 'river', widthM: [45, 70], sideM: 8, side: 'verge' },
      { code: '1003', cover: 'asphalt', widthM: [30, 34], sideM: 14, side: 'woods' },
    ],
  },
  {
    fromM2: 4e6,
    kinds: [
      { code: '1101', cover: 'river', widthM: [22, 46], sideM: 6, side: 'verge' },
      { code: '1003', cover: 'asphalt', widthM: [18, 24], sideM: 7, side: 'woods' },
    ],
  },
  {
    fromM2: 1e6,
    kinds: [
      { code: '1101', cover: 'canal', widthM: [14, 26], sideM: 4, side: 'verge' },
      { code: '1101', cover: 'canal', widthM: [13, 20], sideM: 4, side: 'woods' },
      { code: '1003', cover: 'asphalt', widthM: [9, 12], sideM: 3, side: 'woods' },
    ],
  },
  {
    fromM2: 0,
    kinds: [
      { code: '1107', cover: 'canal', widthM: [7, 12], sideM: 3, side: 'verge' },
      { code: '1107', cover: 'canal', widthM: [6, 9], sideM: 2, side: 'garden' },
      { code: '1006', cover: 'lane', widthM: [5, 6.5], sideM: 2, side: 'verge' },
    ],
  },
];

/** Long strips are surveyed in lengths of about this (m). */
const lengthM = 700;

/** Cuts the country into polders of about `polderM2` with rivers, canals and roads between them. */
export function divideRegion(
  sketch: Sketch,
  piece: Piece,
  options: { readonly polderM2: number; readonly random: Random },
): Piece[] {
  const { polderM2, random } = options;
  const areaM2 = areaOfM2(piece);
  if (areaM2 < polderM2 * random.range(0.7, 1.7)) return [piece];
  const along = turned(longAxis(piece), random.range(-0.2, 0.2));
  const [low, high] = spanOf(piece, along);
  const at = low + (high - low) * random.range(0.38, 0.62);
  const rank = strips.find(({ fromM2 }) => areaM2 >= fromM2)!;
  const kind = random.pick(rank.kinds);
  const widthM = Math.min(random.range(...kind.widthM), Math.sqrt(areaM2) / 12);
  const [near, strip, far] = parted(sketch, piece, { along, from: at - widthM / 2, to: at + widthM / 2 });
  if (strip) addStrip(sketch, strip, { kind, widthM, across: along, random });
  return [near, far].flatMap((part) => (part ? divideRegion(sketch, part, options) : []));
}

function parted(
  sketch: Sketch,
  piece: Piece,
  { along, from, to }: { readonly along: Axis; readonly from: number; readonly to: number },
): readonly [Piece | null, Piece | null, Piece | null] {
  const across = quarterTurn(along);
  const line = (at: number) => ({ x: along.dx * at, y: along.dy * at, dx: across.dx, dy: across.dy });
  const [near, rest] = cut(piece, line(from), sketch.seams);
  if (rest === null) return [near, null, null];
  const [strip, far] = cut(rest, line(to), sketch.seams);
  return [near, strip, far];
}

function addStrip(
  sketch: Sketch,
  strip: Piece,
  {
    kind,
    widthM,
    across,
    random,
  }: { readonly kind: StripKind; readonly widthM: number; readonly across: Axis; readonly random: Random },
): void {
  const along = quarterTurn(across);
  const [low, high] = spanOf(strip, along);
  const parts = Math.max(1, Math.round((high - low) / lengthM));
  const lengths = Array.from({ length: parts - 1 }, () => (high - low) / parts);
  const isWater = kind.cover === 'river' || kind.cover === 'canal';
  for (const piece of slices(strip, along, lengths, sketch.seams)) {
    const sideM = Math.min(kind.sideM, widthM / 4) * random.range(0.6, 1.3);
    const [first, middle, last] = slices(piece, across, [sideM, widthM - 2 * sideM], noSeams);
    const sides: Part[] = [first, last].flatMap((side) => (side ? [[side, kind.side] as const] : []));
    const lanes: Part[] = middle && !isWater && widthM > 25 ? laneParts(middle, across) : [];
    addParcel(sketch, { polder: -1, block: -1 }, { piece, code: kind.code, widthM }, kind.cover, [...sides, ...lanes]);
  }
}

/** The green between the lanes of a motorway. */
function laneParts(road: Piece, across: Axis): Part[] {
  const [low, high] = spanOf(road, across);
  const [, green] = slices(road, across, [(high - low) / 2 - 1.2, 2.4], noSeams);
  return green ? [[green, 'verge']] : [];
}
