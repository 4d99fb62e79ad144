import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { aoiOption, baselineOption, projectOption } from './ground-options.ts';
import { AppError } from '../../pipeline/errors.ts';
import { categoryZh } from '../../pipeline/rule/reason.ts';
import type { SeriesSummary } from '../../pipeline/report/series-formats.ts';
import type { SeriesRequest } from '../../workers/series/series-request.ts';
import type { DoneSeries } from '../../workers/series/do-series.ts';
import type { SeriesStage } from '../../workers/series/series-status.ts';
import { day } from './day.ts';
import { locate } from '../../workers/images/source.ts';
import { addSceneOptions, sceneFlags } from './scene-options.ts';
import { waitingLine } from './waiting-line.ts';
import { wholeNumber } from './whole-number.ts';

interface Options extends Readonly<Record<string, unknown>> {
  readonly scenes: string;
  readonly out: string;
  readonly from?: string;
  readonly to?: string;
  readonly today?: string;
  readonly model: string;
  readonly grid?: string;
  readonly aoi?: string;
  readonly baseline?: string | true;
  readonly project?: string | true;
  readonly threads?: number;
  readonly force?: true;
  readonly json?: true;
}

function gridOf(text: string): string {
  const grid = text.replace(/^epsg:/i, '');
  if (!/^\d{4,6}:\d+(\.\d+)?$/.test(grid)) throw new InvalidArgumentError(`${text} is no <epsg>:<metres>.`);
  return grid;
}

function layersOf(name: 'baseline' | 'project', given: string | true | undefined): string {
  const choice = given === undefined ? 'none' : given === true ? 'current' : given.trim().toLowerCase();
  if (choice === 'current' || choice === 'none' || /^[0-9a-f]{6,64}(,[0-9a-f]{6,64})*$/.test(choice)) return choice;
  throw new AppError(
    'CONFIG_INVALID',
    `--${name} ${choice} is neither current, none nor ids of imported layers.`,
    `Import a file first (tianwatch ${name} import <file>); tianwatch ${name} list prints the ids.`,
  );
}

function requestOf(options: Options): SeriesRequest {
  const { scenes, out, from, to, model, grid, aoi, baseline, project, force } = options;
  const [first, last] = [from ?? null, to ?? null];
  if (first !== null && last !== null && first > last)
    throw new AppError('CONFIG_INVALID', `--from ${first} is later than --to ${last}.`, 'Exchange them.');
  return {
    ...sceneFlags(options),
    scenes: locate(scenes),
    from: first,
    to: last,
    model: /[/\\]|\.json$/.test(model) ? resolve(model) : model,
    grid: grid ?? null,
    aoi: aoi === undefined ? null : resolve(aoi),
    baseline: layersOf('baseline', baseline),
    project: layersOf('project', project),
    out: resolve(out),
    force: force === true,
  };
}

const stageNames: Readonly<Record<SeriesStage, string>> = {
  open: '读取影像 open',
  measure: '配准与统计 measure',
  infer: '计算 infer',
  weigh: '综合各期 weigh',
  detect: '图斑 detect',
  track: '跟踪 track',
  write: '输出 write',
};

/** One line a stage, and how far the long one is on a terminal. */
function openStages(stream: NodeJS.WriteStream): (stage: SeriesStage, done: number, total: number) => void {
  let shown: SeriesStage | null = null;
  return (stage, done, total) => {
    if (stage !== shown)
      stream.write(`${stream.isTTY && shown ? '\n' : ''}${stageNames[stage]}${total > 1 ? ` (${total})` : ''}\n`);
    else if (stream.isTTY) stream.write(`\r\u001B[2K${done}/${total}`);
    shown = stage;
  };
}

const stateZh = { watched: '观察', probable: '疑似', confirmed: '确认', expired: '消失', reversed: '恢复' } as const;

function linesOf({ looks, tracks, state, daysToConfirm }: SeriesSummary, { scenes, out }: SeriesRequest): string[] {
  if (looks.found === 0)
    return [
      `没有找到影像：${scenes} 中没有 GeoTIFF，也没有 STAC Item / nothing to process: neither a GeoTIFF nor a STAC Item there; scenes elsewhere: --scenes`,
      `结果 result: ${out} ${state}`,
    ];
  const left = looks.leftOut.map(({ problem, looks: count }) => `${problem} ${count}`).join(', ');
  return [
    `期数 looks: ${looks.used}/${looks.found}${left === '' ? '' : ` (${left}: ${out}/looks.csv)`}`,
    `平均观测 observed: ${(looks.meanObservedFraction * 100).toFixed(1)} %`,
    ...tracks.map(
      ({ state: one, category, tracks: count, areaM2 }) =>
        `  ${stateZh[one]} ${one}, ${categoryZh[category]} ${category}: ${count}, ${(areaM2 / 10_000).toFixed(2)} ha (${((areaM2 * 3) / 2000).toFixed(1)} 亩)`,
    ),
    ...(daysToConfirm.median === null ? [] : [`确认用时 days to confirmation: ${daysToConfirm.median} (median)`]),
    `结果 result: ${out} ${state}`,
  ];
}

const exits = { done: 0, partial: 3, 'no-input': 1 } as const;

function recordedLines({ recorded, hasReadings }: DoneSeries): string[] {
  const { alerts, planting, readings } = recorded;
  return [
    `线索 alerts opened or changed: ${alerts} (tianwatch alert list)`,
    ...(planting ? [`种植线索 planting alerts opened or changed: ${planting.alerts}`] : []),
    ...(hasReadings ? [`台账读数 new readings for the ledger: ${readings} (tianwatch ledger)`] : []),
  ];
}

async function run(options: Options): Promise<void> {
  const begun = new Date();
  const request = requestOf(options);
  const { availableParallelism } = await import('node:os');
  const [{ doSeries }, { currentHome }, { stopSignal }] = [
    await import('../../workers/series/do-series.ts'),
    await import('../../workers/home.ts'),
    await import('../../workers/stop-signal.ts'),
  ];
  const done = await doSeries(request, {
    home: currentHome(),
    threads: options.threads ?? availableParallelism(),
    signal: stopSignal(),
    begun,
    today: options.today ?? begun.toISOString().slice(0, 10),
    onStage: openStages(process.stderr),
    onWait: (other) => void process.stderr.write(waitingLine(other)),
  });
  const { summary, chunksComputed, recorded } = done;
  process.exitCode = exits[summary.state];
  const lines = [...linesOf(summary, request), ...recordedLines(done)];
  process.stdout.write(
    options.json ? `${JSON.stringify({ ...summary, chunksComputed, recorded })}\n` : `${lines.join('\n')}\n`,
  );
  for (const { code, message } of summary.warnings.slice(0, 8))
    process.stderr.write(`提示 remark: ${code}: ${message}\n`);
}

/** `tianwatch series`: all looks of a place, and what became of its ground. */
export function addSeries(program: Command): void {
  const command = program
    .command('series')
    .description(
      '处理一地的全部影像，跟踪疑似变化图斑 / all scenes of a place, in any order: suspected changes followed through time',
    )
    .requiredOption(
      '--scenes <path>',
      '影像文件夹，或 STAC Item、ItemCollection、目录（路径或 URL）/ a folder of scenes, or a STAC Item, ItemCollection or catalogue, path or URL',
    )
    .requiredOption('--out <dir>', '输出文件夹 / folder to write')
    .option('--from <date>', '最早日期 / first day', day)
    .option('--to <date>', '最晚日期 / last day', day)
    .option(
      '--today <date>',
      '按此日期运行，更晚的影像视为未来 / the day to count as today; later scenes are of the future',
      day,
    )
    .option('--model <card>', '模型：编号、模型卡路径、auto 或 none / id or path of a card, auto, or none', 'auto')
    .option('--grid <grid>', '格网 <epsg>:<米>，默认为基准影像的格网 / default: the grid of the reference look', gridOf)
    .addOption(aoiOption())
    .addOption(baselineOption())
    .addOption(projectOption())
    .option('--force', '替换文件夹，包括其中并非本程序生成的文件 / replace a folder with files that no run wrote')
    .option('--threads <n>', '计算线程数 / compute threads, default all cores', wholeNumber(1, 256))
    .option('--json', '以 JSON 打印结果 / print the outcome as JSON');
  addSceneOptions(command).action(run);
}
