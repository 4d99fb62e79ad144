import type { Command } from 'commander';

/** `tianwatch notify` */
export function addNotify(program: Command): void {
  program
    .command('notify')
    .description(
      '发送到期的预警消息（TIANWATCH_NOTIFY：文件夹或 webhook）/ send the messages that are due to the folder or webhook of TIANWATCH_NOTIFY',
    )
    .option('--json', '输出 JSON / print JSON')
    .action(async ({ json }: { readonly json?: true }) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { openChannel } = await import('../../workers/notify/open-channel.ts');
      const { sendDueMessages } = await import('../../workers/registry/alert-door.ts');
      // what is wrong with the settings is said before a database is opened
      openChannel(() => new Date());
      const done = await sendDueMessages(currentHome());
      const { sent, failed, left, why } = done;
      process.stdout.write(
        json
          ? `${JSON.stringify(done)}\n`
          : `已发送 sent ${sent}，失败 failed ${failed}，待发 left ${left}\n${why === null ? '' : `${why}\n`}`,
      );
      if (failed > 0) process.exitCode = 1;
    });
}
