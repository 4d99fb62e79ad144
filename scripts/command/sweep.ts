import type { Command } from 'commander';

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/** `tianwatch sweep` */
export function addSweep(program: Command): void {
  program
    .command('sweep')
    .description(
      '清理：超限的分块缓存、已结束任务的中间文件 / take away the chunk cache beyond its limit and what ended runs left between their stages (config/sweep.json)',
    )
    .option('--dry-run', '只说明，不删除 / say what would go, remove nothing')
    .option('--json', '输出 JSON / print JSON')
    .action(async ({ dryRun, json }: { readonly dryRun?: true; readonly json?: true }) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { sweepHome } = await import('../../workers/sweep/sweep-home.ts');
      const swept = await sweepHome(currentHome(), { isDry: dryRun === true, nowMs: Date.now() });
      const { cacheBytes, removed, folders } = swept;
      const what = dryRun ? '将清理 would go' : '已清理 gone';
      const lines = [
        `缓存 cache: ${gigabytes(cacheBytes)}，${what} ${removed.cache.objects} (${gigabytes(removed.cache.bytes)})`,
        `中间文件 between stages: ${what} ${removed.scratch.objects} (${gigabytes(removed.scratch.bytes)})，${folders.length} 个文件夹 folders`,
        `影像目录条目 STAC Items: ${what} ${removed.item.objects} (${gigabytes(removed.item.bytes)})`,
        `结果 results: ${what} ${removed.result.objects} (${gigabytes(removed.result.bytes)})`,
      ];
      process.stdout.write(json ? `${JSON.stringify(swept, null, 2)}\n` : `${lines.join('\n')}\n`);
    });
}
