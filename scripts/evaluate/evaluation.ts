import { basename } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { changeScale } from '../../pipeline/types.ts';
import type { LandClass, Scene } from '../../pipeline/types.ts';
import { thresholdValue } from '../../workers/compute/stitch.ts';
import { alarmRows, coversOf, equalRecall, interval, type Subject } from './comparison.ts';
import { classRows } from './class-row.ts';
import { evaluationSchema, type Evaluation, type MethodRow } from './evaluation-format.ts';
import {
  alarmsOf,
  bestThreshold,
  bootstrap,
  fewestPlaces,
  per1000Km2,
  reliabilityOf,
  scoreOf,
  sumHits,
} from './figure.ts';
import type { JudgedPlace } from './labelled-place.ts';
import { hitsAt, pool, type Method, type Tally } from './tally.ts';

/** The product as shipped first, then every method at the threshold that these labels would have chosen. */
function subjectsOf(pooled: Tally, options: { shipped: number; hasInto: boolean; hasNetwork: boolean }): Subject[] {
  const { shipped, hasInto, hasNetwork } = options;
  const voices: readonly Method[] = ['product', ...(hasNetwork ? (['network'] as const) : []), 'irmad', 'vectors'];
  return (hasInto ? [true, false] : [false]).flatMap((isFiltered): Subject[] => [
    { method: 'product', isFiltered, from: 'shipped', threshold: shipped },
    ...voices.map((method): Subject => {
      const filter = { method, isFiltered };
      return { ...filter, from: 'best', threshold: bestThreshold(pooled, filter) };
    }),
  ]);
}

const rowOf = ({ method, isFiltered, from, threshold }: Subject, tally: Tally): MethodRow => ({
  method,
  counts: isFiltered ? 'into' : 'any',
  thresholdFrom: from,
  threshold: threshold / changeScale,
  ...scoreOf(hitsAt(tally, { method, isFiltered }, threshold)),
});

function pooledRows(subjects: readonly Subject[], places: readonly JudgedPlace[]): Evaluation['pooled']['methods'] {
  const pooled = pool(places.map(({ tally }) => tally));
  return subjects.map((subject) => {
    const hits = places.map(({ tally }) => hitsAt(tally, subject, subject.threshold));
    const spread = (name: 'precision' | 'recall' | 'f1' | 'iou') =>
      interval(bootstrap(hits, (drawn) => scoreOf(sumHits(drawn))[name]));
    return {
      ...rowOf(subject, pooled),
      precisionInterval: spread('precision'),
      recallInterval: spread('recall'),
      f1Interval: spread('f1'),
      iouInterval: spread('iou'),
    };
  });
}

function pooledClasses(places: readonly JudgedPlace[], classes: readonly LandClass[]): Evaluation['pooled']['classes'] {
  const tallies = places.map(({ tally }) => tally);
  return classRows(tallies, classes).map((row) => {
    const spread = (name: 'precision' | 'f1') =>
      interval(
        bootstrap(
          tallies,
          (drawn) => classRows(drawn, classes).find((entry) => entry.class === row.class)?.[name] ?? null,
        ),
      );
    return { ...row, precisionInterval: spread('precision'), f1Interval: spread('f1') };
  });
}

const sceneOf = ({ files, acquired, sensor }: Scene): Evaluation['places'][number]['before'] => ({
  files: files.map(({ uri, sha256 }) => ({ file: basename(uri), sha256 })),
  acquired,
  sensor,
});

function notesOf(places: readonly JudgedPlace[], pooled: Tally, into: readonly string[] | null): string[] {
  const { changed, unchanged } = hitsAt(pooled, { method: 'product', isFiltered: false }, 1);
  const hidden = pooled.unobserved / pooled.labelled;
  return [
    ...(places.length < fewestPlaces
      ? [
          `${places.length} place${places.length === 1 ? '' : 's'}: no intervals, they want ${fewestPlaces} or more; pixels of one place are not independent.`,
        ]
      : []),
    ...(changed === 0 ? ['No labelled pixel that was observed changed: recall, F1 and IoU cannot be told.'] : []),
    ...(unchanged === 0 ? ['No labelled pixel is unchanged: precision and false alarms cannot be told.'] : []),
    ...(hidden > 0.01
      ? [
          `${(100 * hidden).toFixed(1)} % of the labelled pixels were not observed (cloud, shadow, outside) and are not scored.`,
        ]
      : []),
    ...(into === null
      ? ['Change of any kind counts; if the labels name only some kinds (e.g. building), give --into built,bare.']
      : [`Only change into ${into.join(', ')} counts; labels of change into something else are not scored.`]),
  ];
}

/**
 * All figures of judged places.
 *
 * @throws AppError CONFIG_INVALID where places were judged by different models, INPUT_INVALID where no label was observed
 */
export function evaluationOf(
  places: readonly JudgedPlace[],
  { into, status }: { readonly into: readonly string[] | null; readonly status: string | null },
): Evaluation {
  const [first] = places;
  if (first === undefined) throw new AppError('CONFIG_INVALID', 'No place is given.', 'Give one.');
  const other = places.find(({ plan }) => plan.model?.cardSha256 !== first.plan.model?.cardSha256);
  if (other !== undefined)
    throw new AppError(
      'CONFIG_INVALID',
      `${first.name} was judged by ${first.plan.model?.id ?? 'none'}, ${other.name} by ${other.plan.model?.id ?? 'none'}.`,
      'Name one model with --model.',
    );
  const { plan } = first;
  const { classes } = plan.classMap;
  const pooled = pool(places.map(({ tally }) => tally));
  if (pooled.labelled === pooled.unobserved)
    throw new AppError(
      'INPUT_INVALID',
      'No labelled pixel was seen on both dates.',
      'Give scenes that are clear where the labels are.',
    );
  const subjects = subjectsOf(pooled, {
    shipped: thresholdValue(plan),
    hasInto: into !== null,
    hasNetwork: plan.model !== null,
  });
  const shipped = subjects[0]!;
  const methods = subjects.filter(({ from, isFiltered }) => from === 'best' && isFiltered === shipped.isFiltered);
  const covers = coversOf(classes);
  const isCounted = (row: { readonly class: string }): boolean => into === null || into.includes(row.class);
  const { ece, bins } = reliabilityOf([pooled], shipped);
  const seen = hitsAt(pooled, shipped, 1);
  return evaluationSchema.parse({
    format: 'tianwatch-evaluation/1',
    model: plan.model && {
      id: plan.model.id,
      version: plan.model.version,
      status: status ?? 'foreign',
      cardSha256: plan.model.cardSha256,
      weightsSha256: plan.model.weightsSha256,
    },
    threshold: plan.threshold,
    into: into && [...into],
    notes: notesOf(places, pooled, into),
    pooled: {
      places: places.length,
      labelledPx: pooled.labelled,
      unobservedPx: pooled.unobserved,
      changedPx: seen.changed,
      unchangedPx: seen.unchanged,
      methods: pooledRows(subjects, places),
      classes: pooledClasses(places, classes).filter(isCounted),
    },
    alarms: alarmRows(shipped, places, covers),
    equalRecall: equalRecall(methods, places, covers),
    reliability: {
      ece,
      eceInterval: interval(
        bootstrap(
          places.map(({ tally }) => tally),
          (drawn) => reliabilityOf(drawn, shipped).ece,
        ),
      ),
      bins: [...bins],
    },
    places: places.map((place) => {
      const { tally, pixelM2, plan: own } = place;
      const hits = hitsAt(tally, shipped, 1);
      const alarms = alarmsOf(tally, shipped, { threshold: shipped.threshold, covers: covers[0]!.covers, pixelM2 });
      return {
        name: place.name,
        before: sceneOf(own.before.scene),
        after: sceneOf(own.after.scene),
        labels: place.labels,
        widthPx: own.grid.width,
        heightPx: own.grid.height,
        gsdM: place.gsdM,
        labelledPx: tally.labelled,
        unobservedPx: tally.unobserved,
        changedPx: hits.changed,
        unchangedPx: hits.unchanged,
        alarmsPer1000Km2: per1000Km2([alarms]),
        methods: subjects.map((subject) => rowOf(subject, tally)),
        classes: classRows([tally], classes).filter(isCounted),
        notes: [...place.notes],
      };
    }),
  } satisfies Evaluation);
}
