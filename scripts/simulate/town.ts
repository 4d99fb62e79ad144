import { areaOfM2, longAxis, slices, spanOf, type Piece } from './piece.ts';
import { pickByWeight, type Random } from './random.ts';
import { addParcel, closeBlock, openBlock, type Sketch } from './sketch.ts';
import { factoryParts, flatsParts, siteParts } from './works.ts';

interface TownJob {
  readonly polder: number;
  readonly use: 'town' | 'industry';
  readonly piece: Piece;
  readonly random: Random;
}

type Lot = 'flats' | 'shops' | 'school' | 'park' | 'idle' | 'works' | 'store' | 'site';

const lots: Readonly<Record<TownJob['use'], Partial<Record<Lot, number>>>> = {
  town: { flats: 52, shops: 16, school: 9, park: 8, works: 10, idle: 5 },
  industry: { works: 74, store: 9, idle: 8, park: 3, flats: 6 },
};

/** Works in progress can be told from moved soil at a few metres alone. */
const fineLots: typeof lots = {
  town: { ...lots.town, site: 7 },
  industry: { ...lots.industry, site: 7 },
};

/** Streets, and lots between them. */
export function addTown(sketch: Sketch, job: TownJob): void {
  const { piece, random, polder, use } = job;
  const lotM2 = Math.min(random.range(14_000, 32_000) * (use === 'industry' ? 1.5 : 1), sketch.blockM2 * 1.5);
  if (areaOfM2(piece) < lotM2) return addLot(sketch, job);
  const along = longAxis(piece);
  const [low, high] = spanOf(piece, along);
  const widthM = random.range(9, 20);
  const at = (high - low) * random.range(0.4, 0.6) - widthM / 2;
  const [near, street, far] = slices(piece, along, [at, widthM], sketch.seams);
  if (street) {
    const parcel = { piece: street, code: '1004', settlement: '202', widthM };
    addParcel(sketch, { polder, block: -1 }, parcel, 'asphalt');
  }
  for (const part of [near, far]) if (part) addTown(sketch, { ...job, piece: part });
}

function addLot(sketch: Sketch, { piece, random, polder, use }: TownJob): void {
  const lot = pickByWeight((sketch.isFine ? fineLots : lots)[use], random.next());
  const block = openBlock(sketch, piece, lot === 'works' || lot === 'store' ? 'factory' : 'town', polder);
  const place = { polder, block };
  const of = (code: string, settlement = '202') => ({ piece, code, settlement });
  switch (lot) {
    case 'flats':
      addParcel(sketch, place, of('0701'), 'garden', flatsParts(piece, random));
      break;
    case 'shops':
      addParcel(sketch, place, of('05H1'), 'yard', factoryParts(piece, random));
      break;
    case 'school':
      addParcel(sketch, place, of(random.chance(0.8) ? '08H2' : '08H1'), 'turf', flatsParts(piece, random).slice(0, 9));
      break;
    case 'park':
      addParcel(sketch, place, of('0810'), 'verge');
      break;
    case 'idle':
      addParcel(sketch, place, of('1201'), 'idle');
      break;
    case 'site':
      addParcel(sketch, place, of('1201'), 'site-ground', siteParts(piece, random));
      break;
    case 'store':
      addParcel(sketch, place, of('0508', '202A'), 'hardstand', factoryParts(piece, random));
      break;
    default:
      addParcel(sketch, place, of('0601', '202A'), 'hardstand', factoryParts(piece, random));
  }
  closeBlock(sketch, block);
}
