import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type VerdictWord, verdictWords } from '../../pipeline/alert/alert.ts';
import { AppError } from '../../pipeline/errors.ts';
import { alertLine } from './alert.ts';

interface Flags {
  readonly alert: string;
  readonly says: VerdictWord;
  readonly photo: readonly string[];
  readonly date?: string;
  readonly by?: string;
  readonly why?: string;
  readonly json?: true;
}

/** Day of the look; today where none is given. */
function dayFlag(text: string | undefined, today: string): string {
  if (text === undefined) return today;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new AppError('CONFIG_INVALID', `--date ${text} is no date.`, 'Write yyyy-mm-dd.');
  if (text > today)
    throw new AppError('CONFIG_INVALID', `--date ${text} is later than today, ${today}.`, 'Give the day of the look.');
  return text;
}

async function add({ alert, says, photo, date, by, why, json }: Flags): Promise<void> {
  const { currentHome } = await import('../../workers/home.ts');
  const { userName } = await import('../../workers/user-name.ts');
  const { addVerdict } = await import('../../workers/look/add-verdict.ts');
  const detail = await addVerdict({
    home: currentHome(),
    alert,
    says,
    photos: photo.map((path) => resolve(path)),
    // days are those of the field
    date: dayFlag(date, new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)),
    by: by ?? userName(),
    why: why ?? '',
  });
  process.stdout.write(`${json ? JSON.stringify(detail, null, 2) : alertLine(detail.alert)}\n`);
}

/** `tianwatch verdict add` */
export function addVerdictCommand(program: Command): void {
  const verdict = program.command('verdict').description('实地核查结论 / what people found on the spot');
  verdict
    .command('add')
    .description(
      '登记结论；照片的位置、方向和时间须对得上 / record one; photos have to have been taken there, towards it, in time',
    )
    .requiredOption('--alert <alert>', '线索编号，可只写开头 / id of the alert, or its beginning')
    .addOption(
      new Option('--says <verdict>', '属实、排除、合法、已恢复 / what was found')
        .choices([...verdictWords])
        .makeOptionMandatory(),
    )
    .option(
      '--photo <files...>',
      '照片；旁有 .camera.json 的为塔基视频截图 / photos; one with <photo>.camera.json beside it is a tower still',
      [] as string[],
    )
    .option('--date <date>', '核查日期，缺省今天 / day of the look, default today')
    .option('--by <name>', '核查人，缺省为系统用户名 / who looked, default the name of the account')
    .option('--why <text>', '说明 / remark')
    .option('--json', '输出 JSON / print JSON')
    .action(add);
}
