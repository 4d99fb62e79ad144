import type { CoverName } from './cover.ts';
import { areaOfM2, longAxis, noSeams, quarterTurn, rimOf, slices, spanOf, type Axis, type Piece } from './piece.ts';
import type { Random } from './random.ts';
import type { Part } from './sketch.ts';

const lengthAlong = (piece: Piece, axis: Axis): number => {
  const [low, high] = spanOf(piece, axis);
  return high - low;
};

const roofs: readonly [CoverName, ...CoverName[]] = [
  'roof-blue',
  'roof-blue',
  'roof-metal',
  'roof-white',
  'roof-metal',
  'roof-red',
  'roof-dark',
];
const houseRoofs: readonly [CoverName, ...CoverName[]] = [
  'roof-dark',
  'roof-dark',
  'roof-red',
  'roof-dark',
  'roof-metal',
  'roof-red',
];

/** Widths that fill a length: `pattern` over and over, each value varied by 15 %. */
function widths(lengthM: number, pattern: readonly number[], random: Random): number[] {
  const out: number[] = [];
  for (let at = 0, i = 0; at < lengthM; i++) {
    const width = pattern[i % pattern.length]! * random.range(0.85, 1.15);
    out.push(width);
    at += width;
  }
  return out;
}

/** Sheds in a yard. */
export function factoryParts(piece: Piece, random: Random): Part[] {
  const { inner, rim } = rimOf(piece, Math.min(8, Math.sqrt(areaOfM2(piece)) * 0.12), noSeams);
  const parts: Part[] = rim.map((part) => [part, random.chance(0.4) ? 'verge' : 'hardstand']);
  if (inner === null) return parts;
  const axis = longAxis(inner);
  const lengthM = lengthAlong(inner, axis);
  const shedM = Math.min(random.range(45, 120), lengthM);
  const roof = random.pick(roofs);
  slices(inner, axis, widths(lengthM, [shedM, 12], random), noSeams).forEach((part, i) => {
    if (i % 2 === 1) return void parts.push([part, 'hardstand']);
    const across = quarterTurn(axis);
    const depthM = lengthAlong(part, across);
    const sheds = slices(part, across, widths(depthM, depthM > 60 ? [34, 9] : [depthM, 0], random), noSeams);
    sheds.forEach((shed, k) =>
      parts.push([shed, k % 2 === 1 ? 'yard' : random.chance(0.8) ? roof : random.pick(roofs)]),
    );
  });
  return parts;
}

/** Houses in rows with yards before and gardens behind. */
export function villageParts(piece: Piece, random: Random, isFine: boolean): Part[] {
  const axis = longAxis(piece);
  const across = quarterTurn(axis);
  const parts: Part[] = [];
  const kinds = ['yard', 'house', 'garden'] as const;
  slices(piece, across, widths(lengthAlong(piece, across), [6, 11, 12], random), noSeams).forEach((band, i) => {
    const kind = kinds[i % 3]!;
    if (kind !== 'house') return void parts.push([band, kind]);
    const unitM = isFine ? random.range(12, 30) : random.range(28, 60);
    slices(band, axis, widths(lengthAlong(band, axis), [unitM, 5], random), noSeams).forEach((unit, k) => {
      if (k % 2 === 1) return void parts.push([unit, 'garden']);
      parts.push(...houseParts(unit, random));
    });
  });
  return parts;
}

export const houseParts = (unit: Piece, random: Random): Part[] => [[unit, random.pick(houseRoofs)]];

/** Slabs of flats in rows on green ground. */
export function flatsParts(piece: Piece, random: Random): Part[] {
  const rows = { dx: Math.sin(0.12), dy: Math.cos(0.12) };
  const along = quarterTurn(rows);
  const parts: Part[] = [];
  slices(piece, rows, widths(lengthAlong(piece, rows), [13, 9, 10], random), noSeams).forEach((band, i) => {
    if (i % 3 !== 0) return void parts.push([band, i % 3 === 1 ? 'yard' : 'garden']);
    slices(band, along, widths(lengthAlong(band, along), [48, 14], random), noSeams).forEach((slab, k) =>
      parts.push([slab, k % 2 === 1 ? 'yard' : random.chance(0.5) ? 'roof-metal' : 'roof-dark']),
    );
  });
  return parts;
}

/** A pond within its dikes. */
export function pondParts(piece: Piece, dikeM: number): Part[] {
  const { inner, rim } = rimOf(piece, dikeM, noSeams);
  return [...rim.map((part) => [part, 'verge'] as const), ...(inner ? [[inner, 'pond'] as const] : [])];
}

/** Tunnels side by side; at a few metres they are drawn as a pattern. */
export function greenhouseParts(piece: Piece, random: Random, isFine: boolean): Part[] {
  if (isFine) return [[piece, 'greenhouse']];
  const axis = quarterTurn(longAxis(piece));
  const bands = slices(piece, axis, widths(lengthAlong(piece, axis), [26, 5], random), noSeams);
  return bands.map((band, i) => [band, i % 2 === 0 ? 'greenhouse' : 'upland']);
}

/** Strips of single farmers, across the longer side. */
export function stripParts(piece: Piece, random: Random, cover: CoverName): Part[] {
  const axis = longAxis(piece);
  const lengthM = lengthAlong(piece, axis);
  const count = Math.max(1, Math.round(lengthM / random.range(18, 55)));
  if (count === 1) return [];
  return slices(piece, axis, widths(lengthM, [lengthM / count], random), noSeams).map((part) => [part, cover]);
}

const siteCovers: readonly [CoverName, ...CoverName[]] = [
  'site-ground',
  'site-ground',
  'site-ground',
  'site-net',
  'site-net',
  'site-stack',
  'site-frame',
  'site-frame',
];

/** Works in progress: open ground, nets, stacks, and what already stands. */
export function siteParts(piece: Piece, random: Random): Part[] {
  const axis = longAxis(piece);
  const across = quarterTurn(axis);
  const parts: Part[] = [];
  for (const band of slices(piece, axis, widths(lengthAlong(piece, axis), [22, 9, 34, 7], random), noSeams))
    for (const part of slices(band, across, widths(lengthAlong(band, across), [18, 8, 30], random), noSeams)) {
      const cover = random.pick(siteCovers);
      if (cover !== 'site-ground') parts.push([part, cover]);
    }
  return parts;
}

/** A clump of trees, a grave mound or a pump house in a field. */
export function clumpParts(piece: Piece, random: Random): Part[] {
  const axis = longAxis(piece);
  const across = quarterTurn(axis);
  const sizeM = random.range(4, 14);
  const [, band] = slices(piece, axis, [lengthAlong(piece, axis) * random.range(0, 0.9), sizeM], noSeams);
  if (band === undefined) return [];
  const at = lengthAlong(band, across) * (random.chance(0.6) ? 0 : random.range(0.1, 0.8));
  const [near, middle] = slices(band, across, [Math.max(0.1, at), sizeM * random.range(0.6, 1.5)], noSeams);
  const spot = at < 0.2 ? (middle ?? near) : middle;
  return spot === undefined ? [] : [[spot, sizeM < 7 && random.chance(0.4) ? 'roof-metal' : 'woods']];
}
