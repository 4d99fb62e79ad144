import type { LandClass } from '../../pipeline/types.ts';
import type { ClassRow } from './evaluation-format.ts';
import type { Tally } from './tally.ts';

type Confused = Pick<Tally, 'confusion'>;

/**
 * Each class changed into, as shipped. A label that names no class is right with every class; recall and what
 * follows from it are told of labels that name one.
 *
 * @returns classes that are flagged or labelled
 */
export function classRows(tallies: readonly Confused[], classes: readonly LandClass[]): ClassRow[] {
  const classCount = classes.length;
  const confusion = new Float64Array((classCount + 1) * (classCount + 2));
  for (const tally of tallies) tally.confusion.forEach((count, i) => (confusion[i]! += count));
  const truths = classCount + 2;
  const at = (said: number, truth: number): number => confusion[said * truths + truth]!;
  const sum = (count: number, value: (i: number) => number): number =>
    Array.from({ length: count }, (_, i) => value(i)).reduce((total, part) => total + part, 0);
  const named = (k: number): number => sum(classCount + 1, (said) => at(said, k + 2));
  const hasNames = classes.some((_, k) => named(k) > 0);
  return classes.flatMap(({ name, zh }, k) => {
    const flaggedPx = sum(truths, (truth) => at(k + 1, truth));
    const changedPx = named(k);
    if (flaggedPx === 0 && changedPx === 0) return [];
    const precision = flaggedPx === 0 ? null : (at(k + 1, k + 2) + at(k + 1, 1)) / flaggedPx;
    const recall = changedPx === 0 ? null : at(k + 1, k + 2) / changedPx;
    const f1 = recall === null ? null : harmonic(precision ?? 0, recall);
    return [
      {
        class: name,
        zh,
        flaggedPx,
        changedPx: hasNames ? changedPx : null,
        precision,
        recall,
        f1,
        iou: f1 === null ? null : f1 / (2 - f1),
      },
    ];
  });
}

const harmonic = (a: number, b: number): number => (a + b === 0 ? 0 : (2 * a * b) / (a + b));
