import { readFileSync } from 'node:fs';
import { parseLandCodes } from '../../pipeline/rule/land-code.ts';
import type { GeoFeature } from './geojson-file.ts';
import type { Ground } from './ground.ts';
import { centreOf } from './piece.ts';
import { openPlanting, type Planting } from './planting.ts';
import { hashFraction } from './random.ts';
import type { Parcel } from './sketch.ts';
import type { World } from './world.ts';

const landCodes = parseLandCodes(readFileSync(new URL('../../config/land-codes.csv', import.meta.url), 'utf8'));

/** DLMC of a DLBM; the survey knows no other codes. */
export function landName(code: string): string {
  const name = landCodes.get(code)?.name;
  if (name === undefined) throw new RangeError(`${code} is no land-survey code`);
  return name;
}

const isCropland = (code: string): boolean => code.startsWith('01');
/** Year of the survey. */
const surveyYear = 2024;

/** Whether the national rules protect the block: most paddy, whole polders at a time. */
export function isPermanentFarmland({ sketch }: Pick<World, 'sketch'>, block: number): boolean {
  const { use, polder } = sketch.blocks[block]!;
  if (use !== 'crop' || sketch.polders[polder]!.use !== 'paddy') return false;
  return hashFraction(sketch.seed, polder, 501) < 0.85 && hashFraction(sketch.seed, block, 502) < 0.93;
}

/** Whether a polder is a grain functional zone. */
export function isGrainZone({ sketch }: Pick<World, 'sketch'>, polder: number): boolean {
  return sketch.polders[polder]!.use === 'paddy' && hashFraction(sketch.seed, polder, 503) < 0.4;
}

const two = (value: number): number => Math.round(value * 100) / 100;

const plantingNames = { LS: '种植粮食作物', FLS: '种植非粮食作物', LYFL: '粮与非粮轮作', WG: '未耕种' } as const;

/** The land survey (DLTB) parcel by parcel; parcels wholly outside the scene are left out. */
export function* surveyFeatures(world: World, ground: Ground): Generator<GeoFeature> {
  const { sketch, sideM } = world;
  const { originX, originY } = ground.frame;
  const plantingOf = openPlanting(world);
  for (const [number, parcel] of sketch.parcels.entries()) {
    const ring = ground.outline(parcel.piece);
    const isInside = ring.some(([x, y]) => x > originX && y > originY && x < originX + sideM && y < originY + sideM);
    if (isInside)
      yield {
        polygons: [ring],
        properties: surveyRow(world, {
          number,
          parcel,
          areaM2: ground.areaM2(ring),
          planting: isCropland(parcel.code) ? (plantingOf(number, surveyYear)?.status ?? null) : null,
        }),
      };
  }
}

function surveyRow(
  world: World,
  {
    number,
    parcel,
    areaM2,
    planting,
  }: { readonly number: number; readonly parcel: Parcel; readonly areaM2: number; readonly planting: Planting | null },
): GeoFeature['properties'] {
  const { code, settlement, widthM, piece } = parcel;
  const village = world.programme.territory.villageOf(centreOf(piece), parcel.polder);
  const seat = `${village.code}0000000`;
  const isField = isCropland(code);
  const isOwnedByState = ['1101', '1102', '1003'].includes(code);
  return {
    BSM: `${village.code.slice(0, 6)}${String(number + 1).padStart(12, '0')}`,
    YSDM: '2001010100',
    TBYBH: '',
    TBBH: String(number + 1).padStart(8, '0'),
    DLBM: code,
    DLMC: landName(code),
    QSXZ: isOwnedByState ? '10' : '30',
    QSDWDM: seat,
    QSDWMC: village.name,
    ZLDWDM: seat,
    ZLDWMC: village.name,
    TBMJ: two(areaM2),
    KCDLBM: isField ? '1203' : '',
    KCXS: isField ? 0.0387 : 0,
    KCMJ: isField ? two(areaM2 * 0.0387) : 0,
    TBDLMJ: isField ? two(two(areaM2) - two(areaM2 * 0.0387)) : two(areaM2),
    GDLX: isField ? 'PD' : '',
    GDPDJB: isField ? '1' : '',
    XZDWKD: widthM === null ? 0 : two(widthM),
    TBXHDM: '',
    TBXHMC: '',
    ZZSXDM: planting ?? '',
    ZZSXMC: planting === null ? '' : plantingNames[planting],
    GDDB: isField ? 6 : 0,
    FRDBS: '0',
    CZCSXM: settlement ?? '',
    SJNF: surveyYear,
    MSSM: '00',
    HDMC: '',
    BZ: '模拟数据',
  };
}

/** Permanent farmland (YJJBNTBHTB), block by block. */
export function* farmlandFeatures(world: World, ground: Ground): Generator<GeoFeature> {
  const { sketch, programme } = world;
  for (const [number, { piece, polder }] of sketch.blocks.entries()) {
    if (!isPermanentFarmland(world, number)) continue;
    const ring = ground.outline(piece);
    const areaM2 = two(ground.areaM2(ring));
    const village = programme.territory.villageOf(centreOf(piece), polder);
    yield {
      polygons: [ring],
      properties: {
        YJJBNTTBBH: `${village.code}${String(number + 1).padStart(7, '0')}`,
        TBBH: String(number + 1).padStart(8, '0'),
        DLBM: '0101',
        DLMC: landName('0101'),
        QSXZ: '30',
        QSDWDM: `${village.code}0000000`,
        ZLDWDM: `${village.code}0000000`,
        YJJBNTTBMJ: areaM2,
        KCMJ: two(areaM2 * 0.0387),
        YJJBNTMJ: two(areaM2 - two(areaM2 * 0.0387)),
        BZ: '模拟数据',
      },
    };
  }
}

/** Grain functional zones (粮食生产功能区), one a polder. */
export function* grainZoneFeatures(world: World, ground: Ground): Generator<GeoFeature> {
  for (const [number, { piece }] of world.sketch.polders.entries()) {
    if (!isGrainZone(world, number)) continue;
    const ring = ground.outline(piece);
    const town = world.programme.territory.townOfPolder(number);
    yield {
      polygons: [ring],
      properties: {
        id: `LSQ${String(number + 1).padStart(5, '0')}`,
        kind: 'grain-zone',
        town,
        areaM2: two(ground.areaM2(ring)),
        BZ: '模拟数据',
      },
    };
  }
}
