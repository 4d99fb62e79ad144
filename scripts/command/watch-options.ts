import { resolve } from 'node:path';
import { InvalidArgumentError, type Command, Option } from 'commander';
import { aoiOption, baselineOption, countyOption, projectOption } from './ground-options.ts';
import { AppError } from '../../pipeline/errors.ts';
import { pairRules } from '../../pipeline/arrival/pair.ts';
import type { PairRule } from '../../pipeline/arrival/pair.ts';
import type { WatchRequest } from '../../workers/watch/watch-request.ts';
import { day } from './day.ts';
import { duration } from './duration.ts';
import { layerChoice } from './run.ts';
import { addSceneOptions, sceneFlags } from './scene-options.ts';

export interface WatchOptions extends Readonly<Record<string, unknown>> {
  readonly out: string;
  readonly model: string;
  readonly grid: string;
  readonly aoi?: string;
  readonly baseline?: string | true;
  readonly project?: string | true;
  readonly county?: string;
  readonly with: PairRule;
  readonly cloud: number;
  readonly from?: string;
  readonly parts: readonly string[];
  readonly settle: number;
}

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError(`${text} is no percentage from 0 to 100.`);
}

function partsOf(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.every((part) => /^[A-Za-z0-9]+$/.test(part))) return parts;
  throw new InvalidArgumentError(`${text} names no parts: e.g. 10m,20m.`);
}

/** What a command line asks to be watched. @throws AppError CONFIG_INVALID */
export function watchRequestOf(where: string, options: WatchOptions): WatchRequest {
  const grid = options.grid.replace(/^epsg:/i, '');
  if (!/^(before|after|\d{4,6}:\d+(\.\d+)?)$/.test(grid))
    throw new AppError('CONFIG_INVALID', `--grid ${options.grid} is not a grid.`, 'Give before, after or <epsg>:<m>.');
  const { model, aoi, baseline, project, county } = options;
  return {
    where: /^[a-z][a-z0-9+.-]*:\/\//i.test(where) ? where : resolve(where),
    out: resolve(options.out),
    settings: {
      model: /[/\\]|\.json$/.test(model) ? resolve(model) : model,
      grid,
      ...(aoi !== undefined && { aoi: resolve(aoi) }),
      ...layerChoice('baseline', baseline),
      ...layerChoice('project', project),
      ...(county !== undefined && { county }),
    },
    flags: sceneFlags(options),
    rule: options.with,
    cloudFraction: options.cloud / 100,
    from: options.from ?? null,
    parts: options.parts,
    settleMs: options.settle,
  };
}

/** What says how a place is watched and how its runs are done. */
export function addWatchOptions(command: Command): Command {
  command
    .addOption(
      new Option('--with <rule>', '与哪一期比较 / which earlier scene of its ground a scene is compared with')
        .choices(pairRules)
        .default('previous'),
    )
    .option('--cloud <percent>', '云量上限，更多的不用 / scenes with more cloud take no part', percent, 60)
    .option('--from <date>', '最早日期，STAC API 必须给出 / first day; a STAC API wants one', day)
    .option(
      '--parts <words>',
      '每期影像必有的文件，如 10m,20m / parts that every scene has: one without waits',
      partsOf,
      [],
    )
    .option('--settle <time>', '文件多久不变才算到齐 / how long a file has to stay as it is', duration, 10_000)
    .option('--model <card>', '模型：编号、模型卡路径、auto 或 none / id or path of a card, auto, or none', 'auto')
    .option('--grid <grid>', '输出格网 / before, after, or <epsg>:<metres>, e.g. 4549:10', 'before')
    .addOption(aoiOption())
    .addOption(baselineOption())
    .addOption(projectOption())
    .addOption(countyOption());
  return addSceneOptions(command);
}
