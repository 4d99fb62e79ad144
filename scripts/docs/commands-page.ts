import { Command } from 'commander';
import { commands } from '../commands.ts';

const widthColumns = 110;

/** Help of every command that does something, as the terminal shows it. */
export function commandsPage(): string {
  const program = new Command('tianwatch');
  for (const add of commands) add(program);
  const sections: string[] = [];
  const visit = (command: Command, trail: string): void => {
    if (command.commands.length === 0) {
      command.configureOutput({ getOutHelpWidth: () => widthColumns }).configureHelp({ helpWidth: widthColumns });
      sections.push(`## \`${trail}\`\n\n\`\`\`text\n${command.helpInformation().trimEnd()}\n\`\`\``);
    }
    for (const child of command.commands) visit(child, `${trail} ${child.name()}`);
  };
  visit(program, 'tianwatch');
  const exits = `Exit codes: 0 every readable pixel was processed, under cloud or not; 1 failed, or nothing to process; 2 wrong use;
3 chunks failed or an input was left out. Errors are one line on the standard error: code, what happened, what to do
([errors.md](errors.md)). \`TIANWATCH_DATA\` names the folder of the state, by default \`.tianwatch\` in the working directory.`;
  return ['# Commands 命令', exits, ...sections].join('\n\n');
}
