import { resolve } from 'node:path';
import type { Command } from 'commander';
import { wholeNumber } from './whole-number.ts';

interface Options {
  readonly seed: number;
  readonly size: number;
  readonly out: string;
}

async function run({ seed, size, out }: Options): Promise<void> {
  const { runDemo } = await import('../demo/demo.ts');
  const faults = await runDemo({ seed, sizePx: size, out: resolve(out) });
  for (const fault of faults) process.stderr.write(`此版本有误 this build is broken: ${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}

/** `tianwatch demo`: the whole path on a landscape whose truth is known. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description(
      '演示：模拟景观走完整个流程，与真值对照 / a simulated landscape through the whole path, held against its truth',
    )
    .option('--seed <n>', '种子，小于 1000000 / seed of the landscape, below 1000000', wholeNumber(0, 999_999), 1)
    .option('--size <px>', '影像边长，10 米像元 / side of the scenes, px of 10 m', wholeNumber(256, 4096), 1024)
    .option('--out <dir>', '输出文件夹，原有演示结果将被替换 / folder; an earlier demo in it is replaced', 'demo')
    .action(run);
}
