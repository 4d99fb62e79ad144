import { isWithin, type Region } from '../rule/region.ts';
import { riceEvidence, seenLooks, winterEvidence, type Evidence, type SeenLook } from './evidence.ts';
import { dayNumber, orderSeries, type ParcelSeries } from './parcel-series.ts';
import { cropShares, mayJudge, type SeasonModel, type YearShare } from './season-model.ts';
import type { CropRule, PlantingRules } from './season-rules.ts';

export const plantingStatuses = ['grain', 'non-grain', 'rotation', 'fallow', 'uncultivated', 'unknown'] as const;
export type PlantingStatus = (typeof plantingStatuses)[number];

/** ZZSXDM by status; unknown has none. */
export const plantingCodes: Readonly<Record<PlantingStatus, string>> = {
  grain: 'LS',
  'non-grain': 'FLS',
  rotation: 'LYFL',
  fallow: 'XG',
  uncultivated: 'WG',
  unknown: '',
};

export const plantingZh: Readonly<Record<PlantingStatus, string>> = {
  grain: '种植粮食作物',
  'non-grain': '疑似种植非粮食作物',
  rotation: '粮与非粮轮作',
  fallow: '休耕',
  uncultivated: '疑似未耕种',
  unknown: '未知',
};

export interface PlantingInput {
  readonly series: ParcelSeries;
  /** the crop year is named after the year of its summer */
  readonly year: number;
  /** 6 digits; null = the region's calendar */
  readonly county: string | null;
  /** fallow was declared (休耕): what is not cultivated then is fallow, which no image can tell */
  readonly isDeclaredFallow?: boolean;
}

export interface PlantingBasis {
  readonly rules: PlantingRules;
  readonly region: Region;
  /** the first whose bands the series has judges; none: rules alone */
  readonly models: readonly SeasonModel[];
}

/** What stood on a parcel in a crop year. */
export interface PlantingJudgement {
  readonly year: number;
  readonly status: PlantingStatus;
  /** ZZSXDM, empty where unknown */
  readonly code: string;
  /** probability of the status, 0..1; 0 where unknown */
  readonly confidence: number;
  /** probability of a grain season in the year, null where nothing can be said */
  readonly grainProbability: number | null;
  /** clear looks in the crop year */
  readonly looks: number;
  /** whether rules saw a crop, or what most likely stood there in summer was grown by people; null: no model says it, or fallow was declared */
  readonly isTilled: boolean | null;
  readonly evidence: readonly Evidence[];
  /** card of the model that took part */
  readonly model: string | null;
}

const insufficient: Evidence = {
  code: 'insufficient-observations',
  zh: '有效观测不足',
  en: 'insufficient observations',
  date: null,
};
const notOver: Evidence = {
  code: 'year-not-over',
  zh: '作物年未结束，不判非粮',
  en: 'the crop year is not over: non-grain cannot be said',
  date: null,
};
const undecided: Evidence = {
  code: 'undecided',
  zh: '观测不足以区分粮与非粮',
  en: 'the looks do not tell grain from other crops',
  date: null,
};

/**
 * Planting status (种植属性) of one parcel in one crop year, a judgement apart from that of the land class.
 *
 * Grain counts as soon as it is seen; non-grain only once the crop year is over. Until then, and where no model can judge,
 * rule evidence (flooding and a green peak, winter green and a harvest) is worth `evidenceConfidence`; of a whole year the
 * model, which saw the same looks, says what it is worth. Flooding and a green peak that it does not take for grain are unknown.
 *
 * @throws AppError INPUT_INVALID for a date that is none, or bands of another length than the dates
 */
export function judgePlanting(input: PlantingInput, { rules, region, models }: PlantingBasis): PlantingJudgement {
  const { year, county } = input;
  const series = orderSeries(input.series);
  const [from, to] = [`${year - 1}-${rules.yearFrom}`, `${year}-${rules.yearTo}`];
  const looks = seenLooks(series, from, to);
  const model = models.find((candidate) => mayJudge(candidate, series)) ?? null;
  const unknown = (
    evidence: readonly Evidence[],
    grainProbability: number | null = null,
    isTilled: boolean | null = null,
  ): PlantingJudgement => ({
    year,
    status: 'unknown',
    code: '',
    confidence: 0,
    grainProbability,
    looks: looks.length,
    isTilled,
    evidence,
    model: model?.id ?? null,
  });
  const rice = riceEvidence(looks, rules, { region, county });
  const winter = winterEvidence(looks, rules);
  const hasGrain = rice.length > 0 || winter.crop === 'wheat';
  const seen = [...rice, ...winter.evidence];
  if (!hasGrain && isTooFew(looks, rules)) return unknown([insufficient, ...seen]);
  const shares = model === null ? null : cropShares(model, series, year);
  const isOver = series.dates.some((date) => dayNumber(date) > dayNumber(to));
  const odds = grainOdds(shares, { rules, hasGrain: hasGrain && (shares === null || !isOver) });
  if (odds === null) return unknown([undecided, ...seen]);
  const { probability, winterCrop, summerCrop } = odds;
  const told = [...seen, ...crops([winterCrop, summerCrop])];
  const isSeenTilled = rice.length > 0 || winter.crop !== null;
  const isUnknown = summerCrop === null || input.isDeclaredFallow === true;
  const isTilled = isUnknown ? null : isSeenTilled || summerCrop.counts !== 'uncultivated';
  const common = {
    year,
    grainProbability: probability,
    looks: looks.length,
    isTilled,
    evidence: told,
    model: model?.id ?? null,
  };
  const say = (status: PlantingStatus, confidence: number): PlantingJudgement => ({
    ...common,
    status,
    code: plantingCodes[status],
    confidence,
  });
  if (probability >= rules.grainFrom) {
    const isRotation = [winterCrop, summerCrop].some((crop) => crop?.counts === 'non-grain');
    return say(isRotation ? 'rotation' : 'grain', probability);
  }
  if (rice.length > 0 || 1 - probability < rules.nonGrainFrom)
    return unknown([undecided, ...told], probability, isTilled);
  if (!isOver) return unknown([notOver, ...told], probability, isTilled);
  if (![winterCrop, summerCrop].some((crop) => crop?.counts === 'non-grain') && summerCrop?.counts === 'uncultivated')
    return say(input.isDeclaredFallow === true ? 'fallow' : 'uncultivated', 1 - probability);
  return say('non-grain', 1 - probability);
}

function isTooFew(looks: readonly SeenLook[], { leastLooks, summer }: PlantingRules): boolean {
  const inSummer = looks.filter(({ date }) => isWithin(date.slice(5), summer));
  return looks.length < leastLooks || inSummer.length < summer.leastLooks;
}

interface GrainOdds {
  readonly probability: number;
  readonly winterCrop: CropRule | null;
  readonly summerCrop: CropRule | null;
}

/** What rules saw and what the model takes for likely, put together. Null: neither says anything. */
function grainOdds(
  shares: readonly YearShare[] | null,
  { rules, hasGrain }: { readonly rules: PlantingRules; readonly hasGrain: boolean },
): GrainOdds | null {
  if (shares === null)
    return hasGrain ? { probability: rules.evidenceConfidence, winterCrop: null, summerCrop: null } : null;
  const cropOf = new Map(rules.crops.map((crop) => [`${crop.season} ${crop.id}`, crop]));
  const isGrain = (season: 'winter' | 'summer', id: string): boolean =>
    cropOf.get(`${season} ${id}`)?.counts === 'grain';
  const likeliest = (season: 'winter' | 'summer'): CropRule | null => {
    const sums = new Map<string, number>();
    for (const pair of shares) sums.set(pair[season], (sums.get(pair[season]) ?? 0) + pair.share);
    const [id] = [...sums].reduce((a, b) => (b[1] > a[1] ? b : a));
    return cropOf.get(`${season} ${id}`) ?? null;
  };
  const learnt = shares.reduce(
    (sum, { winter, summer, share }) => (isGrain('winter', winter) || isGrain('summer', summer) ? sum + share : sum),
    0,
  );
  return {
    probability: hasGrain ? Math.max(learnt, rules.evidenceConfidence) : learnt,
    winterCrop: likeliest('winter'),
    summerCrop: likeliest('summer'),
  };
}

const crops = (found: readonly (CropRule | null)[]): readonly Evidence[] =>
  found.flatMap((crop) =>
    crop === null
      ? []
      : [{ code: `looks-like-${crop.id}`, zh: `似${crop.zh}`, en: `looks like ${crop.en}`, date: null }],
  );
