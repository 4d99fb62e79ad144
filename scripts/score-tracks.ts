import { resolve } from 'node:path';
import { asAppError, describeError, errorTable } from '../pipeline/errors.ts';
import { loadRegion } from '../workers/rule/load-rules.ts';
import { readSeries } from './score/track-read.ts';
import { scoreTracks } from './score/track-score.ts';
import { trackScoreText } from './score/track-text.ts';

const [simulation, series] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
if (simulation === undefined || series === undefined) {
  process.stderr.write('npx tsx scripts/score-tracks.ts <simulation folder> <series folder> [--json]\n');
  process.exitCode = 2;
} else {
  try {
    const { events, tracks, gsdM } = await readSeries(resolve(simulation), resolve(series), loadRegion());
    const score = scoreTracks(events, tracks, gsdM);
    process.stdout.write(
      process.argv.includes('--json') ? `${JSON.stringify(score, null, 2)}\n` : `${trackScoreText(score)}\n`,
    );
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = errorTable[asAppError(error).code].exit;
  }
}
