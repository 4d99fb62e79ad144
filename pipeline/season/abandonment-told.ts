import type { AbandonmentJudgement } from './abandonment.ts';
import type { Evidence } from './evidence.ts';
import type { ParcelYear } from './finding.ts';
import { plantingZh, type PlantingStatus } from './planting.ts';

/** Somebody used the land, or said why not. */
const used: readonly PlantingStatus[] = ['grain', 'rotation', 'non-grain', 'fallow'];

const undecided: Evidence = {
  code: 'abandonment-undecided',
  zh: '生长季未见起落，但不能断定无人耕种（常绿作物亦如此）',
  en: 'nothing rose and fell in the growing seasons, as evergreen crops do not either: too little to tell',
  date: null,
};

/**
 * Hold what growing seasons say of abandonment (疑似抛荒) against what planting says of the same years: evergreen crops
 * rise and fall as little as weeds.
 *
 * Suspected stays what no model could judge, and what a model takes for untilled in every season. A season of any use
 * makes it cultivated; the rest is insufficient observations.
 *
 * @param years all of one parcel that were judged
 */
export function tellAbandonment(years: readonly ParcelYear[]): readonly ParcelYear[] {
  return years.map((year): ParcelYear => {
    const { abandonment, judgement } = year;
    if (abandonment.state !== 'suspected') return year;
    const told = (state: AbandonmentJudgement['state'], evidence: readonly Evidence[]): ParcelYear => ({
      ...year,
      abandonment: { ...abandonment, state, evidence },
    });
    const seasons = abandonment.seasons.map(({ year: season }) =>
      years.find(({ judgement: own }) => own.year === season),
    );
    const tilled = seasons.flatMap((season) => (season && used.includes(season.judgement.status) ? season : []));
    if (tilled.length > 0)
      return told(
        'cultivated',
        tilled.map(({ judgement: { year: of, status } }) => ({
          code: 'planting-told',
          zh: `${of}年种植状况：${plantingZh[status]}`,
          en: `planting of ${of}: ${status}`,
          date: null,
        })),
      );
    if (judgement.model === null || seasons.every((season) => season?.judgement.isTilled === false)) return year;
    return told('insufficient-observations', [undecided]);
  });
}
