import type { Command } from 'commander';
import { asAppError } from '../../pipeline/errors.ts';
import { duration } from './duration.ts';
import { type WatchOptions, addWatchOptions, watchRequestOf } from './watch-options.ts';
import { watchPrinter } from './watch-text.ts';
import { wholeNumber } from './whole-number.ts';

interface Options extends WatchOptions {
  readonly every: number;
  readonly once?: true;
  readonly threads?: number;
  readonly runs?: number;
  readonly json?: true;
}

async function watch(where: string, options: Options): Promise<void> {
  const request = watchRequestOf(where, options);
  const { availableParallelism } = await import('node:os');
  const { openArrivals } = await import('../../workers/watch/arrivals.ts');
  const { createFarmWork } = await import('../../workers/compute/farm-work.ts');
  const { currentHome } = await import('../../workers/home.ts');
  const { stopSignal } = await import('../../workers/stop-signal.ts');
  const { openSession, runsAtOnce } = await import('../../workers/watch/session.ts');
  const { isIncomplete, watchScenes } = await import('../../workers/watch/watch.ts');
  const data = currentHome();
  const signal = stopSignal();
  const threads = options.threads ?? availableParallelism();
  const printer = watchPrinter(process.stdout, options.json === true);
  const session = openSession({ home: data, threads, createWork: createFarmWork, signal });
  const outcome = await watchScenes(request, options.once ? null : options.every, {
    ...session,
    ...printer,
    arrivals: await openArrivals(request, data),
    signal,
    now: () => new Date(),
    runs: options.runs ?? runsAtOnce(data),
  })
    .catch((error: unknown) => {
      // a watch without an end was ended as it is meant to be; what `--once` asks for is not done
      if (options.once || !signal.aborted || asAppError(error).code !== 'CANCELLED') throw error;
      return null;
    })
    .finally(() => session.close());
  if (outcome === null)
    process.stderr.write('已停止，同一命令继续未完成的任务 / stopped: the same command goes on with what was begun\n');
  else process.exitCode = isIncomplete(outcome) ? 3 : 0;
}

/** `tianwatch watch`: runs begin as scenes arrive. */
export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .description(
      '监视影像的到达，成对即运行，每对只运行一次 / watch where scenes arrive: each pair is run once, as soon as both are whole',
    )
    .argument('<where>', '文件夹、s3://桶/前缀或 STAC API 网址 / folder, s3://bucket/prefix or URL of a STAC API')
    .requiredOption('--out <dir>', '结果文件夹，每对影像一个子文件夹 / folder of the results, one in it for each pair')
    .option('--every <time>', '隔多久看一次 / time between two looks', duration, 60_000)
    .option('--once', '处理完现有影像即结束 / end when nothing more is ready')
    .option('--threads <n>', '计算线程数 / compute threads, default all cores', wholeNumber(1, 256))
    .option(
      '--runs <n>',
      '同时运行几对 / pairs that are run at once, default 3, on a shared home 8',
      wholeNumber(1, 64),
    )
    .option('--json', '每次查看打印一行 JSON / one line of JSON a look and a run');
  addWatchOptions(command).action(watch);
}
