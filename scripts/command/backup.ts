import type { Command } from 'commander';

interface Flags {
  readonly to: string;
  readonly withCache?: true;
  readonly json?: true;
}

/** `tianwatch backup` */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .description(
      '备份数据库与影像库对象 / write database and stored objects into a new folder, which any form of home can be restored from',
    )
    .requiredOption('--to <folder>', '新文件夹 / new folder')
    .option('--with-cache', '含可重算的分块缓存 / chunks too, which can be computed again')
    .option('--json', '输出 JSON / print JSON')
    .action(async ({ to, withCache, json }: Flags) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { backupHome } = await import('../../workers/backup/backup-door.ts');
      const manifest = await backupHome(currentHome(), { to, withCache: withCache === true });
      const { tables, objects, absent, schemaVersion } = manifest;
      const rows = tables.reduce((sum, table) => sum + table.rows, 0);
      process.stdout.write(
        json
          ? `${JSON.stringify(manifest, null, 2)}\n`
          : `已备份 backed up: ${to}  ${tables.length} 表 tables, ${rows} 行 rows, ${objects.count} 对象 objects, schema ${schemaVersion}\n`,
      );
      if (absent.length === 0) return;
      // the rest is saved; who restores it should know what was lost before
      process.stderr.write(
        `影像库中缺失或损坏 lost or damaged in the image store: ${absent.slice(0, 10).join(', ')}${absent.length > 10 ? ` … (${absent.length})` : ''}\n`,
      );
      process.exitCode = 1;
    });
}
