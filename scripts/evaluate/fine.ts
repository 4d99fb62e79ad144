import { judge } from '../../pipeline/rule/judge.ts';
import { categories, type Category } from '../../pipeline/rule/reason.ts';
import { loadRules } from '../../workers/rule/load-rules.ts';
import { fineClasses } from '../simulate/fine-cover.ts';
import { judgeFinePlace, type FinePlace, type FinePlaceWanted } from './fine-place.ts';

/** Pixels said and true of one thing. */
export interface Tally {
  hit: number;
  said: number;
  truth: number;
}

export interface FineFigures {
  /** cover of both dates, by class */
  readonly cover: Readonly<Record<string, Tally>>;
  /** changed into a class: change and class are both right */
  readonly into: Readonly<Record<string, Tally>>;
  /** what the change is called, by the image alone */
  readonly category: Readonly<Record<string, Tally>>;
  /** change of any kind */
  readonly change: Tally;
  readonly pixels: number;
}

export const f1Of = ({ hit, said, truth }: Tally): number => (2 * hit) / Math.max(1, said + truth);

const emptyTally = (): Tally => ({ hit: 0, said: 0, truth: 0 });
const tallies = (names: readonly string[]): Record<string, Tally> =>
  Object.fromEntries(names.map((name) => [name, emptyTally()]));

/** Nothing counted yet. */
export const noFigures = (): FineFigures & { pixels: number } => ({
  cover: tallies(fineClasses),
  into: tallies(fineClasses),
  category: tallies(categories.filter((name) => name !== 'none')),
  change: emptyTally(),
  pixels: 0,
});

function count(tally: Tally, isSaid: boolean, isTrue: boolean): void {
  if (isSaid) tally.said++;
  if (isTrue) tally.truth++;
  if (isSaid && isTrue) tally.hit++;
}

/** What a change is called where no parcel is known. */
function namer(dates: readonly [string, string]): (before: number, seen: number) => Category {
  const rules = loadRules();
  const known = new Map<number, Category>();
  return (before, seen) => {
    const key = before * 256 + seen;
    let category = known.get(key);
    if (category === undefined) {
      const facts = {
        classBefore: fineClasses[before]!,
        classSeen: fineClasses[seen]!,
        landCode: null,
        dateBefore: dates[0],
        dateAfter: dates[1],
        county: null,
        permanentFarmlandFraction: 0,
        grainZoneFraction: 0,
        permitFraction: 0,
      };
      category = before === seen ? 'none' : judge(facts, rules).category;
      known.set(key, category);
    }
    return category;
  };
}

/**
 * Count one place, pixel by pixel, where it was observed: cover where both dates are clear; of change, what is said under a cloud that
 * nobody masked is wrong.
 *
 * @param networkThreshold given: the network alone decides from this probability on; else the product's own decision
 */
export function countFine(
  into: FineFigures & { pixels: number },
  { planes, before, after, isClear, dates }: FinePlace,
  networkThreshold: number | null = null,
): void {
  const categoryOf = namer(dates);
  for (let i = 0; i < before.length; i++) {
    if (planes.change[i] === 255) continue;
    into.pixels++;
    const [from, to] = [before[i]!, after[i]!];
    const [saidFrom, saidTo, saidInto] = [planes.classesBefore[i]!, planes.classesAfter[i]!, planes.into[i]!];
    for (const [truth, said] of [
      [from, saidFrom],
      [to, saidTo],
    ] as const) {
      if (isClear[i] === 0) continue;
      count(into.cover[fineClasses[truth]!]!, truth === said, true);
      if (truth !== said) into.cover[fineClasses[said]!]!.said++;
    }
    const isSaid =
      networkThreshold === null ? planes.change[i]! >= planes.threshold : planes.voices.network[i]! >= networkThreshold;
    const isTrue = isClear[i] === 1 && from !== to;
    if (!isSaid && !isTrue) continue;
    count(into.change, isSaid, isTrue);
    const [trueInto, named] = [isTrue ? fineClasses[to]! : null, isSaid ? fineClasses[saidInto]! : null];
    const [trueCategory, saidCategory] = [
      isTrue ? categoryOf(from, to) : 'none',
      isSaid ? categoryOf(saidFrom, saidInto) : 'none',
    ];
    for (const name of new Set([trueInto, named]))
      if (name !== null) count(into.into[name]!, name === named, name === trueInto);
    for (const name of new Set([trueCategory, saidCategory]))
      if (name !== 'none') count(into.category[name]!, name === saidCategory, name === trueCategory);
  }
}

export interface FineTable {
  readonly title: string;
  readonly figures: FineFigures;
}

/** Several seeds, the product's decision and the network alone, with four bands and without near infrared. */
export async function judgeFine(
  wanted: Omit<FinePlaceWanted, 'seed' | 'isRgb'> & {
    readonly seeds: readonly number[];
    readonly networkThreshold: number;
  },
): Promise<readonly FineTable[]> {
  const { seeds, networkThreshold, ...common } = wanted;
  const tables = [
    'as shipped',
    'network alone',
    'as shipped, without near infrared',
    'network alone, without near infrared',
  ].map((title) => ({ title, figures: noFigures() }));
  for (const seed of seeds)
    for (const isRgb of [false, true]) {
      const place = await judgeFinePlace({ ...common, seed, isRgb });
      countFine(tables[isRgb ? 2 : 0]!.figures, place);
      countFine(tables[isRgb ? 3 : 1]!.figures, place, networkThreshold);
    }
  return tables;
}

/** The same as figures for a file: F1 and counts of all that occurs. */
export function fineRows(tables: readonly FineTable[]): readonly Record<string, unknown>[] {
  const f1s = (tallies: FineFigures['cover']) =>
    Object.fromEntries(
      Object.entries(tallies).flatMap(([name, tally]) =>
        tally.truth > 0 ? [[name, { f1: f1Of(tally), ...tally }]] : [],
      ),
    );
  return tables.map(({ title, figures: { cover, into, category, change, pixels } }) => ({
    title,
    pixels,
    change: f1Of(change),
    category: f1s(category),
    into: f1s(into),
    cover: f1s(cover),
  }));
}

const figure = (tally: Tally): string => (tally.truth === 0 ? '   –  ' : `${f1Of(tally).toFixed(3)}`);

/** Lines for people: F1 by class and by category, one column a table. */
export function fineText(tables: readonly FineTable[]): string {
  const head = `F1, ${tables[0]!.figures.pixels} px: ${tables.map(({ title }, i) => `${i + 1} ${title}`).join('; ')}`;
  const part = (name: 'cover' | 'into' | 'category', label: string): string[] => [
    label,
    ...Object.keys(tables[0]!.figures[name])
      .filter((key) => tables.some(({ figures }) => figures[name][key]!.truth > 0))
      .map(
        (key) =>
          `  ${key.padEnd(14)} ${tables.map(({ figures }) => figure(figures[name][key]!).padStart(7)).join('')}   ${tables[0]!.figures[name][key]!.truth} px`,
      ),
  ];
  return [
    head,
    ...part('category', 'what the change is called'),
    ...part('into', 'changed into'),
    ...part('cover', 'cover of both dates'),
    `change of any kind ${tables.map(({ figures }) => figure(figures.change).padStart(7)).join('')}`,
  ].join('\n');
}
