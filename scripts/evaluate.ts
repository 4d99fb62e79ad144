import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadCard } from '../models/shelf.ts';
import { openCoverJudge } from './evaluate/cover-judge.ts';
import { fineRows, fineText, judgeFine } from './evaluate/fine.ts';
import { readFolds, writeFold } from './evaluate/fold-record.ts';
import { goalText, verdictOf } from './evaluate/goal-table.ts';
import { goalsOf, type Found } from './evaluate/goals.ts';
import { landscapePairs } from './evaluate/landscape.ts';
import { digits, methodRows, methodText, placeScores, recallRows, recallText } from './evaluate/method-table.ts';
import { intoArtificial, scorePlace, scoreStable, type ScoreOptions } from './evaluate/place-score.ts';
import { maskedPairs, sharedData, taizhou, type Place } from './evaluate/place.ts';
import { ricePairs } from './evaluate/rice.ts';
import { countPlace, reliability, scoreAt, type Counts } from './evaluate/score.ts';
import { fourBands, stableSeries, stillPairs } from './evaluate/shared-places.ts';
import { networkSpeed } from './evaluate/speed.ts';

const valueOf = (flag: string): string | undefined => {
  const at = process.argv.indexOf(flag);
  return at > 0 ? process.argv[at + 1] : undefined;
};
const parts = ['cities', 'taizhou', 'series', 'rice', 'shift', 'int8', 'speed', 'simulated', 'fine'] as const;
const model = valueOf('--model') ?? 's2-change';
const fold = valueOf('--fold');
const only: readonly string[] = valueOf('--only')?.split(',') ?? parts;
const data = sharedData();
const isShared = existsSync(data);
const wants = (part: (typeof parts)[number]): boolean =>
  only.includes(part) && (part === 'simulated' || part === 'speed' || part === 'fine' || isShared);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
const training = new URL('../models/training/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'tianwatch-evaluate-'));

async function counted(places: readonly Place[], options: ScoreOptions): Promise<Counts[]> {
  const all: Counts[] = [];
  for (const place of places) {
    const one = countPlace(await scorePlace(place, options));
    all.push(one);
    const { precision, recall, f1 } = scoreAt([one], { method: 'fused', isFiltered: true }, 'own');
    say(
      `${one.name.padEnd(18)} fused, built or bare, as shipped: P ${digits(precision)} R ${digits(recall)} F1 ${digits(f1)}`,
    );
  }
  return all;
}

async function series(names: readonly string[]): Promise<Found['series']> {
  const found: Record<string, Awaited<ReturnType<typeof scoreStable>>> = {};
  for (const name of names) {
    const score = await scoreStable(stableSeries[name]!(data), { model });
    found[name] = score;
    say(
      `${name}: ${score.pairs} pairs, flagged of the observed ground: median ${percent(score.median)}, worst ${percent(score.worst)}; as built or bare, mean ${percent(score.artificialMean)}`,
    );
  }
  return found;
}

/** Evaluate what a fold left out and write the counts that `npm run evaluate` reads. */
async function evaluateFold(number: number): Promise<void> {
  const recipe = JSON.parse(readFileSync(new URL('recipe.json', training), 'utf8')) as {
    name: string;
    folds: string[][];
  };
  const left = recipe.folds[number] ?? [];
  const { card } = loadCard(model);
  const judge = openCoverJudge(data);
  const pairs = maskedPairs(data).filter(({ name }) => left.includes(name));
  const places = await counted(pairs, { model, isChange: intoArtificial, judge });
  judge?.close();
  const narrow = await counted(pairs.map(fourBands), { model, isChange: intoArtificial });
  const stable = await series(left.filter((name) => stableSeries[name] !== undefined));
  const path = new URL(`record/${recipe.name}-fold${number}-counts.json`, training).pathname;
  writeFold(path, {
    format: 'tianwatch-fold/1',
    model: card.id,
    fold: number,
    weightsSha256: card.weights.sha256,
    networkThreshold: Math.ceil((card.thresholds.network ?? 1) * 250 - 1e-6),
    places,
    fourBands: narrow,
    stable,
  });
  say(path);
}

async function cities(rows: Record<string, unknown>): Promise<Counts[]> {
  const judge = openCoverJudge(data);
  const places = await counted(maskedPairs(data), { model, isChange: intoArtificial, judge });
  judge?.close();
  rows['cities'] = methodRows(places);
  rows['recall'] = recallRows(places);
  rows['places'] = placeScores(places);
  say(`\n${places.length} masked cities, pooled pixels, model ${model}\n${methodText(methodRows(places))}`);
  say(`\nat equal recall, into built or bare\n${recallText(recallRows(places))}`);
  return places;
}

async function simulated(rows: Record<string, unknown>): Promise<Counts[]> {
  say('\nsimulated landscapes of test seeds, change of any kind');
  const wanted = {
    seeds: [1, 2, 3, 4, 5],
    size: Number(valueOf('--size') ?? 1024),
    folder: valueOf('--keep') ?? folder,
  };
  const places = await counted(await landscapePairs(wanted), { model, isChange: intoArtificial });
  rows['simulated'] = methodRows(places);
  rows['simulatedPlaces'] = placeScores(places);
  const { ece } = reliability(places, 'fused');
  rows['simulatedEce'] = ece;
  say(`\nSimulated landscapes, seeds 1-5, two Augusts\n${methodText(methodRows(places))}`);
  say(`expected calibration error of the fused probability: ${digits(ece)}`);
  return places;
}

async function evaluateAll(): Promise<void> {
  const rows: Record<string, unknown> = { model, weightsSha256: loadCard(model).card.weights.sha256 };
  const found: { -readonly [K in keyof Found]: Found[K] } = {
    folds: readFolds(new URL('record', training).pathname, 's2-change'),
    series: {},
    shifted: {},
  };
  if (!isShared) say('skipped: ../shared is absent; simulated landscapes, speed and committed folds alone');
  if (found.folds.length > 0) {
    const places = found.folds.flatMap((one) => one.places);
    rows['folds'] = { methods: methodRows(places), recall: recallRows(places), places: placeScores(places) };
    say(
      `from committed logs: ${found.folds.length} folds, each place judged by weights that never saw it\n${methodText(methodRows(places))}`,
    );
    say(`\nat equal recall, into built or bare\n${recallText(recallRows(places))}\n`);
  }
  if (wants('cities')) found.cities = await cities(rows);
  if (wants('int8') && found.cities) {
    say('\nthe same in 8 bits');
    const int8 = `${loadCard(model).card.id}-int8`;
    found.int8 = await counted(maskedPairs(data), { model: int8, isChange: intoArtificial });
    rows['int8'] = methodRows(found.int8);
  }
  if (wants('taizhou')) {
    found.taizhou = await counted(taizhou(data), { model, isChange: intoArtificial });
    rows['taizhou'] = methodRows(found.taizhou);
    say(`\nTaizhou, labelled pixels\n${methodText(methodRows(found.taizhou))}\n`);
  }
  if (wants('series')) rows['series'] = found.series = await series(Object.keys(stableSeries));
  const paddies = wants('rice') ? await ricePairs(data, folder) : null;
  if (paddies) {
    const { places, isCounted } = paddies;
    rows['rice'] = found.rice = await scoreStable(places, { model, isCounted });
    say(
      `An Giang paddies: ${found.rice.pairs} pairs, flagged: median ${percent(found.rice.median)}, worst ${percent(found.rice.worst)}; as built or bare, mean ${percent(found.rice.artificialMean)}`,
    );
  }
  if (wants('shift'))
    for (const shiftPx of [1, 2])
      found.shifted = { ...found.shifted, [shiftPx]: await scoreStable(stillPairs(data), { model, shiftPx }) };
  rows['shifted'] = found.shifted;
  if (wants('speed')) {
    rows['speed'] = found.speed = await networkSpeed(loadCard(model));
    rows['int8Speed'] = found.int8Speed = await networkSpeed(loadCard(`${loadCard(model).card.id}-int8`));
  }
  if (wants('simulated')) found.simulated = await simulated(rows);
  if (wants('fine')) {
    const { thresholds } = loadCard('gf-change').card;
    const wanted = { model: 'gf-change', seeds: [11, 12, 13], size: 1024, folder: valueOf('--keep') ?? folder };
    found.fine = await judgeFine({ ...wanted, networkThreshold: thresholds.network ?? thresholds.change });
    rows['fine'] = fineRows(found.fine);
    say(
      `\nSimulated landscapes at 2 m, two Augusts, seeds ${wanted.seeds.join(', ')}, gf-change\n${fineText(found.fine)}`,
    );
  }
  const goals = goalsOf(found);
  rows['goals'] = goals.map((goal) => ({ ...goal, reach: verdictOf(goal) }));
  say(`\n${goalText(goals)}`);
  const json = valueOf('--json');
  if (json !== undefined) writeFileSync(resolve(json), `${JSON.stringify(rows, null, 2)}\n`);
}

try {
  if (fold === undefined) await evaluateAll();
  else await evaluateFold(Number(fold));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
