import { resolve } from 'node:path';
import type { Command } from 'commander';
import { monthFlag } from './ledger.ts';

interface Flags {
  readonly out: string;
  readonly month?: string;
  readonly json?: true;
}

const number = (value: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

async function run({ out, month, json }: Flags): Promise<void> {
  const { currentHome } = await import('../../workers/home.ts');
  const { composeImages } = await import('../../workers/compose.ts');
  const { surveyPotential } = await import('../../workers/ledger/potential-survey.ts');
  const summary = await surveyPotential(currentHome(), await composeImages(currentHome()), {
    month: month ?? new Date().toISOString().slice(0, 7),
    out: resolve(out),
  });
  const lines = [
    `整治潜力 potential：国土调查 survey ${summary.survey}，${summary.towns} 个镇街 towns`,
    ...summary.kinds.map(
      ({ zh, kind, parcels, areaMu, recoveredM2 }) =>
        `  ${zh} ${kind}: ${parcels} 个图斑 parcels, ${number(areaMu)} 亩，其中疑似已恢复 of it seen as cropland ${number((recoveredM2 * 3) / 2000)} 亩`,
    ),
    `图层 layers: ${resolve(out)}`,
  ];
  process.stdout.write(`${json ? JSON.stringify(summary, null, 2) : lines.join('\n')}\n`);
}

/** `tianwatch potential`: parcels that may be consolidated. */
export function addPotential(program: Command): void {
  program
    .command('potential')
    .description(
      '整治潜力调查：可恢复耕地、闲置农村建设用地、工业用地、后备资源，图层和分镇面积 / parcels that may be consolidated: layers, and area by town',
    )
    .requiredOption('--out <dir>', '输出文件夹 / folder to write')
    .option(
      '--month <yyyy-mm>',
      '截至哪个月末，缺省为本月 / up to the end of which month; default: this one',
      monthFlag,
    )
    .option('--json', '输出 JSON / print JSON')
    .action(run);
}
