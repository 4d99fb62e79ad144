import { readFileSync } from 'node:fs';
import { parseTowns, type Town } from '../../pipeline/rule/region.ts';
import { centreOf, type Corner } from './piece.ts';
import { hashFraction, randomOf } from './random.ts';
import type { Sketch } from './sketch.ts';
import { townM2 } from './landscape.ts';

export interface Village {
  /** 12 digits */
  readonly code: string;
  readonly name: string;
  readonly town: string;
}

/** Whose land it is. */
export interface Territory {
  readonly towns: readonly Town[];
  readonly villages: readonly Village[];
  townName(code: string): string;
  townOfPolder(polder: number): string;
  /** the village of a place, in layout metres */
  villageAt(place: Corner): Village;
  /** the village of a parcel: where towns are small all of a polder is of one, so that a project lies in its town */
  villageOf(place: Corner, polder: number): Village;
}

function townTable(): readonly Town[] {
  const name = 'config/regions/jiaxing-towns.csv';
  const text = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  return [...parseTowns(text, name).values()];
}

const villageM2 = 4e6;
const firstSyllables = [
  '永',
  '新',
  '联',
  '东',
  '西',
  '南',
  '北',
  '建',
  '民',
  '胜',
  '红',
  '双',
  '三',
  '幸',
  '荣',
  '和',
] as const;
const lastSyllables = [
  '兴',
  '丰',
  '联',
  '明',
  '星',
  '桥',
  '港',
  '浜',
  '荡',
  '埭',
  '塘',
  '圩',
  '福',
  '安',
  '乐',
  '庄',
] as const;

/**
 * Towns of neighbouring codes at seeded places; each polder and strip belongs to the nearest village.
 *
 * @param isWhole all towns, however small they become
 */
export function openTerritory(sketch: Sketch, sideM: number, isWhole = false): Territory {
  const random = randomOf(sketch.seed, 95);
  const all = townTable();
  const count = isWhole ? all.length : Math.min(all.length, Math.max(2, Math.round(sideM ** 2 / townM2)));
  const first = random.whole(all.length - count + 1);
  const towns = all.slice(first, first + count);
  const columns = Math.ceil(Math.sqrt(count));
  const cellM = sideM / columns;
  const rows = Math.ceil(count / columns);
  const perTown = Math.max(2, Math.round(sideM ** 2 / count / villageM2));
  const seats = towns.flatMap((town, i) => {
    const centre = {
      x: ((i % columns) + random.range(0.3, 0.7)) * cellM,
      y: ((Math.floor(i / columns) + random.range(0.3, 0.7)) * sideM) / rows,
    };
    // villages of neighbours mix at the borders; where towns are small each must keep some land
    const spread = isWhole ? 0.2 : 0.5;
    return Array.from({ length: perTown }, (_, k) => ({
      village: villageOf(sketch.seed, town, k),
      x: centre.x + random.range(-spread, spread) * cellM,
      y: centre.y + (random.range(-spread, spread) * sideM) / rows,
    }));
  });
  const villageAt = ({ x, y }: Corner): Village => {
    let best = seats[0]!;
    let least = Infinity;
    for (const seat of seats) {
      const far = (seat.x - x) ** 2 + (seat.y - y) ** 2;
      if (far < least) [best, least] = [seat, far];
    }
    return best.village;
  };
  const villages = sketch.polders.map(({ piece }) => villageAt(centreOf(piece)));
  const names = new Map(towns.map(({ code, name }) => [code, name]));
  return {
    towns,
    villages: seats.map(({ village }) => village),
    townName: (code) => names.get(code) ?? code,
    townOfPolder: (polder) => villages[polder]!.town,
    villageAt,
    villageOf: (place, polder) => (isWhole ? villages[polder] : undefined) ?? villageAt(place),
  };
}

function villageOf(seed: number, town: Town, k: number): Village {
  const draw = (key: number, list: readonly string[]): string =>
    list[Math.floor(hashFraction(seed, Number(town.code), k, key) * list.length)]!;
  const name = `${draw(1, firstSyllables)}${draw(2, lastSyllables)}村`;
  return { code: `${town.code}${201 + k}`, name, town: town.code };
}
