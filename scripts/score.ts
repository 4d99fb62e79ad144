import { resolve } from 'node:path';
import { asAppError, describeError, errorTable } from '../pipeline/errors.ts';
import { readComparable } from './score/read.ts';
import { scoreRun } from './score/score.ts';
import { scoreText } from './score/text.ts';

const [simulation, run] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
if (simulation === undefined || run === undefined) {
  process.stderr.write('npx tsx scripts/score.ts <simulation folder> <run folder> [--json]\n');
  process.exitCode = 2;
} else {
  try {
    const { changes, patches, gsdM } = await readComparable(resolve(simulation), resolve(run));
    const score = scoreRun(changes, patches, { gsdM });
    process.stdout.write(
      process.argv.includes('--json') ? `${JSON.stringify(score, null, 2)}\n` : `${scoreText(score)}\n`,
    );
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = errorTable[asAppError(error).code].exit;
  }
}
