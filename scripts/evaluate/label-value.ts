import { AppError } from '../../pipeline/errors.ts';
import type { LandClass, Window } from '../../pipeline/types.ts';

/** What a pixel of a label plane says; `intoFirst + k`: changed into the class at position k of the class map. */
export const labelCode = { ignored: 0, unchanged: 1, changed: 2, intoFirst: 3 } as const;

/** Which pixels of a label raster mean what. */
export interface LabelValues {
  /** value → name of the class changed into; null = changed, into nobody says what */
  readonly changed: ReadonlyMap<number, string | null>;
  readonly unchanged: ReadonlySet<number>;
  readonly ignored: ReadonlySet<number>;
}

/** Labels of one pair on the grid of its evaluation. */
export interface Labels {
  readonly kind: 'raster' | 'polygons';
  /** what a person should know of them, in words */
  readonly notes: readonly string[];
  /** codes of `labelCode`, row-major */
  read(window: Window): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** @throws AppError CONFIG_INVALID for what is no whole number */
function numberOf(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value)) return value;
  throw new AppError('CONFIG_INVALID', `--${flag} ${text} is no whole number.`, 'Give the values of the label file.');
}

const partsOf = (text: string): string[] => (text.trim() === '' ? [] : text.split(',').map((part) => part.trim()));

/**
 * Values of a label raster from the words of the command line: `2`, `2,3`, or `2=built,3=water`.
 *
 * @throws AppError CONFIG_INVALID for a value that is no whole number, or that stands twice
 */
export function parseLabelValues(words: { changed: string; unchanged: string; ignore: string }): LabelValues {
  const changed = partsOf(words.changed).map((part): readonly [number, string | null] => {
    const [value = '', name] = part.split('=');
    return [numberOf(value, 'changed'), name?.trim() ?? null];
  });
  const unchanged = partsOf(words.unchanged).map((part) => numberOf(part, 'unchanged'));
  const ignored = partsOf(words.ignore).map((part) => numberOf(part, 'ignore'));
  const all = [...changed.map(([value]) => value), ...unchanged, ...ignored];
  const twice = all.find((value, i) => all.indexOf(value) !== i);
  if (twice !== undefined)
    throw new AppError(
      'CONFIG_INVALID',
      `The label value ${twice} stands twice in --changed ${words.changed} --unchanged ${words.unchanged} --ignore ${words.ignore}.`,
      'A value means one thing: take it out of the other flag (--ignore "" names none).',
    );
  return { changed: new Map(changed), unchanged: new Set(unchanged), ignored: new Set(ignored) };
}

/**
 * Label code of a change into a class.
 *
 * @throws AppError INPUT_INVALID for a class that the model does not know
 */
export function codeOfClass(name: string | null, classes: readonly LandClass[], where: string): number {
  if (name === null) return labelCode.changed;
  const at = classes.findIndex((entry) => entry.name === name || entry.zh === name);
  if (at >= 0) return labelCode.intoFirst + at;
  throw new AppError(
    'INPUT_INVALID',
    `${where}: ${name} is no class of this model; it has ${classes.map((entry) => entry.name).join(', ')}.`,
    'Name one of these, or leave the class out.',
    { class: name },
  );
}
