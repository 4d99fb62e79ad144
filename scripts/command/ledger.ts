import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isMonth } from '../../pipeline/ledger/month.ts';
import { type LedgerLevel, ledgerLevels } from './ledger-text.ts';

interface Flags {
  readonly month?: string;
  readonly by: LedgerLevel;
  readonly json?: true;
  readonly csv?: true;
  readonly html?: string;
  readonly claims?: string;
}

export function monthFlag(text: string): string {
  if (isMonth(text)) return text;
  throw new InvalidArgumentError(`${text} is no month; write yyyy-mm.`);
}

async function run({ month, by, json, csv, html, claims }: Flags): Promise<void> {
  const { currentHome } = await import('../../workers/home.ts');
  const { composeImages } = await import('../../workers/compose.ts');
  const { makeLedger } = await import('../../workers/ledger/make-ledger.ts');
  const { ledgerCsv, ledgerLines } = await import('./ledger-text.ts');
  const images = await composeImages(currentHome());
  const made = await makeLedger(currentHome(), images, month ?? new Date().toISOString().slice(0, 7));
  const { ledger } = made;
  if (claims !== undefined) {
    const { writeClaims } = await import('../../workers/ledger/claims-file.ts');
    await writeClaims(resolve(claims), made);
  }
  if (html !== undefined) {
    const { renderLedger } = await import('../../pipeline/report/ledger-page.ts');
    const { writeFileAtomic } = await import('../../workers/images/file-sink.ts');
    await writeFileAtomic(resolve(html), Buffer.from(renderLedger(ledger)));
  }
  if (json) process.stdout.write(`${JSON.stringify(ledger, null, 2)}\n`);
  else if (csv) process.stdout.write(ledgerCsv(ledger, by));
  else process.stdout.write(`${ledgerLines(ledger, by).join('\n')}\n`);
}

/** `tianwatch ledger`: plan, report and observation side by side. */
export function addLedger(program: Command): void {
  program
    .command('ledger')
    .description(
      '台账：各项目、镇、县的计划、上报、观测与差额，耕地和水域进出平衡，2027 目标 / plan, report, observation and gap of each project, town and county; cropland and water in and out; targets',
    )
    .option(
      '--month <yyyy-mm>',
      '截至哪个月末，缺省为本月 / up to the end of which month; default: this one',
      monthFlag,
    )
    .addOption(
      new Option('--by <level>', '按哪一级列出 / rows of which level').choices([...ledgerLevels]).default('county'),
    )
    .option('--json', '输出 JSON，各级俱全 / print JSON, all levels')
    .option('--html <file>', '另写成网页 / write a page as well')
    .option('--claims <file>', '报而未见的地块另存为 GeoJSON / outlines of what is claimed and not seen as GeoJSON')
    .option('--csv', '输出 CSV / print CSV of the level')
    .action(run);
}
