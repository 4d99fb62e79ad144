import type { CoverName } from './cover.ts';
import {
  areaOfM2,
  centreOf,
  cut,
  longAxis,
  quarterTurn,
  rimOf,
  slice,
  slices,
  spanOf,
  turned,
  type Piece,
} from './piece.ts';
import { pickByWeight, type Random } from './random.ts';
import { addParcel, closeBlock, openBlock, type BlockUse, type Sketch } from './sketch.ts';
import { addTown } from './town.ts';
import { clumpParts, greenhouseParts, pondParts, stripParts, factoryParts, villageParts } from './works.ts';

/** Shares of block uses by polder (weights). */
const mixes: Readonly<
  Record<'paddy' | 'vegetable' | 'aqua' | 'orchard' | 'nursery', Partial<Record<BlockUse, number>>>
> = {
  paddy: { crop: 84, orchard: 4, nursery: 2, pond: 5, woods: 2, greenhouse: 1.5, factory: 1.5 },
  vegetable: { crop: 72, greenhouse: 14, orchard: 6, nursery: 4, pond: 3, factory: 1 },
  aqua: { pond: 68, crop: 24, woods: 4, greenhouse: 2, factory: 2 },
  orchard: { orchard: 62, crop: 26, nursery: 5, pond: 4, woods: 3 },
  nursery: { nursery: 60, crop: 26, orchard: 8, pond: 4, woods: 2 },
};

/** With fields of panels, which only a few metres show as what they are, and more of what is rare. */
const fineMixes: typeof mixes = {
  paddy: { ...mixes.paddy, photovoltaic: 2.5, greenhouse: 3 },
  vegetable: mixes.vegetable,
  aqua: { ...mixes.aqua, photovoltaic: 4 },
  orchard: { ...mixes.orchard, photovoltaic: 2 },
  nursery: mixes.nursery,
};

interface Job {
  readonly polder: number;
  readonly use: keyof typeof mixes;
  readonly random: Random;
}

/** Fills a polder with villages, ditches, field paths and parcels. */
export function fillPolder(sketch: Sketch, polder: number, random: Random): void {
  const { piece, use } = sketch.polders[polder]!;
  if (use === 'town' || use === 'industry') return addTown(sketch, { polder, use, piece, random });
  if (use === 'lake') {
    return addLake(sketch, { polder, use: 'paddy', random }, piece);
  }
  const job: Job = { polder, use, random };
  let rest: Piece | null = piece;
  const villages = areaOfM2(piece) > 12 * sketch.blockM2 ? 2 : 1;
  for (let i = 0; i < villages && rest !== null; i++) if (random.chance(0.72)) rest = addVillage(sketch, job, rest);
  if (rest !== null) addFields(sketch, job, rest, 0);
}

/** A lake with round shores; what its polder has beyond them is fields. */
function addLake(sketch: Sketch, job: Job, piece: Piece): void {
  const { x, y } = centreOf(piece);
  const radiusM = Math.sqrt(areaOfM2(piece) / Math.PI);
  let water: Piece = piece;
  for (let i = 0; i < 11; i++) {
    const angle = ((i + job.random.next()) / 11) * 2 * Math.PI;
    const out = { dx: Math.cos(angle), dy: Math.sin(angle) };
    const reachM = radiusM * job.random.range(0.68, 1.05);
    const [within, beyond] = cut(
      water,
      { x: x + out.dx * reachM, y: y + out.dy * reachM, ...quarterTurn(out) },
      sketch.seams,
    );
    if (within === null) continue;
    water = within;
    if (beyond) addBlock(sketch, job, beyond, areaOfM2(beyond) > 6000 ? 'crop' : 'woods');
  }
  addParcel(sketch, { polder: job.polder, block: -1 }, { piece: water, code: '1102' }, 'lake', []);
}

/** A village along one side of the polder; returns what is left of it. */
function addVillage(sketch: Sketch, job: Job, piece: Piece): Piece | null {
  const { random, polder } = job;
  const across = random.chance(0.5) ? quarterTurn(longAxis(piece)) : longAxis(piece);
  const [low, high] = spanOf(piece, across);
  const depthM = Math.min(random.range(42, 95), (high - low) * 0.28);
  const [strip, rest] = slice(piece, across, depthM, sketch.seams);
  if (strip === null || depthM < 25) return piece;
  const along = quarterTurn(across);
  const [from, to] = spanOf(strip, along);
  const lengthM = to - from;
  const start = lengthM * random.range(0.02, 0.3);
  const parts = slices(strip, along, [start, lengthM * random.range(0.3, 0.6)], sketch.seams);
  parts.forEach((part, i) => {
    if (i !== 1) return addBlock(sketch, { ...job, use: 'vegetable' }, part, 'crop');
    const block = openBlock(sketch, part, 'village', polder);
    const parcel = { piece: part, code: '0702', settlement: '203' };
    addParcel(sketch, { polder, block }, parcel, 'garden', villageParts(part, random, sketch.isFine));
    closeBlock(sketch, block);
  });
  return rest;
}

/** Ditches and paths in turn, until blocks are left. */
function addFields(sketch: Sketch, job: Job, piece: Piece, depth: number): void {
  const { random, polder } = job;
  const areaM2 = areaOfM2(piece);
  if (areaM2 < sketch.blockM2 * random.range(0.8, 1.6)) {
    return addBlock(
      sketch,
      job,
      piece,
      pickByWeight<BlockUse>((sketch.isFine ? fineMixes : mixes)[job.use], random.next()),
    );
  }
  const along = turned(longAxis(piece), depth === 0 ? random.range(-0.12, 0.12) : random.range(-0.03, 0.03));
  const [low, high] = spanOf(piece, along);
  const isDitch = depth % 2 === 0;
  const widthM = isDitch ? random.range(2.2, 4) : random.range(3, 4.2);
  const at = (high - low) * random.range(0.42, 0.58) - widthM / 2;
  const [near, strip, far] = slices(piece, along, [at, widthM], sketch.seams);
  if (strip) {
    const parcel = { piece: strip, code: isDitch ? '1107' : '1006', widthM };
    addParcel(sketch, { polder, block: -1 }, parcel, isDitch ? 'canal' : 'lane');
  }
  for (const part of [near, far]) if (part) addFields(sketch, job, part, depth + 1);
}

/** Parcel size by use (m²): fields of 0.1-2 ha, ponds of 0.3-1 ha. */
const parcelM2: Readonly<Record<BlockUse, readonly [number, number]>> = {
  crop: [5000, 20_000],
  orchard: [5000, 16_000],
  nursery: [4000, 15_000],
  pond: [3500, 11_000],
  woods: [4000, 20_000],
  greenhouse: [4000, 14_000],
  photovoltaic: [8000, 30_000],
  factory: [6000, 20_000],
  town: [20_000, 40_000],
  village: [10_000, 40_000],
};

function addBlock(sketch: Sketch, job: Job, piece: Piece, use: BlockUse): void {
  const block = openBlock(sketch, piece, use, job.polder);
  const mostM2 = Math.min(job.random.range(...parcelM2[use]), areaOfM2(piece) * 0.7);
  addParcels(sketch, { ...job, block, blockUse: use, mostM2 }, piece);
  closeBlock(sketch, block);
}

interface BlockJob extends Job {
  readonly block: number;
  readonly blockUse: BlockUse;
  readonly mostM2: number;
}

function addParcels(sketch: Sketch, job: BlockJob, piece: Piece): void {
  const { random, mostM2 } = job;
  if (areaOfM2(piece) < mostM2 * random.range(0.9, 1.5)) return addOne(sketch, job, piece);
  const along = longAxis(piece);
  const [low, high] = spanOf(piece, along);
  for (const part of slices(piece, along, [(high - low) * random.range(0.35, 0.65)], sketch.seams))
    addParcels(sketch, job, part);
}

function addOne(sketch: Sketch, job: BlockJob, piece: Piece): void {
  const { random, blockUse, use } = job;
  const add = (code: string, ground: CoverName, parts: ReturnType<typeof pondParts> = [], settlement?: string): void =>
    addParcel(sketch, job, settlement === undefined ? { piece, code } : { piece, code, settlement }, ground, parts);
  switch (blockUse) {
    case 'crop': {
      const isUpland = random.chance(use === 'vegetable' ? 0.6 : 0.07);
      const cover = isUpland ? 'upland' : 'paddy';
      const parts = random.chance(isUpland ? 0.9 : 0.5) ? stripParts(piece, random, cover) : [];
      if (sketch.isFine && random.chance(0.2)) parts.push(...clumpParts(piece, random));
      return add(isUpland ? (random.chance(0.5) ? '0103' : '0102') : '0101', cover, parts);
    }
    case 'orchard': {
      const isMulberry = random.chance(0.55);
      const code = isMulberry ? '0204' : '0201';
      return add(random.chance(0.3) ? `${code}K` : code, isMulberry ? 'mulberry' : 'orchard');
    }
    case 'nursery':
      return add(random.chance(0.4) ? '0307K' : '0307', 'nursery', stripParts(piece, random, 'nursery'));
    case 'pond':
      return add(
        random.chance(0.15) ? '1104K' : '1104A',
        'verge',
        pondParts(piece, random.range(1.5, 3.5) * (sketch.isFine ? 1.5 : 1)),
      );
    case 'woods':
      return add(random.chance(0.25) ? '0302' : '0301', 'woods');
    case 'greenhouse':
      return add(random.chance(0.5) ? '1202' : '0102', 'upland', greenhouseParts(piece, random, sketch.isFine));
    case 'photovoltaic':
      return add('0601', 'photovoltaic');
    case 'factory':
      return add('0601', 'yard', factoryParts(piece, random), '203A');
    default:
      return add(
        '0404',
        'verge',
        rimOf(piece, 3, sketch.seams).rim.map((part) => [part, 'woods'] as const),
      );
  }
}
