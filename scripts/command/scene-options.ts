import { InvalidArgumentError, type Command } from 'commander';
import { describeError } from '../../pipeline/errors.ts';
import { parseAcquired, parseBandGroups, parseScale, type SceneFlags } from '../../pipeline/scene/hint.ts';

/** What the four options are called for both scenes, or for one of a pair. */
export type SceneSide = 'before' | 'after';

interface SceneOption {
  readonly name: keyof SceneFlags;
  readonly value: string;
  readonly text: string;
  readonly check: (text: string) => unknown;
}

const sceneOptions: readonly SceneOption[] = [
  {
    name: 'bands',
    value: '<names>',
    text: '波段名,按文件顺序 / band names in file order, e.g. R,G,B,NIR; one group a file separated by /; - leaves a band out',
    check: parseBandGroups,
  },
  { name: 'sensor', value: '<id>', text: '传感器 / sensor, e.g. sentinel-2, landsat-8, gf-2', check: (text) => text },
  { name: 'acquired', value: '<date>', text: '成像日期 / date of acquisition, ISO-8601', check: parseAcquired },
  {
    name: 'scale',
    value: '<s[,o]>',
    text: '定标 / reflectance = DN · s + o, e.g. 0.0001 or 0.0001,-0.1',
    check: parseScale,
  },
];

/** Refused while the command line is read, so that a misspelt flag is wrong use (exit 2) before anything is opened. */
function checked(check: (text: string) => unknown): (text: string) => string {
  return (text) => {
    try {
      check(text);
    } catch (error) {
      throw new InvalidArgumentError(describeError(error));
    }
    return text;
  };
}

/** Adds `--bands`, `--sensor`, `--acquired`, `--scale`; with sides also `--bands-before` and so on. */
export function addSceneOptions(command: Command, sides: readonly SceneSide[] = []): Command {
  for (const { name, value, text, check } of sceneOptions) command.option(`--${name} ${value}`, text, checked(check));
  for (const side of sides) {
    const zh = side === 'before' ? '仅前期影像' : '仅后期影像';
    for (const { name, value, check } of sceneOptions)
      command.option(`--${name}-${side} ${value}`, `${zh} / the same for the ${side} scene alone`, checked(check));
  }
  return command;
}

/** The flags for a scene out of commander's options: those of its side before those of both. */
export function sceneFlags(options: Readonly<Record<string, unknown>>, side?: SceneSide): SceneFlags {
  const suffix = side === undefined ? '' : side === 'before' ? 'Before' : 'After';
  const entries = sceneOptions.flatMap(({ name }) => {
    const text = options[`${name}${suffix}`] ?? options[name];
    return typeof text === 'string' ? [[name, text] as const] : [];
  });
  return Object.fromEntries(entries);
}
