import { basename, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { AppError } from '../../pipeline/errors.ts';
import type { RunRequest, SceneRequest } from '../../pipeline/request.ts';
import type { Evaluation } from '../evaluate/evaluation-format.ts';
import type { Outside } from '../evaluate/label-polygon.ts';
import type { Align } from '../evaluate/label-raster.ts';
import type { LabelledPlace } from '../evaluate/labelled-place.ts';
import { addSceneOptions, sceneFlags } from './scene-options.ts';

type Options = Readonly<Record<string, unknown>> & {
  readonly before?: string;
  readonly after?: string;
  readonly labels?: string;
  readonly places?: string;
  readonly changed: string;
  readonly unchanged: string;
  readonly ignore: string;
  readonly outside?: Outside;
  readonly align?: Align;
  readonly into?: string;
  readonly model: string;
  readonly out: string;
  readonly json?: true;
};

interface Given {
  readonly name: string;
  readonly before: SceneRequest;
  readonly after: SceneRequest;
  readonly labels: string;
  readonly changed?: string | undefined;
  readonly unchanged?: string | undefined;
  readonly ignore?: string | undefined;
  readonly outside?: Outside | undefined;
  readonly align?: Align | undefined;
}

async function givenPlaces(options: Options): Promise<readonly Given[]> {
  const { before, after, labels, places } = options;
  const single = [before, after, labels];
  if (places !== undefined) {
    if (single.some((value) => value !== undefined))
      throw new AppError(
        'CONFIG_INVALID',
        '--places goes without --before, --after and --labels.',
        'Give one or the other.',
      );
    const { readPlaces } = await import('../evaluate/places-file.ts');
    return readPlaces(places);
  }
  if (before === undefined || after === undefined || labels === undefined)
    throw new AppError(
      'CONFIG_INVALID',
      'Two scenes and labels are needed.',
      'Give --before, --after and --labels, or --places with a list of them.',
    );
  const { locate, splitPaths } = await import('../../workers/images/source.ts');
  const sceneOf = (text: string, side: 'before' | 'after'): SceneRequest => ({
    files: splitPaths(text).map(locate),
    ...sceneFlags(options, side),
  });
  const name = basename(labels).replace(/\.[^.]+$/, '');
  return [{ name, before: sceneOf(before, 'before'), after: sceneOf(after, 'after'), labels: resolve(labels) }];
}

async function labelledPlaces(options: Options): Promise<LabelledPlace[]> {
  const { parseLabelValues } = await import('../evaluate/label-value.ts');
  const isPath = /[/\\]|\.json$/.test(options.model);
  return (await givenPlaces(options)).map(({ name, before, after, labels, ...own }) => {
    const request: RunRequest = {
      before,
      after,
      model: isPath ? resolve(options.model) : options.model,
      grid: 'before',
      out: resolve(options.out),
      force: false,
    };
    const values = parseLabelValues({
      changed: own.changed ?? options.changed,
      unchanged: own.unchanged ?? options.unchanged,
      ignore: own.ignore ?? options.ignore,
    });
    const { outside = options.outside ?? null, align = options.align ?? null } = own;
    return { name, request, labels, values, outside, align };
  });
}

const figure = (value: number | null): string => (value === null ? '-' : value.toFixed(3)).padStart(6);

async function lines({ pooled, places, notes, alarms, reliability }: Evaluation, out: string): Promise<string[]> {
  const { headlineAlarms } = await import('../evaluate/evaluation-table.ts');
  const ground = headlineAlarms(alarms);
  const range = (pair: readonly [number, number] | null): string =>
    pair === null ? '' : `  95 % ${pair.map((end) => end.toFixed(3)).join('-')}`;
  return [
    `方法 method            阈值 threshold     P      R      F1     IoU`,
    ...pooled.methods.map(
      (row) =>
        `${`${row.method} (${row.counts})`.padEnd(22)} ${`${row.threshold.toFixed(2)} ${row.thresholdFrom}`.padEnd(14)} ${[row.precision, row.recall, row.f1, row.iou].map(figure).join(' ')}${range(row.f1Interval)}`,
    ),
    ...(places.length === 1
      ? []
      : places.map(
          ({ name, methods: [row] }) =>
            `${name.padEnd(37)} ${[row?.precision ?? null, row?.recall ?? null, row?.f1 ?? null, row?.iou ?? null].map(figure).join(' ')}`,
        )),
    `误报 false alarms: ${ground?.per1000Km2?.toFixed(2) ?? '-'} km² / 1000 km² (${ground?.zh ?? ''} ${ground?.cover ?? ''})`,
    `校准误差 ECE: ${figure(reliability.ece).trim()}`,
    ...notes.map((note) => `提示 remark: ${note}`),
    `报告 report: ${out}/evaluation.html`,
  ];
}

async function evaluate(options: Options): Promise<void> {
  const places = await labelledPlaces(options);
  const { evaluatePlaces } = await import('../evaluate/evaluate-places.ts');
  const into = options.into?.split(',').map((name) => name.trim()) ?? null;
  const out = resolve(options.out);
  const evaluation = await evaluatePlaces(places, {
    into,
    out,
    tell: (line) => void process.stderr.write(`${line}\n`),
  });
  process.stdout.write(
    options.json ? `${JSON.stringify(evaluation)}\n` : `${(await lines(evaluation, out)).join('\n')}\n`,
  );
}

/** `tianwatch evaluate`: a model, or none, against labels of what changed. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('用标注检验精度 / how right a model is, by labels of what changed: figures as JSON and as a page')
    .option('--before <files>', '前期影像 / the earlier scene: GeoTIFF(s), comma-separated, or a STAC Item')
    .option('--after <files>', '后期影像 / the later scene')
    .option(
      '--labels <file>',
      '标注：前期影像格网上的 GeoTIFF，或变化图斑矢量 / GeoTIFF on the pixels of the before scene, or polygons of changes',
    )
    .option('--places <file>', '多处地点清单 / JSON list of places (docs/formats.md) instead of the three above')
    .option('--changed <values>', '变化的标注值，可注明地类 / label values of change: 2, or 2=built,3=water', '2')
    .option('--unchanged <values>', '未变化的标注值 / label values of no change', '1')
    .option('--ignore <values>', '不计的标注值 / label values that are not scored', '0')
    .addOption(
      new Option(
        '--outside <meaning>',
        '图斑以外：默认为未变化，核查结论则不计 / ground in no polygon; default unchanged, of verdicts ignore',
      ).choices(['unchanged', 'ignore']),
    )
    .addOption(
      new Option(
        '--align <how>',
        '标注栅格的位置：按坐标或按像元；默认两者须一致 / place of label rasters: by georeference, or pixel by pixel; default: both must agree',
      ).choices(['map', 'array']),
    )
    .option('--into <classes>', '仅计变为这些地类 / only change into these classes counts, e.g. built,bare')
    .option('--model <card>', '模型：编号、模型卡路径、auto 或 none / id or path of a card, auto, or none', 'auto')
    .requiredOption('--out <dir>', '输出文件夹 / folder to write: evaluation.json, evaluation.html')
    .option('--json', '以 JSON 打印 / print the evaluation as JSON');
  addSceneOptions(command, ['before', 'after']).action(evaluate);
}
