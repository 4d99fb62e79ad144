import type { Command } from 'commander';

interface Flags {
  readonly force?: true;
  readonly json?: true;
}

/** `tianwatch restore` */
export function addRestore(program: Command): void {
  program
    .command('restore')
    .description('从备份恢复到空的数据目录 / restore a backup into an empty home; every file is checked first')
    .argument('<folder>', '备份文件夹 / what `tianwatch backup --to` made')
    .option('--force', '现有数据移到一旁，不删除 / put rows that are there aside; they are not deleted')
    .option('--json', '输出 JSON / print JSON')
    .action(async (folder: string, { force, json }: Flags) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { restoreHome } = await import('../../workers/backup/backup-door.ts');
      const { manifest, ...restored } = await restoreHome(currentHome(), { folder, force: force === true });
      const { rows, objects, putAside, interrupted } = restored;
      const lines = [
        `已恢复 restored: ${rows} 行 rows, ${objects} 对象 objects, 备份于 of ${manifest.writtenAt}`,
        ...(interrupted > 0
          ? [`${interrupted} 个任务当时未完 runs were going on; the same command begins each anew`]
          : []),
        ...(putAside === null ? [] : [`原数据移到 former rows are in the schema ${putAside}`]),
        ...(manifest.absent.length > 0 ? [`备份前已缺失 lost before the backup: ${manifest.absent.join(', ')}`] : []),
      ];
      process.stdout.write(
        json ? `${JSON.stringify({ ...restored, absent: manifest.absent }, null, 2)}\n` : `${lines.join('\n')}\n`,
      );
    });
}
