import { Command, CommanderError } from 'commander';
import { asAppError, describeError, errorTable } from '../pipeline/errors.ts';
import { commands } from './commands.ts';

const program = new Command('tianwatch')
  .description('耕地非农化、非粮化疑似变化监测 / suspected non-farm and non-grain change on farmland')
  .exitOverride()
  .showHelpAfterError('(--help 查看用法 / shows the usage)');

for (const add of commands) add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = errorTable[asAppError(error).code].exit;
  }
}
