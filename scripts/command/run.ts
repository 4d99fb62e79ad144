import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { aoiOption, baselineOption, countyOption, projectOption } from './ground-options.ts';
import { AppError, describeError } from '../../pipeline/errors.ts';
import type { Summary } from '../../pipeline/report/formats.ts';
import type { RunRequest, SceneRequest } from '../../pipeline/request.ts';
import { categoryZh } from '../../pipeline/rule/reason.ts';
import { runRequestSchema } from '../../pipeline/request.ts';
import type { WorkParts } from '../../workers/compose.ts';
import type { RunStatus } from '../../workers/run-status.ts';
import { openProgress } from './progress.ts';
import { addSceneOptions, sceneFlags } from './scene-options.ts';
import type { SceneSide } from './scene-options.ts';

type RunOptions = Readonly<Record<string, unknown>> & {
  readonly before: string;
  readonly after: string;
  readonly out: string;
  readonly model: string;
  readonly grid: string;
  readonly aoi?: string;
  readonly baseline?: string | true;
  readonly project?: string | true;
  readonly threads?: number;
  readonly county?: string;
  readonly priority?: 'normal' | 'high';
  readonly dryRun?: true;
  readonly detach?: true;
  readonly force?: true;
  readonly json?: true;
};

function parseThreads(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 256) return threads;
  throw new AppError(
    'CONFIG_INVALID',
    `--threads ${text} is not a whole number of 1 to 256.`,
    'Give e.g. --threads 2.',
  );
}

/** A bare flag means the versions in force. */
export function layerChoice(name: 'baseline' | 'project', given: string | true | undefined): Partial<RunRequest> {
  if (given === undefined) return {};
  const choice = given === true ? 'current' : given.trim().toLowerCase();
  if (choice === 'current' || choice === 'none' || /^[0-9a-f]{6,64}(,[0-9a-f]{6,64})*$/.test(choice))
    return { [name]: choice };
  throw new AppError(
    'CONFIG_INVALID',
    `--${name} ${String(given)} is neither current, none nor ids of imported layers.`,
    `Import a file first (tianwatch ${name} import <file>); tianwatch ${name} list prints the ids.`,
  );
}

async function requestOf(options: RunOptions): Promise<RunRequest> {
  const { locate, splitPaths } = await import('../../workers/images/source.ts');
  const sceneOf = (side: SceneSide): SceneRequest => ({
    files: splitPaths(options[side]).map(locate),
    ...sceneFlags(options, side),
  });
  const isPath = /[/\\]|\.json$/.test(options.model);
  const parsed = runRequestSchema.safeParse({
    before: sceneOf('before'),
    after: sceneOf('after'),
    model: isPath ? resolve(options.model) : options.model,
    grid: options.grid.replace(/^epsg:/i, ''),
    ...(options.aoi !== undefined && { aoi: resolve(options.aoi) }),
    ...layerChoice('baseline', options.baseline),
    ...layerChoice('project', options.project),
    out: resolve(options.out),
    ...(options.county !== undefined && { county: options.county }),
    ...(options.priority !== undefined && { priority: options.priority }),
    force: options.force === true,
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? '');
  const given = name === 'grid' ? options.grid : name === 'before' || name === 'after' ? options[name] : '';
  throw new AppError(
    'CONFIG_INVALID',
    `--${name} ${given} is not valid: ${issue?.message ?? 'unknown'}.`,
    'See tianwatch run --help.',
  );
}

/** Lines about a run that has ended, Chinese first. */
function endLines({ runId, state, summary, error, request }: RunStatus, out: string): string[] {
  if (error !== null) return [`${error.code}: ${error.message} ${error.todo}`.trim()];
  if (state === 'no-input')
    return [
      request.aoi === undefined
        ? '没有可处理的像元：两期影像没有共同的有效数据 / nothing to process: the two scenes share no valid pixel'
        : `没有可处理的像元：监测范围 ${request.aoi} 内两期影像没有共同的有效数据 / nothing to process: the two scenes share no valid pixel inside that --aoi`,
    ];
  const { patches, categories, coverage } = summary as Pick<Summary, 'patches' | 'categories' | 'coverage'>;
  const hectares = (areaM2: number): string =>
    `${(areaM2 / 10_000).toFixed(2)} ha (${((areaM2 * 3) / 2000).toFixed(1)} 亩)`;
  const unchanged = categories.find(({ category }) => category === 'none');
  const [count, areaM2] = [
    patches.suspected - (unchanged?.suspected ?? 0),
    patches.suspectedM2 - (unchanged?.suspectedM2 ?? 0),
  ];
  return [
    `疑似图斑 suspected patches: ${count}, ${hectares(Math.max(0, areaM2))}`,
    ...categories
      .filter(({ suspected }) => suspected > 0)
      .map(({ category, suspected, suspectedM2, lawful }) => {
        const permitted = lawful > 0 ? `, 其中有批准 permitted ${lawful}` : '';
        return `  ${categoryZh[category]} ${category}: ${suspected}, ${hectares(suspectedM2)}${permitted}`;
      }),
    `观察图斑 watched (below minimum area): ${patches.watch}, ${hectares(patches.watchM2)}`,
    `未观测 not observed: ${(coverage.unobservedFraction * 100).toFixed(1)} %`,
    `报告 report: ${out}/report.html`,
    `任务 run: ${runId.slice(0, 12)} ${state}`,
  ];
}

async function dryRun(request: RunRequest, threads: number, isJson: boolean): Promise<void> {
  const { describePlan, planLines } = await import('../../workers/compute/dry-run.ts');
  const plan = await describePlan(request, threads);
  process.stdout.write(isJson ? `${JSON.stringify(plan, null, 2)}\n` : `${planLines(plan).join('\n')}\n`);
}

async function run(options: RunOptions): Promise<void> {
  const { availableParallelism } = await import('node:os');
  const threads = options.threads ?? availableParallelism();
  const request = await requestOf(options);
  if (options.dryRun) return dryRun(request, threads, options.json === true);
  const { checkOutFolder } = await import('../../workers/compute/out-folder.ts');
  await checkOutFolder(request.out, request.force);
  const { currentHome } = await import('../../workers/home.ts');
  const { stopSignal } = await import('../../workers/stop-signal.ts');
  const { submitAndFollow, submitDetached } = await import('../../workers/submit.ts');
  const { exitOf } = await import('../../workers/run-status.ts');
  // not loaded where another process holds the home
  const createWork = async (parts: WorkParts) =>
    (await import('../../workers/compute/farm-work.ts')).createFarmWork(parts);
  const common = { home: currentHome(), threads, createWork };
  if (options.detach) {
    const begun = await submitDetached(request, common);
    const { statusLine } = await import('./status.ts');
    process.stdout.write(
      options.json ? `${JSON.stringify({ runId: begun.runId, state: begun.state })}\n` : `${statusLine(begun)}\n`,
    );
    return;
  }
  const progress = openProgress(process.stderr);
  const followed = { ...common, onProgress: progress.show, signal: stopSignal() };
  const status = await submitAndFollow(request, followed).finally(progress.end);
  process.exitCode = exitOf(status);
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ runId: status.runId, state: status.state, ...status.summary, out: request.out, error: status.error })}\n`,
    );
  else
    (process.exitCode === 0 ? process.stdout : process.stderr).write(`${endLines(status, request.out).join('\n')}\n`);
  const remarks = [status.plan?.['warnings'], status.summary?.['remarks']] as (readonly string[] | undefined)[];
  for (const warning of remarks.flatMap((texts) => texts ?? [])) process.stderr.write(`提示 remark: ${warning}\n`);
  const { sweepNowAndThen } = await import('../../workers/sweep/sweep-home.ts');
  // the run has ended as it has, whatever becomes of the tidying
  await sweepNowAndThen(currentHome()).catch((error: unknown) =>
    process.stderr.write(`清理未完成 the sweep failed: ${describeError(error)}\n`),
  );
}

/** `tianwatch run`: two scenes in, changes out. */
export function addRun(program: Command): void {
  const command = program
    .command('run')
    .description(
      '比较两期影像，输出疑似变化图斑 / compare two scenes: suspected changes as rasters, patches and a report',
    )
    .requiredOption(
      '--before <files>',
      '前期影像：GeoTIFF（逗号分隔）或 STAC Item，路径、s3:// 或 https:// / files of the earlier scene, comma-separated, or a STAC Item; paths, s3:// or https://',
    )
    .requiredOption('--after <files>', '后期影像 / the later scene')
    .requiredOption('--out <dir>', '输出文件夹 / folder to write')
    .option(
      '--model <card>',
      '模型：编号、模型卡路径、auto 或 none（仅 IR-MAD 与变化向量）/ id or path of a card, auto, or none',
      'auto',
    )
    .option('--grid <grid>', '输出格网 / before, after, or <epsg>:<metres>, e.g. 4549:10', 'before')
    .addOption(aoiOption())
    .addOption(baselineOption())
    .addOption(projectOption())
    .option('--dry-run', '只打印计划 / print the plan: chunks, tiles, bytes, expected minutes')
    .option('--detach', '提交后即返回（需共享服务）/ leave the run to the workers of a shared home and return at once')
    .option('--force', '替换文件夹，包括其中并非本程序生成的文件 / replace a folder with files that no run wrote')
    .addOption(
      new Option(
        '--priority <level>',
        '与其他任务并行时的优先级，有 --aoi 时默认为 high / beside other runs: high goes eight times as fast; default high with --aoi',
      ).choices(['normal', 'high']),
    )
    .addOption(countyOption())
    .option('--threads <n>', '计算线程数 / compute threads, default all cores', parseThreads)
    .option('--json', '以 JSON 打印结果 / print the outcome as JSON');
  addSceneOptions(command, ['before', 'after']).action(run);
}
