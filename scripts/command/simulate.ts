import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { AppError } from '../../pipeline/errors.ts';
import { parseDate } from '../../pipeline/scene/acquired.ts';
import { wholeNumber } from './whole-number.ts';

interface Options {
  readonly seed: number;
  readonly size: number;
  readonly gsd: '10' | '2';
  readonly looks: number;
  readonly dates?: readonly string[];
  readonly mosaics?: readonly string[];
  readonly use?: 'training' | 'test';
  readonly changes: 'all' | 'none';
  readonly programme: 'share' | 'whole';
  readonly sky: 'season' | 'clear';
  readonly describe?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

function ascending(text: string, least: number): readonly string[] {
  const parsed = text.split(',').map((part) => parseDate(part.trim())?.slice(0, 10) ?? '');
  const isAscending = parsed.every((date, i) => date !== '' && (i === 0 || date > parsed[i - 1]!));
  if (!isAscending || parsed.length < least)
    throw new InvalidArgumentError(`${text} is no ascending list of ${least} or more dates.`);
  return parsed;
}
const dates = (text: string): readonly string[] => ascending(text, 2);
const flights = (text: string): readonly string[] => ascending(text, 1);

async function run(options: Options): Promise<void> {
  const { seed, size, gsd, looks, dates: given = null, mosaics = [], use, changes, programme, sky, out } = options;
  if (mosaics.length > 0 && gsd !== '10')
    throw new AppError('CONFIG_INVALID', '--mosaics goes with scenes of 10 m.', 'Leave --gsd out.');
  const { refuseSeed, seedUse } = await import('../simulate/seed-use.ts');
  if (use !== undefined) refuseSeed(seed, use);
  const wanted = { seed, size, gsd, looks: given?.length ?? looks, dates: given, mosaics, changes, programme, sky };
  if (options.describe) {
    const [{ makeWorld }, { describeDifficulty }] = [
      await import('../simulate/world.ts'),
      await import('../simulate/describe.ts'),
    ];
    const difficulty = describeDifficulty(makeWorld(wanted));
    if (options.json)
      return void process.stdout.write(`${JSON.stringify({ seed, use: seedUse(seed), ...difficulty })}\n`);
    const { difficultyText } = await import('../simulate/difficulty-text.ts');
    process.stdout.write(difficultyText(difficulty));
    if (out === undefined) return;
  }
  if (out === undefined)
    throw new AppError('CONFIG_INVALID', 'No folder to write was given.', 'Give --out <dir>, or --describe alone.');
  const folder = resolve(out);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new AppError('CONFLICT', `${folder} is not empty.`, 'Give a new folder, or empty this one.', { folder });
  const { simulate } = await import('../simulate/simulate.ts');
  const summary = await simulate(wanted, folder, (text) => void process.stderr.write(`${text}\n`));
  process.stdout.write(
    options.json
      ? `${JSON.stringify(summary)}\n`
      : `模拟数据，并非真实影像 / simulated, not real: ${summary.changed} changes between ${summary.looks[0]!.date} and ${summary.looks.at(-1)!.date}, in ${folder}\n`,
  );
}

/** `tianwatch simulate`: a landscape whose truth is known. */
export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description(
      '生成真值已知的模拟江南景观（并非真实影像）/ a made landscape of known truth: scenes, survey, projects, changes',
    )
    .requiredOption(
      '--seed <n>',
      '种子：1000000 起用于训练，其余用于测试 / seed; from 1000000 on for training, below for tests',
      wholeNumber(0, 4_294_967_295),
    )
    .option('--size <px>', '影像边长 / side of the scenes', wholeNumber(128, 8192), 4096)
    .addOption(
      new Option('--gsd <m>', '像元大小：10 为哨兵二号式，2 为高分式 / 10: as Sentinel-2, 2: as GF')
        .choices(['10', '2'])
        .default('10'),
    )
    .option(
      '--looks <n>',
      '期数：2 为相隔一年的两期，更多则为两年序列 / 2: a pair a year apart; more: two years evenly',
      wholeNumber(2, 200),
      2,
    )
    .option('--dates <list>', '成像日期，逗号分隔 / dates of the looks instead, comma-separated', dates)
    .option(
      '--mosaics <list>',
      '另出同一地面无人机正射影像（红绿蓝，0.5 米）的日期 / dates of red, green and blue mosaics of a drone beside them, 0.5 m',
      flights,
    )
    .addOption(
      new Option('--use <use>', '声明用途，种子不符则拒绝 / refuse a seed that is not for this').choices([
        'training',
        'test',
      ]),
    )
    .addOption(
      new Option(
        '--changes <which>',
        '地面变化：none 为只有季节更替 / none: seasons pass, the ground stays as surveyed',
      )
        .choices(['all', 'none'])
        .default('all'),
    )
    .addOption(
      new Option(
        '--programme <which>',
        '整治项目：whole 为全部 65 个项目、7 县 72 镇，影像再小也俱全 / whole: all 65 projects, 7 counties and 72 towns, however small the scenes',
      )
        .choices(['share', 'whole'])
        .default('share'),
    )
    .addOption(
      new Option(
        '--sky <sky>',
        '天空：clear 为各期无云 / clear: no cloud in any look; season: as the time of year has it',
      )
        .choices(['season', 'clear'])
        .default('season'),
    )
    .option('--describe', '打印难度：IR-MAD 与分类比较的 F1 / print how far IR-MAD and class differencing get')
    .option('--out <dir>', '输出文件夹 / folder to write')
    .option('--json', '以 JSON 打印 / print as JSON')
    .action(run);
}
