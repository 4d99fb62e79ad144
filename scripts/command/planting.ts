import { resolve } from 'node:path';
import type { Command } from 'commander';
import { plantingStatuses, plantingZh } from '../../pipeline/season/planting.ts';
import { locate } from '../../workers/images/source.ts';
import { addSceneOptions, sceneFlags } from './scene-options.ts';
import { waitingLine } from './waiting-line.ts';

interface Options extends Readonly<Record<string, unknown>> {
  readonly scenes: string;
  readonly out: string;
  readonly json?: true;
}

async function run(options: Options): Promise<void> {
  const [{ runPlanting }, { currentHome }, { stopSignal }] = [
    await import('../../workers/season/run-planting.ts'),
    await import('../../workers/home.ts'),
    await import('../../workers/stop-signal.ts'),
  ];
  const out = resolve(options.out);
  const request = {
    ...sceneFlags(options),
    scenes: locate(options.scenes),
    from: null,
    to: null,
    model: 'none',
    grid: null,
    aoi: null,
    baseline: 'current',
    out,
    force: false,
    only: 'planting',
  } as const;
  const today = new Date().toISOString().slice(0, 10);
  const found = await runPlanting(request, {
    home: currentHome(),
    today,
    signal: stopSignal(),
    onWait: (other) => void process.stderr.write(waitingLine(other)),
  });
  if (options.json) return void process.stdout.write(`${JSON.stringify(found)}\n`);
  for (const { name, why } of found.leftOut)
    process.stderr.write(`未用 not used: ${name}: ${why.problem} ${why.detail}\n`);
  for (const id of found.unfit) process.stderr.write(`波段不足或非反射率 lacks bands or reflectance: ${id}\n`);
  const lines = plantingStatuses.map((status) => `  ${plantingZh[status]} ${status}: ${found.counts[status]}`);
  process.stdout.write(
    `期数 looks: ${found.looks}\n地块年 parcel years:\n${lines.join('\n')}\n种植线索 alerts opened or changed: ${found.alerts} (tianwatch alert list)\n结果 result: ${out}\n`,
  );
}

/** `tianwatch planting`: what was planted on the parcels of the survey. */
export function addPlanting(program: Command): void {
  const command = program
    .command('planting')
    .description(
      '由全部影像判定耕地地块各年种植状况 / planting status of cropland parcels by year, from all scenes of a place',
    )
    .requiredOption('--scenes <path>', '影像文件夹或 STAC 文件 / a folder of scenes, or a STAC document')
    .requiredOption('--out <file>', '输出 CSV / file to write, planting.csv')
    .option('--json', '以 JSON 打印结果 / print the outcome as JSON');
  addSceneOptions(command).action(run);
}
