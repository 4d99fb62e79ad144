import type { Command } from 'commander';

const why: Readonly<Record<string, string>> = {
  'no outline': '没有图斑 no outline is known',
  planting: '种植情况，不是地类 on planting, not on the land class',
  restored: '已恢复耕地 restored: says nothing of one pair of dates',
  superseded: '已有更晚的结论 a later verdict on the same ground',
};

async function exportLabels({ out, json }: { readonly out: string; readonly json?: true }): Promise<void> {
  const { resolve } = await import('node:path');
  const { currentHome } = await import('../../workers/home.ts');
  const { listVerdicts } = await import('../../workers/registry/door.ts');
  const { writeFileAtomic } = await import('../../workers/images/file-sink.ts');
  const { labelsOf } = await import('../../pipeline/report/label-export.ts');
  const { labels, leftOut } = labelsOf(await listVerdicts(currentHome()));
  const path = resolve(out);
  await writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(labels, null, 1)}\n`));
  const count = (verdict: string): number =>
    labels.features.filter(({ properties }) => properties.verdict === verdict).length;
  const said = { labels: path, confirmed: count('confirmed'), refuted: count('refuted'), leftOut };
  const lines = [
    `${path}: 确认 confirmed ${said.confirmed}, 排除 refuted ${said.refuted}`,
    ...Object.entries(leftOut).flatMap(([key, n]) => (n > 0 ? [`未导出 left out ${n}: ${why[key]}`] : [])),
  ];
  process.stdout.write(json ? `${JSON.stringify(said, null, 2)}\n` : `${lines.join('\n')}\n`);
}

/** `tianwatch labels export`: verdicts as labels that evaluate and train. */
export function addLabels(program: Command): void {
  const labels = program.command('labels').description('标注 / labels of what changed');
  labels
    .command('export')
    .description(
      '把核查结论导出为标注，用于检验和再训练 / verdicts as tianwatch-labels/1, for `tianwatch evaluate` and `npm run train -- --stage finetune`',
    )
    .requiredOption('--out <file>', '写入的 GeoJSON / GeoJSON to write')
    .option('--json', '输出 JSON / print JSON')
    .action(exportLabels);
}
