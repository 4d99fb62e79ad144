import type { Command } from 'commander';
import { AppError } from '../../pipeline/errors.ts';
import type { Schedule, StoredSchedule } from '../../workers/watch/schedule.ts';
import { type WatchOptions, addWatchOptions, watchRequestOf } from './watch-options.ts';
import { watchPrinter } from './watch-text.ts';
import { wholeNumber } from './whole-number.ts';

interface AddOptions extends WatchOptions {
  readonly cron: string;
  readonly zone: string;
  readonly season?: string;
}

/** `MM-DD..MM-DD`, or a season or period of the region's calendar. @throws AppError CONFIG_INVALID */
async function seasonOf(text: string | undefined): Promise<Schedule['season']> {
  if (text === undefined) return null;
  const [, from, to] = /^(\d{2}-\d{2})\.\.(\d{2}-\d{2})$/.exec(text) ?? [];
  const { daysOfYear } = await import('../../pipeline/rule/region.ts');
  if (from !== undefined && to !== undefined && [from, to].every((day) => daysOfYear.includes(day)))
    return { name: text, from, to };
  const { loadRegion } = await import('../../workers/rule/load-rules.ts');
  const { seasons, periods } = loadRegion();
  const spans = [...seasons, ...periods];
  const found = spans.find(({ id }) => id === text);
  if (found !== undefined) return { name: text, from: found.from, to: found.to };
  throw new AppError(
    'CONFIG_INVALID',
    `--season ${text} is no season.`,
    `Give MM-DD..MM-DD, or one of ${spans.map(({ id }) => id).join(', ')}.`,
  );
}

async function add(area: string, where: string, options: AddOptions): Promise<void> {
  const { nextSlot } = await import('../../workers/queue/timer.ts');
  const { addSchedule } = await import('../../workers/watch/schedule-door.ts');
  const { currentHome } = await import('../../workers/home.ts');
  const { openArrivals } = await import('../../workers/watch/arrivals.ts');
  const home = currentHome();
  const { cron: pattern, zone } = options;
  const request = watchRequestOf(where, options);
  const schedule: Schedule = { area, pattern, zone, season: await seasonOf(options.season), request };
  const next = nextSlot(schedule, Date.now());
  // what cannot be watched is said now, not at three in the morning
  await (await openArrivals(request, home)).list();
  await addSchedule(home, schedule);
  process.stdout.write(`已加入 added: ${area}，下次 next ${new Date(next).toISOString()}\n`);
}

function line({ area, pattern, zone, season, request, lastSlotMs, lastOutcome }: StoredSchedule): string {
  const last =
    lastSlotMs === null ? '未运行 never' : `${new Date(lastSlotMs).toISOString()} ${lastOutcome ?? '进行中 begun'}`;
  const days = season === null ? '全年 all year' : `${season.name} ${season.from}..${season.to}`;
  return `${area}  "${pattern}" ${zone}  ${days}  ${request.where} → ${request.out}  上次 last: ${last}`;
}

async function list({ json }: { readonly json?: true }): Promise<void> {
  const { listSchedules } = await import('../../workers/watch/schedule-door.ts');
  const { currentHome } = await import('../../workers/home.ts');
  const schedules = await listSchedules(currentHome());
  const text = json ? JSON.stringify(schedules, null, 2) : schedules.map(line).join('\n') || '没有计划 / no schedules';
  process.stdout.write(`${text}\n`);
}

async function run({ threads, json }: { readonly threads?: number; readonly json?: true }): Promise<void> {
  const { availableParallelism } = await import('node:os');
  const { createFarmWork } = await import('../../workers/compute/farm-work.ts');
  const { currentHome } = await import('../../workers/home.ts');
  const { stopSignal } = await import('../../workers/stop-signal.ts');
  const { runSchedules } = await import('../../workers/watch/run-schedules.ts');
  const say = (text: string) => process.stdout.write(`${text}\n`);
  await runSchedules({
    home: currentHome(),
    threads: threads ?? availableParallelism(),
    createWork: createFarmWork,
    signal: stopSignal(),
    print: watchPrinter(process.stdout, json === true),
    onWait: () => process.stderr.write('等待另一进程让出数据文件夹 / another process holds the data folder: waiting\n'),
    onFiring: (firing, outcome) => {
      const { area, slotMs, cause } = firing;
      if (json) return void say(JSON.stringify({ event: 'firing', ...firing, outcome }));
      const when = `${new Date(slotMs).toISOString()}${cause === 'due' ? '' : '（补做 caught up）'}`;
      say(outcome === null ? `到时 due  ${area}  ${when}` : `完成 served  ${area}  ${when}：${outcome}`);
    },
  });
}

/** `tianwatch schedule add|list|remove|run` */
export function addSchedule(program: Command): void {
  const schedule = program
    .command('schedule')
    .description('定时查看各区域的新影像 / look at areas for new scenes by the clock');
  const adding = schedule
    .command('add')
    .description('加入或更改一个区域的计划 / add the schedule of an area, or put another in its place')
    .argument('<area>', '区域名称 / name of the area')
    .argument('<where>', '文件夹、s3://桶/前缀或 STAC API 网址 / folder, s3://bucket/prefix or URL of a STAC API')
    .requiredOption('--out <dir>', '结果文件夹 / folder of the results')
    .requiredOption('--cron <pattern>', '时间：分 时 日 月 周 / minute hour day month weekday, e.g. "0 3 * * *"')
    .option('--zone <zone>', '时区 / time zone of the pattern', 'Asia/Shanghai')
    .option(
      '--season <days>',
      '仅在此期间：MM-DD..MM-DD 或农事时段 / only then: days, or a season or period of the calendar',
    );
  addWatchOptions(adding).action(add);
  schedule.command('list').description('列出计划 / list them').option('--json', '输出 JSON / print JSON').action(list);
  schedule
    .command('remove')
    .description('删除一个区域的计划 / remove the schedule of an area')
    .argument('<area>', '区域名称 / name of the area')
    .action(async (area: string) => {
      const { removeSchedule } = await import('../../workers/watch/schedule-door.ts');
      const { currentHome } = await import('../../workers/home.ts');
      await removeSchedule(currentHome(), area);
      process.stdout.write(`已删除 removed: ${area}\n`);
    });
  schedule
    .command('run')
    .description('按计划运行，错过的补做一次 / serve the schedules; what was missed is caught up once')
    .option('--threads <n>', '计算线程数 / compute threads, default all cores', wholeNumber(1, 256))
    .option('--json', '输出 JSON 行 / print lines of JSON')
    .action(run);
}
