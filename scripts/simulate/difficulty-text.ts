import { difficultyTargets, type Difficulty } from './describe.ts';

const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`;
const three = (value: number): string => value.toFixed(3);

/** The difficulty of a simulated pair as lines for a terminal. */
export function difficultyText({
  sizePx,
  changedFraction,
  observedFraction,
  scores,
  isHardEnough,
}: Difficulty): string {
  const head = `模拟数据的难度 / difficulty of the simulated pair, ${sizePx} × ${sizePx} px, changed ${percent(changedFraction)}, seen ${percent(observedFraction)}`;
  const lines = scores.map(
    ({ name, f1, precision, recall, bestF1 }) =>
      `${name}: F1 ${three(f1)} (precision ${three(precision)}, recall ${three(recall)}; at its best threshold ${three(bestF1)})`,
  );
  const verdict = `targets: IR-MAD ≤ ${difficultyTargets.irmad}, class differencing ≤ ${difficultyTargets.classes}: ${isHardEnough ? 'met' : 'not met'}`;
  return `${[head, ...lines, verdict].join('\n')}\n`;
}
