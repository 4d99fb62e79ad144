import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { writeFileAtomic } from '../../workers/images/file-sink.ts';
import { readComparable } from '../score/read.ts';
import { scoreRun } from '../score/score.ts';
import type { Score } from '../score/score-type.ts';
import { scoreText, tableText } from '../score/text.ts';
import { importAll } from './imports.ts';
import { caseRows, largestCases } from './largest.ts';
import { discrepanciesOf, projectRows } from './project-rows.ts';
import { step } from './step.ts';

export interface DemoWanted {
  readonly seed: number;
  /** px a side, at 10 m */
  readonly sizePx: number;
  /** folder to write; an earlier demo in it is replaced */
  readonly out: string;
}

/** Says that a folder is a demo's, so that it may be replaced. */
const marker = 'demo.json';

/** Below these a build is broken, whatever the seed; what it should reach is in `scripts/score/README.md`. */
const floors = { recallObserved: 0.5, precision: 0.8 } as const;

/**
 * A made landscape through the whole path, as its user would do it, and held against its truth.
 *
 * @returns what is wrong with this build, nothing where all is well
 * @throws AppError CONFLICT where `out` holds something else; whatever a step ended with
 */
export async function runDemo({ seed, sizePx, out }: DemoWanted): Promise<readonly string[]> {
  const begun = performance.now();
  await clear(out);
  const [landscape, result, dataFolder] = [join(out, 'landscape'), join(out, 'result'), join(out, 'data')];
  say('演示数据由程序模拟生成，并非真实影像。', 'The landscape is simulated; nothing of it is real.');
  await step(['simulate', '--seed', String(seed), '--size', String(sizePx), '--out', landscape], { dataFolder });
  const scenes = (await readdir(join(landscape, 'scenes'))).filter((name) => name.endsWith('.tif')).sort();
  const dateOf = (name: string): string => name.replace(/^.*_(\d{4})(\d{2})(\d{2})\.tif$/, '$1-$2-$3');
  const [first, last] = [scenes[0]!, scenes.at(-1)!];
  await importAll(landscape, { before: dateOf(first), after: dateOf(last) }, dataFolder);
  const [before, after] = [join(landscape, 'scenes', first), join(landscape, 'scenes', last)];
  const layers = ['--baseline', 'current', '--project', 'current'];
  await step(['run', '--before', before, '--after', after, ...layers, '--out', result], { dataFolder });

  const { changes, patches, gsdM } = await readComparable(landscape, result);
  const score = scoreRun(changes, patches, { gsdM });
  await writeFileAtomic(join(out, 'score.json'), Buffer.from(`${JSON.stringify(score, null, 2)}\n`));
  process.stdout.write(`\n${scoreText(score)}\n`);
  process.stdout.write(`\n${tableText(caseRows(largestCases(patches, changes, 10)))}\n`);
  const discrepancies = discrepanciesOf(await readFile(join(result, 'discrepancies.csv'), 'utf8'));
  process.stdout.write(`\n${tableText(projectRows(discrepancies))}\n`);
  const report = join(result, 'report.html');
  process.stdout.write(`\n用时 took: ${((performance.now() - begun) / 1000).toFixed(0)} s\n报告 report: ${report}\n`);
  return [...(await missingIn(report)), ...faultsOf(score)];
}

function say(zh: string, en: string): void {
  process.stdout.write(`${zh} ${en}\n`);
}

async function clear(out: string): Promise<void> {
  if (existsSync(out) && (await readdir(out)).length > 0 && !existsSync(join(out, marker)))
    throw new AppError('CONFLICT', `${out} holds something that is no demo.`, 'Give a new folder: --out <dir>.', {
      out,
    });
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await writeFileAtomic(join(out, marker), Buffer.from('{ "format": "tianwatch-demo/1" }\n'));
}

async function missingIn(report: string): Promise<readonly string[]> {
  const page = await readFile(report, 'utf8').catch(() => '');
  return page.includes('data:image/') ? [] : [`${report} shows no map`];
}

/** What no build that works would show. */
export function faultsOf({ recallObserved, precision }: Score): readonly string[] {
  const faults: string[] = [];
  if ((recallObserved ?? 0) < floors.recallObserved)
    faults.push(`found ${shareText(recallObserved)} of what was seen, not even ${shareText(floors.recallObserved)}`);
  if ((precision ?? 0) < floors.precision)
    faults.push(`${shareText(precision)} of the patches are right, not even ${shareText(floors.precision)}`);
  return faults;
}

const shareText = (value: number | null): string => (value === null ? 'nothing' : `${(100 * value).toFixed(0)} %`);
